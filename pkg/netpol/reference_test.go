package netpol_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// parts are what a reference was understood as.
func parts(r netpol.Reference) string {
	switch {
	case r.Internet:
		return "internet"
	case r.Range.IsValid():
		return r.Range.String()
	case r.Labels != nil:
		return r.Namespace + " " + labels.FormatLabels(r.Labels)
	default:
		return strings.TrimSpace(r.Type + " " + r.Namespace + " " + r.Name)
	}
}

func TestParseReference(t *testing.T) {
	for typed, want := range map[string]string{
		"web":                      "Pod dev web",
		"web.a-1":                  "Pod dev web.a-1",
		"shop/web":                 "Pod shop web",
		"pod/web":                  "Pod dev web",
		"PO/web":                   "Pod dev web",
		"deploy/web":               "Deployment dev web",
		"deployment.apps/web":      "Deployment dev web",
		"cronjob.batch/web":        "CronJob dev web",
		"sts/web":                  "StatefulSet dev web",
		"ds/web":                   "DaemonSet dev web",
		"rs/web":                   "ReplicaSet dev web",
		"job/web":                  "Job dev web",
		"cj/web":                   "CronJob dev web",
		"svc/web":                  "Service dev web",
		"node/n1.example.com":      "Node  n1.example.com",
		"ns/shop":                  "Namespace  shop",
		"shop/deploy/web":          "Deployment shop web",
		"deploy/shop/web":          "Deployment shop web",
		"pod/deploy/web":           "Deployment pod web", // the type in the middle wins
		"deploy/pod/web":           "Pod deploy web",
		"internet":                 "internet",
		"pod/internet":             "Pod dev internet",
		"pod/10.0.0.1":             "Pod dev 10.0.0.1",
		"10":                       "Pod dev 10",
		"10-1":                     "Pod dev 10-1",
		"10.0.0.1":                 "10.0.0.1/32",
		"10.0.0.9/24":              "10.0.0.0/24", // bits beyond the prefix do not count
		"0.0.0.0/0":                "0.0.0.0/0",
		"fd00::1":                  "fd00::1/128",
		"FD00::1":                  "fd00::1/128",
		"fd00::9/64":               "fd00::/64",
		"::":                       "::/128",
		"::/0":                     "::/0",
		"::ffff:10.0.0.1":          "10.0.0.1/32",
		"::ffff:10.0.0.9/120":      "10.0.0.0/24",
		"::ffff:0:0/95":            "::fffe:0:0/95", // more than IPv4
		"labels:app=web":           "dev app=web",
		"labels:ns=shop,app=web":   "shop app=web",
		"labels:app=web,ns=shop":   "shop app=web",
		"labels:ns=shop":           "shop <none>",
		"labels:example.com/a=,b=": "dev b=,example.com/a=",
	} {
		r, err := netpol.ParseReference(typed, "dev")
		if err != nil || parts(r) != want {
			t.Errorf("%s: %q, %v, want %q", typed, parts(r), err, want)
		}
		if r.String() != typed {
			t.Errorf("%s is shown as %s", typed, r)
		}
	}
}

func TestParseReferenceErrors(t *testing.T) {
	for typed, want := range map[string]string{
		"":                      "lacks a name: write TYPE/NAME",
		"/":                     "is no address or range",
		"deploy/":               "lacks a name",
		"shop/":                 "lacks a name",
		"/web":                  `"" is no name of a namespace`,
		"shop/deploy/":          "lacks a name",
		"shop/thing/web":        `there is no type "thing": write NAMESPACE/TYPE/NAME, as shop/deploy/web`,
		"a/b/c/d":               "too many parts",
		"shop/node/n1":          "a node is in no namespace: write node/n1",
		"ns/shop/web":           "a namespace is in no namespace: write namespace/web",
		"Web":                   `"Web" is no name of an object`,
		"a b":                   "is no name of an object",
		"\x1b[31m":              "is no name of an object",
		"a.b/web":               `"a.b" is no name of a namespace`,
		"Internet":              "is no name of an object",
		"127.0.0.1":             "is the loopback of every pod and node",
		"::1":                   "is the loopback of every pod and node",
		"10.0.0.256":            "is no address or range: write 10.0.0.1, 10.0.0.0/24",
		"010.0.0.1":             "is no address or range",
		"10.0.0":                "is no address or range",
		"10.0.0.0/33":           "is no address or range",
		"10.0.0.0/":             "is no address or range",
		"10.0.0.0/8/8":          "is no address or range",
		"10.0.0.1-10.0.0.9":     "is no address or range",
		"fd00::/129":            "is no address or range",
		"fe80::1%eth0":          "is no address or range",
		"[fd00::1]":             "is no address or range",
		"10.0.0.1:80":           "is no address or range",
		"web:80":                "is no address or range",
		"labels:":               `"" is not KEY=VALUE: write labels:ns=NAMESPACE,KEY=VALUE`,
		"labels:app":            `"app" is not KEY=VALUE`,
		"labels:=web":           `"=web" is not KEY=VALUE`,
		"labels:a=b,":           `"" is not KEY=VALUE`,
		"labels:a=b,a=c":        "names a twice",
		"labels:ns=a,ns=b":      "names ns twice",
		"labels:ns=":            `"" is no name of a namespace`,
		"labels:ns=A":           `"A" is no name of a namespace`,
		"labels:a=b, c=d":       " c=d is no label",
		"labels:a=b=c":          "a=b=c is no label",
		"labels:a/b/c=d":        "is no label",
		"labels:in (a,b)=value": `"in (a" is not KEY=VALUE`,
	} {
		r, err := netpol.ParseReference(typed, "dev")
		if err == nil {
			t.Errorf("%q is understood as %q", typed, parts(r))
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", typed, err, want)
		}
	}
	for _, typed := range []string{"web", "deploy/web", "labels:a=b"} {
		if _, err := netpol.ParseReference(typed, ""); err == nil {
			t.Errorf("%s without a namespace is understood", typed)
		}
	}
}

// FuzzParseReference checks that what is understood names one thing, and means
// the same when it is written in full.
func FuzzParseReference(f *testing.F) {
	for _, typed := range []string{"web", "shop/deploy/web", "10.0.0.9/24", "::ffff:10.0.0.0/104", "labels:ns=a,b=c", "internet", "node/n"} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		r, err := netpol.ParseReference(typed, "dev")
		if err != nil {
			return
		}
		if r.String() != typed {
			t.Fatalf("%q is shown as %q", typed, r)
		}
		full := "internet"
		switch {
		case r.Range.IsValid():
			if r.Range != r.Range.Masked() || r.Name != "" || r.Internet {
				t.Fatalf("%q: %+v", typed, r)
			}
			full = r.Range.String()
		case r.Labels != nil:
			full = "labels:ns=" + r.Namespace
			for key, value := range r.Labels {
				full += "," + key + "=" + value
			}
		case !r.Internet:
			full = strings.TrimPrefix(r.Namespace+"/"+r.Type+"/"+r.Name, "/")
		}
		again, err := netpol.ParseReference(full, "other")
		if diff := cmp.Diff(r, again, cmpopts.IgnoreUnexported(netpol.Reference{}), cmp.Comparer(labels.Equals), cmpopts.EquateComparable(r.Range)); err != nil || diff != "" {
			t.Fatalf("%q in full is %q: %v\n%s", typed, full, err, diff)
		}
	})
}

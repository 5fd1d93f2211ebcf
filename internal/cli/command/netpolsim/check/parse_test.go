package check

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

func TestRefused(t *testing.T) {
	tests := []struct{ name, fields, want string }{
		{"no source", "to: x/a", "field from is missing"},
		{"no destination", "from: x/a", "field to is missing"},
		{"two sources", "from: [x/a, x/b], to: x/a", "from: one endpoint is wanted: write an assertion for each"},
		{"a map", "from: {ns: x}, to: x/a", "want a text or a list of texts"},
		{"a blank source", "from: ['', x/a], to: x/a", "from: one endpoint is wanted"},
		{"a name that nothing can have", "from: x/A, to: x/a", `"A" is no name of an object`},
		{"a blank before a name", "from: ' x/a', to: x/a", "is no name of a namespace"},
		{"an unknown type", "from: x/thing/a, to: x/a", `there is no type "thing"`},
		{"an address that is none", "from: 10.0.0.300, to: x/a", "is no address or range"},
		{"a loopback address", "from: x/a, to: 127.0.0.1", "no policy sees it"},
		{"a pod without a namespace", "from: a, to: x/a", `from: "a" names no namespace: write NAMESPACE/pod/a, or type --namespace`},
		{"a workload without a namespace", "from: x/a, to: deploy/a", `to: "deploy/a" names no namespace: write NAMESPACE/deployment/a`},
		{"labels without a namespace", "from: 'labels:app=a', to: x/a", "names no namespace: add ns=NAMESPACE"},
		{"a Service as source", "from: x/svc/a, to: x/a", "a Service sends nothing"},
		{"an Ingress as destination", "from: x/a, to: x/ingress/a", "it cannot be the destination"},
		{"an unknown expectation", "from: x/a, to: x/b, expect: maybe", `expect: "maybe" is neither allow nor deny`},
		{"an expectation in capitals", "from: x/a, to: x/b, expect: Allow", `expect: "Allow" is neither`},
		{"two expectations", "from: x/a, to: x/b, expect: [allow, deny]", `expect: "allow, deny" is neither`},
		{"true", "from: x/a, to: x/b, expect: true", `expect: "true" is neither`},
		{"port 0", "from: x/a, to: x/b, port: 0", `port: "0": "0" is no port: it must be between 1 and 65535`},
		{"a large port", "from: x/a, to: x/b, ports: [80, 65536]", `"65536" is no port`},
		{"a negative port", "from: x/a, to: x/b, port: -80", "is no port"},
		{"a fraction", "from: x/a, to: x/b, port: 80.5", "is no port"},
		{"a misspelt protocol", "from: x/a, to: x/b, port: 80/tpc", `"tpc" is none of TCP, UDP and SCTP`},
		{"a range that ends before it begins", "from: x/a, to: x/b, port: 90-80", "ends before it begins"},
		{"ports in a word", "from: x/a, to: x/b, port: '80,81'", `"80,81" is no port`},
		{"a blank port", "from: x/a, to: x/b, ports: [80, ~]", `"" is no port`},
		{"many ports", "from: x/a, to: x/b, ports: [" + strings.Repeat("80, ", 65) + "]", "more than 64"},
		{"a list for a text", "from: x/a, to: x/b, why: [a]", "cannot unmarshal"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseAll("f", []byte("- {from: x/a, to: x/b}\n- {"+tt.fields+"}"), "", netpol.Question{})
			if err == nil || !strings.HasPrefix(err.Error(), "f:2: assertion 2: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one of assertion 2 with %q", err, tt.want)
			}
			if code := fault.Code(err); code != fault.ExitUsage {
				t.Errorf("exit code %d, want %d", code, fault.ExitUsage)
			}
		})
	}
}

func TestParsed(t *testing.T) {
	for _, tt := range []struct{ fields, want string }{
		{"from: x/a, to: x/b", "x/a x/b  "},
		{"from: a, to: deploy/b, expect: deny", "a deploy/b  deny"}, // of -n
		{"from: n, to: y/no, port: 80", "n y/no 80/TCP "},
		{"from: x/a, to: x/b, port: 53/udp, expect: allow", "x/a x/b 53/UDP allow"},
		{"from: x/a, to: x/b, port: [http, 1000-1010, ICMP, metrics/TCP], ports: 8080", "x/a x/b http,1000-1010/TCP,ICMP,metrics/TCP,8080/TCP "},
		{"from: internet, to: 'labels:ns=x,app=b'", "internet labels:ns=x,app=b  "},
		{"from: 'fd00::1', to: 10.0.0.0/8", "fd00::1 10.0.0.0/8  "},
	} {
		all, err := parseAll("f", []byte("- {"+tt.fields+"}"), "shop", netpol.Question{Family: netpol.IPv6})
		if err != nil {
			t.Errorf("%s: %v", tt.fields, err)
			continue
		}
		a := all[0]
		if got := fmt.Sprint(a.From, " ", a.To, " ", a.port, " ", a.Expect); got != tt.want || a.Family != netpol.IPv6 || a.line != 1 {
			t.Errorf("%s: %q of IPv%d in line %d, want %q", tt.fields, got, a.Family, a.line, tt.want)
		}
	}
}

// The namespace of -n is that of names which have none, and of no others.
func TestNamespaceOfTheCommandLine(t *testing.T) {
	all, err := parseAll("f", []byte("- {from: a, to: x/b}\n- {from: 'labels:app=a', to: deploy/b}"), "shop", netpol.Question{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range all {
		got = append(got, a.From.Namespace+" "+a.To.Namespace)
	}
	if diff := cmp.Diff([]string{"shop x", "shop shop"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzAssertions looks for panics, for errors that do not blame the file, and
// for assertions that no endpoint or port is part of.
func FuzzAssertions(f *testing.F) {
	for _, seed := range []string{
		"- {from: shop/web, to: shop/svc/api, port: 80, expect: allow, why: x}", "from: internet\nto: 10.0.0.0/8\n---\nfrom: a/b\nto: c/d",
		"{\"from\":\"a/b\",\"to\":\"c/d\",\"ports\":[80,\"53/UDP\",\"icmp\"]}\n{\"from\":\"labels:ns=x,a=b\",\"to\":\"::1\"}",
		"- &a {from: x/a, to: x/b, expect: deny}\n- *a", "- {from: node/n, to: ns/x, port: [http, 1-65535/SCTP]}", "- {from: ~, to: 7}", "- {from: *x}", "[]", "{}", "\xff\xfe",
	} {
		f.Add(seed, "")
		f.Add(seed, "shop")
	}
	f.Fuzz(func(t *testing.T, data, namespace string) {
		if namespace != "" {
			namespace = "shop"
		}
		all, err := parseAll("f", []byte(data), namespace, netpol.Question{})
		switch {
		case err != nil && (fault.Code(err) != fault.ExitUsage || !strings.HasPrefix(err.Error(), "f:") || strings.Contains(err.Error(), "\n")):
			t.Errorf("error %q does not blame the file in a line", err)
		case err == nil && len(all) == 0:
			t.Error("no assertions, and no error")
		}
		for _, a := range all {
			if a.From.String() == "" || a.To.String() == "" || a.From.Type == "Service" || a.To.IsEntry() || (a.port == "") != (len(a.Ports)+len(a.Names) == 0) {
				t.Errorf("%+v asks for nothing", a)
			}
			for _, ref := range []netpol.Reference{a.From, a.To} {
				if ref.Type != "" && (ref.Name == "" || ref.Namespace == "" && ref.Type != "Node" && ref.Type != "Namespace") {
					t.Errorf("%+v names nothing", ref)
				}
			}
		}
	})
}

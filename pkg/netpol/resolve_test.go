package netpol_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

func reference(t testing.TB, typed string) netpol.Reference {
	t.Helper()
	r, err := netpol.ParseReference(typed, "x")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// named lists endpoints; one of several addresses that is there by some of
// them with these.
func named(endpoints []*netpol.Endpoint) []string {
	var names []string
	for _, e := range endpoints {
		names = append(names, e.String())
	}
	return names
}

// owned writes a pod of namespace x with a controller.
func owned(name, kind, owner, labels, phase string) string {
	return fmt.Sprintf("---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: x, labels: {%s}, ownerReferences: [{apiVersion: v1, kind: %s, name: %s, uid: u, controller: true}]}\n"+
		"spec: {containers: [{name: c, image: i}]}\nstatus: {phase: %s}\n", name, labels, kind, owner, phase)
}

// workload writes an object with a template in namespace x, labelled app=NAME.
func workload(kind, name, more, spec string) string {
	group := map[string]string{"Job": "batch/v1", "CronJob": "batch/v1"}[kind]
	if group == "" {
		group = "apps/v1"
	}
	template := fmt.Sprintf("{metadata: {labels: {app: %s}}, spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}]}]}}", name)
	if kind == "CronJob" {
		return fmt.Sprintf("---\napiVersion: %s\nkind: %s\nmetadata: {name: %s, namespace: x}\nspec: {jobTemplate: {spec: {template: %s}}}\n", group, kind, name, template)
	}
	return fmt.Sprintf("---\napiVersion: %s\nkind: %s\nmetadata: {name: %s, namespace: x%s}\nspec: {%s template: %s}\n", group, kind, name, more, spec, template)
}

func controlledBy(kind, name string) string {
	return fmt.Sprintf(", ownerReferences: [{apiVersion: v1, kind: %s, name: %s, uid: u, controller: true}]", kind, name)
}

func TestResolve(t *testing.T) {
	deploy, rs := workload("Deployment", "web", "", ""), workload("ReplicaSet", "web-5f", controlledBy("Deployment", "web"), "")
	pods := owned("web-5f-a", "ReplicaSet", "web-5f", "pod-template-hash: 5f", "Running") + owned("web-5f-b", "ReplicaSet", "web-5f", "pod-template-hash: 5f", "Pending")
	cron, job := workload("CronJob", "backup", "", ""), workload("Job", "backup-29", controlledBy("CronJob", "backup"), "")
	run := owned("backup-29-x", "Job", "backup-29", "a: b", "Running")
	running := []string{"pod/x/web-5f-a", "pod/x/web-5f-b"}
	for _, c := range []struct {
		name, manifests, ask string
		want                 []string
	}{
		{"pods of a Deployment", deploy + rs + pods, "deploy/web", running},
		{"without the ReplicaSet", deploy + pods, "deploy/web", running},
		{"without the Deployment", rs + pods, "deploy/web", running},
		{"pods alone", pods, "deploy/web", running},
		{"of the ReplicaSet", deploy + rs + pods, "rs/web-5f", running},
		{"of the ReplicaSet that is missing", pods, "rs/web-5f", running},
		{"an old ReplicaSet is no other workload", deploy + rs + workload("ReplicaSet", "web-4e", controlledBy("Deployment", "web"), "replicas: 0,") + pods, "ns/x", running},
		{"a ReplicaSet of its own", workload("ReplicaSet", "web-5f", "", "") + pods, "rs/web-5f", running},
		{"a template without pods", deploy, "deploy/web", []string{"x/Deployment/web"}},
		{"scaled to zero", workload("StatefulSet", "db", "", "replicas: 0,"), "sts/db", []string{"x/StatefulSet/db"}},
		{"pods that have ended do not count", deploy + owned("web-5f-a", "ReplicaSet", "web-5f", "pod-template-hash: 5f", "Failed"), "deploy/web", []string{"x/Deployment/web"}},
		{"an operator's Deployment", workload("Deployment", "web", controlledBy("Kafka", "k"), ""), "deploy/web", []string{"x/Deployment/web"}},
		{"a DaemonSet", workload("DaemonSet", "log", "", "") + owned("log-1", "DaemonSet", "log", "a: b", "Running"), "ds/log", []string{"pod/x/log-1"}},
		{"of a CronJob", cron + job + run, "cj/backup", []string{"pod/x/backup-29-x"}},
		{"of its Job", cron + job + run, "job/backup-29", []string{"pod/x/backup-29-x"}},
		{"without the Job", cron + run, "cj/backup", []string{"pod/x/backup-29-x"}},
		{"without the CronJob", job + run, "cj/backup", []string{"pod/x/backup-29-x"}},
		{"a CronJob between runs", cron + job + owned("backup-29-x", "Job", "backup-29", "a: b", "Succeeded"), "cj/backup", []string{"x/CronJob/backup"}},
		{"a Job that a CronJob of the name did not make", workload("CronJob", "backup", "", "") + workload("Job", "backup-29", "", "") + run, "cj/backup", []string{"x/CronJob/backup"}},
		{"a namespace", deploy + pods + cron, "ns/x", []string{"pod/x/web-5f-a", "pod/x/web-5f-b", "x/CronJob/backup"}},
		{"a pod", pods, "web-5f-b", []string{"pod/x/web-5f-b"}},
		{"labels", pods, "labels:ns=x,a=b", []string{"a pod in x labelled a=b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := clusterOf(t, c.manifests).Resolve(reference(t, c.ask))
			if diff := cmp.Diff(c.want, named(found)); diff != "" || err != nil {
				t.Errorf("%s: %v\n%s", c.ask, err, diff)
			}
		})
	}
}

func TestResolveNothing(t *testing.T) {
	c := clusterOf(t, abc()+clusterOther()+owned("done", "Job", "once", "a: b", "Succeeded")+owned("custom", "Rollout", "roll", "a: b", "Running")+
		jobThatEnded()+workload("Deployment", "a", "", "")+service("web", "selector: {app: a}, ports: [{port: 80}]"))
	for ask, want := range map[string]string{
		"done":          "pod done in namespace x has ended (Succeeded): it neither sends nor receives",
		"job/once":      "job once in namespace x has no pods that run or will",
		"ns/empty":      "there are no pods in namespace empty",
		"ns/nowhere":    "there is no namespace nowhere",
		"node/n9":       "there is no node n9",
		"z/a":           "there is no pod a in namespace z; x/pod/a",
		"only":          "there is no pod only in namespace x; v/pod/only",
		"sts/a":         "there is no statefulset a in namespace x; x/pod/a x/deployment/a",
		"deploy/web":    "there is no deployment web in namespace x; x/service/web",
		"v/deploy/a":    "there is no deployment a in namespace v; x/deployment/a",
		"deploy/roll":   "there is no deployment roll in namespace x", // a Rollout cannot be named
		"svc/web":       "svc/web: a Service has no end of its own: name the pods behind it",
		"a-5f-gone":     "there is no pod a-5f-gone in namespace x; x/deployment/a",
		"z/a-5f-gone":   "there is no pod a-5f-gone in namespace z",
		"web-gone":      "there is no pod web-gone in namespace x", // a Service has no pods
		"deploy/nobody": "there is no deployment nobody in namespace x",
		"svc/wbe":       "svc/wbe: a Service has no end of its own: name the pods behind it",
		"v/onli":        "there is no pod onli in namespace v; v/pod/only",
		"v/deploy/onli": "there is no deployment onli in namespace v", // of its type only
	} {
		found, err := c.Resolve(reference(t, ask))
		if err == nil {
			t.Errorf("%s is %v", ask, named(found))
			continue
		}
		got := err.Error()
		if missing, ok := errors.AsType[*netpol.NotFoundError](err); ok && len(missing.Similar) > 0 {
			got += "; " + strings.Join(missing.Similar, " ")
			for _, ref := range missing.Similar {
				if r := reference(t, ref); r.Type != "Service" {
					if _, err := c.Resolve(r); err != nil {
						t.Errorf("%s is proposed, but %v", ref, err)
					}
				}
			}
		}
		if got != want {
			t.Errorf("%s: %s\nwant %s", ask, got, want)
		}
	}
	if _, err := c.Service(reference(t, "v/svc/web")); err == nil || !strings.Contains(fmt.Sprint(err), "no service web in namespace v") {
		t.Errorf("a Service of another namespace: %v", err)
	}
}

func clusterOther() string {
	return "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: empty}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: only, namespace: v}\nspec: {containers: [{name: c, image: i}]}\n"
}

func jobThatEnded() string {
	return "---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: once, namespace: x}\nspec: {template: {spec: {containers: [{name: c, image: i}]}}}\nstatus: {conditions: [{type: Complete, status: \"True\"}]}\n"
}

// service writes a Service of namespace x; the spec is YAML in one line.
func service(name, spec string) string {
	return fmt.Sprintf("---\napiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: x}\nspec: {%s}\n", name, spec)
}

package generate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/generate"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func TestReasonsAndProof(t *testing.T) {
	r := generated(t, pod("x/a", "10.0.0.1", "")+pod("x/b-0", "10.0.0.2", "")+pod("x/b-1", "10.0.0.3", ""), generate.Options{}, "a b-0 80", "b-0 a 443")
	type line struct {
		Policy, Path string
		Reason       generate.Reason
	}
	var got []line
	for _, p := range r.Policies {
		for _, path := range p.Paths() {
			got = append(got, line{p.Object.Name, path, p.Reasons[path]})
		}
	}
	want := []line{
		{"a-allow", "spec.ingress[0]", generate.Reason{Flows: 1, Count: 3}},
		{"a-allow", "spec.egress[0]", generate.Reason{Flows: 1, Count: 3}},
		{"a-allow", "spec.egress[1]", generate.Reason{Flows: 2, DNS: true}},
		{"b-allow", "spec.ingress[0]", generate.Reason{Flows: 1, Count: 3}},
		{"b-allow", "spec.egress[0]", generate.Reason{Flows: 1, Count: 3}},
		{"b-allow", "spec.egress[1]", generate.Reason{Flows: 4, DNS: true}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// 2 flows and 3 pods × UDP and TCP; 2 × 2 parts for flows, 2 × 2 for names.
	if r.Flows != 8 || r.Parts != 8 || r.Beyond.Replicas != 2 || len(r.Beyond.Wider) > 0 {
		t.Errorf("%d flows, %d parts, beyond %+v", r.Flows, r.Parts, r.Beyond)
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "k8s-app=kube-dns") {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestLeftAndClosed(t *testing.T) {
	r := generated(t, pod("x/a", "10.0.0.1", "")+pod("x/idle", "10.0.0.7", "")+pod("y2/b", "10.0.0.2", "")+pod("y2/c", "10.0.0.3", ""), generate.Options{NoDNS: true},
		"a a 80", "a y2/b icmp", "y2/b y2/c 80", "y2/c y2/b 80", "a y2/b 80")
	want := []generate.Left{
		{Reason: "a pod always reaches itself", Flows: 1, Examples: []string{"pod/x/a to pod/x/a on 80/TCP"}},
		{Reason: "neither end is a workload that policies are generated for", Flows: 2, Examples: []string{"pod/y2/b to pod/y2/c on 80/TCP", "pod/y2/c to pod/y2/b on 80/TCP"}},
		{Reason: "policies are about TCP, UDP and SCTP only", Flows: 1, Examples: []string{"pod/x/a to pod/y2/b on ICMP"}},
	}
	if diff := cmp.Diff(want, r.Left); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(r.Closed) != 1 || r.Closed[0].String() != "x/pod/idle" {
		t.Errorf("closed %v", r.Closed)
	}
}

// TestExisting tells policies that can be deleted from those that cannot.
func TestExisting(t *testing.T) {
	manifests := pod("x/a", "10.0.0.1", "") + pod("x/b", "10.0.0.2", "") + pod("x/c", "10.0.0.3", "") +
		object("NetworkPolicy", "x", "deny", "{podSelector: {}}") +
		object("NetworkPolicy", "x", "of-a", "{podSelector: {matchLabels: {app: a}}, ingress: [{}]}") +
		object("NetworkPolicy", "x", "of-all", "{podSelector: {}, ingress: [{ports: [{port: 9}]}]}") +
		object("NetworkPolicy", "x", "of-c", "{podSelector: {matchLabels: {app: c}}, ingress: [{}]}") +
		object("NetworkPolicy", "x", "out-of-b", "{podSelector: {matchLabels: {app: b}}, policyTypes: [Egress], egress: [{}]}")
	c := manifestsOf(t, manifests)
	names := func(refs []snapshot.Ref) string {
		var list []string
		for _, r := range refs {
			list = append(list, r.Name)
		}
		return strings.Join(list, " ")
	}
	for _, tt := range []struct {
		name                string
		directions          []netpol.Direction
		replace             bool
		superfluous, others string
	}{
		{"both directions", both(), false, "of-a out-of-b", "of-all"},
		{"ingress", []netpol.Direction{netpol.Ingress}, false, "of-a", "of-all out-of-b"},
		{"replaced", both(), true, "of-a out-of-b", "of-all"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := draft.New(c)
			subjects := []*draft.Unit{d.Unit(c.Pod("x", "a")), d.Unit(c.Pod("x", "b"))}
			o := generate.Options{Subjects: subjects, Directions: tt.directions, NoDNS: true, Replace: tt.replace}
			r, err := generate.Generate(c, d, flowsOf(t, c, []string{"b a 80"}), o)
			if err != nil {
				t.Fatal(err)
			}
			if names(r.Superfluous) != tt.superfluous || names(r.Others) != tt.others {
				t.Errorf("superfluous %s, others %s", names(r.Superfluous), names(r.Others))
			}
			open := slices.ContainsFunc(r.Beyond.Existing, func(o generate.Opening) bool {
				return o.From == "x/pod/c" && o.To == "x/pod/a" && o.Ports.From <= 1000 && 1000 <= o.Ports.To
			})
			if open == tt.replace {
				t.Errorf("what exists allows beside the new: %+v", r.Beyond.Existing)
			}
			if !slices.ContainsFunc(r.Beyond.Existing, func(o generate.Opening) bool {
				return o.From == "x/pod/c" && o.To == "x/pod/a" && o.Ports.From <= 9 && 9 <= o.Ports.To
			}) {
				t.Errorf("port 9 stays open: %+v", r.Beyond.Existing)
			}
		})
	}
}

// TestUnmet has flows that something else denies.
func TestUnmet(t *testing.T) {
	r := generated(t, pod("x/a", "10.0.0.1", "")+pod("y2/b", "10.0.0.2", "")+object("NetworkPolicy", "y2", "deny", "{podSelector: {}}"), generate.Options{NoDNS: true}, "a y2/b 80")
	if len(r.Unmet) != 1 || r.Flows != 0 {
		t.Fatalf("%d flows are allowed, unmet %+v", r.Flows, r.Unmet)
	}
	u := r.Unmet[0]
	if u.Today != netpol.Denied || u.Verdict != netpol.Denied || u.Why != "ingress of pod/y2/b is denied by y2/deny" {
		t.Errorf("unmet %+v", u)
	}
	if r.Parts != 1 {
		t.Errorf("the rule is needed all the same: %d parts", r.Parts)
	}
}

// TestUnproven has a node with two addresses: which one is used is not known.
func TestUnproven(t *testing.T) {
	r := generated(t, pod("x/a", "10.0.0.1", "")+"{apiVersion: v1, kind: Node, metadata: {name: n2}, status: {addresses: [{type: InternalIP, address: 192.168.0.2}, {type: ExternalIP, address: 203.0.113.2}]}}\n",
		generate.Options{NoDNS: true}, "node/n2 a 80")
	if r.Parts != 0 || r.Unproven != 2 || len(r.Unmet) != 1 || r.Unmet[0].Today != netpol.Allowed || r.Unmet[0].Verdict != netpol.Undefined {
		t.Errorf("%d parts, %d unproven, unmet %+v", r.Parts, r.Unproven, r.Unmet)
	}
}

func TestSelectable(t *testing.T) {
	c := manifestsOf(t, pod("x/a", "10.0.0.1", "")+pod("x/h", "10.0.0.2", host)+
		"{apiVersion: v1, kind: Pod, metadata: {name: bare, namespace: x}, spec: {containers: [{name: c, image: i}]}}\n---\n"+
		"{apiVersion: v1, kind: Pod, metadata: {name: one, namespace: x, labels: {run: t}}, spec: {containers: [{name: c, image: i}]}}\n---\n"+
		"{apiVersion: v1, kind: Pod, metadata: {name: two, namespace: x, labels: {run: t, more: m}}, spec: {containers: [{name: c, image: i}]}}\n---\n")
	d := draft.New(c)
	check := func(units []*draft.Unit, want ...string) {
		t.Helper()
		subjects, refused := generate.Selectable(d, units)
		var got []string
		for _, u := range subjects {
			got = append(got, u.Name)
		}
		if diff := cmp.Diff(want, append(got, refused...)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	bare, hosted := "x/pod/bare has no label: no policy can select it alone", "x/pod/h uses the network of its nodes, where policies do not apply"
	check(d.Units("x"), "Pod/a", "Pod/one", "Pod/two", bare, hosted)
	check([]*draft.Unit{d.Unit(c.Pod("x", "one"))}, "x/pod/one has no label that x/pod/two lacks: a policy for it would isolate that, too")
	check([]*draft.Unit{d.Unit(c.Pod("x", "two"))}, "Pod/two")
}

// TestShared has workloads that select each other's pods: each part is needed
// all the same.
func TestShared(t *testing.T) {
	r := generated(t, "{apiVersion: v1, kind: Pod, metadata: {name: one, namespace: x, labels: {run: t}}, spec: {containers: [{name: c, image: i}]}}\n---\n"+
		"{apiVersion: v1, kind: Pod, metadata: {name: two, namespace: x, labels: {run: t, more: m}}, spec: {containers: [{name: c, image: i}]}}\n---\n"+pod("y2/b", "10.0.0.9", ""),
		generate.Options{NoDNS: true}, "one y2/b 80", "two y2/b 80")
	if r.Parts != 1 || len(r.Policies[1].Object.Spec.Egress) != 0 {
		t.Errorf("the policy of one covers both: %d parts, %s", r.Parts, textOf(r))
	}
	if len(r.Notes) != 1 || r.Notes[0] != "the labels of x/pod/one select other pods too: pod/x/two" {
		t.Errorf("notes %q", r.Notes)
	}
}

// TestAgain generates policies a second time: they are applied over the first.
func TestAgain(t *testing.T) {
	c := manifestsOf(t, pod("x/a", "10.0.0.1", "")+pod("x/b", "10.0.0.2", "")+object("NetworkPolicy", "x", "b-allow", "{podSelector: {matchLabels: {other: pod}}}"))
	for _, port := range []string{"80", "443"} {
		d := draft.New(c)
		r, err := generate.Generate(c, d, flowsOf(t, c, []string{"a b " + port}), generate.Options{Subjects: d.Units("x"), Directions: both(), NoDNS: true})
		if err != nil {
			t.Fatal(err)
		}
		want := "x/a-allow [Ingress Egress] app=a: to app=b on PORT/TCP;\nx/b-allow-2 [Ingress Egress] app=b: from app=a on PORT/TCP;\n"
		if diff := cmp.Diff(strings.ReplaceAll(want, "PORT", port), textOf(r)); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		if len(r.Superfluous)+len(r.Others)+len(r.Beyond.Existing) > 0 {
			t.Errorf("port %s: superfluous %v, others %v, open %v", port, r.Superfluous, r.Others, r.Beyond.Existing)
		}
		var objects []snapshot.Object
		for _, p := range r.Policies {
			objects = append(objects, p.Object)
		}
		if c, err = c.With(objects); err != nil {
			t.Fatal(err)
		}
	}
}

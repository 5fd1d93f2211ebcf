package suite

import (
	"fmt"
	"testing"
	"time"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/test/packets/lab"
	"github.com/kubectl-secure/kubectl-secure/test/packets/queue"
)

// TestControls breaks what decides about packets, and demands that the
// comparison sees just that: what agrees with everything proves nothing.
func TestControls(t *testing.T) {
	right := newWorld()
	right.apply(policies(t, `[{metadata: {namespace: x, name: deny}, spec: {podSelector: {}, policyTypes: [Ingress, Egress], ingress: []}}]`)...)
	tests := []struct {
		name     string
		sabotage func(*testing.T, *lab.Lab)
		wrong    func(want) bool
		patience time.Duration // for what is wrong, where silence is
	}{
		{"policies of nobody", through(newRules, newWorld()), func(w want) bool { return !w.allowed }, 0},
		{"a policy too many", through(newRules, denied()), func(w want) bool { return w.allowed && !w.self() }, 0},
		{"one direction is lost", through(newRules, only(right, networkingv1.PolicyTypeIngress)), func(w want) bool { return !w.allowed && !isX(w.to) }, 0},
		{"the queue lets all pass", judged(right, new(true)), func(w want) bool { return !w.allowed }, 0},
		{"the queue lets nothing pass", judged(right, new(false)), func(w want) bool { return w.allowed && !w.self() }, 0},
		{"nobody listens at the queue", unheard, func(w want) bool { return !w.self() }, 50 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l, ends := build(t, newWorld())
			tt.sabotage(t, l)
			var parts []end
			for _, e := range ends {
				if isPod(e) && (isX(e.host) || e.name == "y/a" || e.name == "z/a") {
					parts = append(parts, e)
				}
			}
			r := &runner{ends: parts}
			all, _ := r.wants(right.engine(t), nil)
			var wants, silent []want
			for _, w := range all {
				if tt.patience > 0 && tt.wrong(w) {
					silent = append(silent, w)
				} else {
					wants = append(wants, w)
				}
			}
			results := append(l.Try(probesOf(wants)), l.TryFor(probesOf(silent), tt.patience, 1)...)
			wants = append(wants, silent...)
			var expected int
			for i, w := range wants {
				differ := len(differences(wants[i:i+1], results[i:i+1])) > 0
				if differ != tt.wrong(w) {
					t.Errorf("%s, allowed=%t, was %v: the comparison says differ=%t", w, w.allowed, results[i], differ)
				}
				if differ {
					expected++
				}
			}
			if got := len(differences(wants, results)); got != expected || got == 0 {
				t.Errorf("%d differences together, %d one by one", got, expected)
			}
			t.Logf("%d of %d connections differ", expected, len(wants))
		})
	}
}

func isX(h *lab.Host) bool { return matches("x/*", h.Name) }

// denied is a world where nothing passes.
func denied() *world {
	w := newWorld()
	for _, ns := range w.namespaces {
		np := &networkingv1.NetworkPolicy{}
		np.Namespace, np.Name = ns.Name, "deny"
		np.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}
		w.apply(np)
	}
	return w
}

func only(w *world, d networkingv1.PolicyType) *world {
	half := newWorld()
	for _, np := range w.policies {
		np = np.DeepCopy()
		np.Spec.PolicyTypes = []networkingv1.PolicyType{d}
		half.apply(np)
	}
	return half
}

func through(open func(*testing.T, *lab.Host) enforcer, w *world) func(*testing.T, *lab.Lab) {
	return func(t *testing.T, l *lab.Lab) {
		t.Helper()
		enforce(t, l, open(t, l.Router), w)
	}
}

func judged(w *world, always *bool) func(*testing.T, *lab.Lab) {
	return func(t *testing.T, l *lab.Lab) {
		t.Helper()
		j := newJudge(t, l.Router).(judge)
		j.Override(always)
		enforce(t, l, j, w)
	}
}

func unheard(t *testing.T, l *lab.Lab) {
	t.Helper()
	if err := queue.Load(l.Router.Namespace()); err != nil {
		t.Fatal(err)
	}
}

// TestDecisions: packets that pass the queue unasked, that it decides wrongly,
// or that nobody sent must be reported, whatever became of the connections.
func TestDecisions(t *testing.T) {
	w := newWorld()
	l, ends := build(t, w)
	j := newJudge(t, l.Router).(judge)
	enforce(t, l, j, w)
	k := kind{netpol.Protocols()[0], 80, netpol.IPv4}
	node, a, b := named(ends, "node1"), named(ends, "x/a"), named(ends, "x/b")
	asked := want{probe: probe(a, b, k), to: b.host, allowed: true}
	for name, tt := range map[string]struct {
		sent   []lab.Probe
		wants  []want
		result func([]lab.Result)
		wrong  int
	}{
		"as it should be":   {sent: []lab.Probe{asked.probe}, wants: []want{asked}},
		"decided wrongly":   {sent: []lab.Probe{asked.probe}, wants: []want{{probe: asked.probe, to: b.host}}, wrong: 1},
		"never asked about": {sent: []lab.Probe{probe(node, b, k)}, wants: []want{asked}, wrong: 1},
		"of nobody":         {sent: []lab.Probe{asked.probe, asked.probe}, wants: []want{asked}, wrong: 1},
		"of a pod to itself": {
			sent: []lab.Probe{asked.probe}, wants: []want{{probe: asked.probe, to: a.host, allowed: true}}, wrong: 1,
		},
	} {
		results := l.Try(tt.sent)
		if wrong := j.decisions(tt.wants, results); len(wrong) != tt.wrong {
			t.Errorf("%s: %v, want %d", name, wrong, tt.wrong)
		}
	}
}

// TestDifferences is about the comparison alone.
func TestDifferences(t *testing.T) {
	b := &lab.Host{Name: "b"}
	for _, tt := range []struct {
		allowed, closed bool
		result          lab.Result
		right           bool
	}{
		{allowed: true, result: lab.Result{Fate: lab.Answered, Answer: "b"}, right: true},
		{allowed: true, result: lab.Result{Fate: lab.Answered, Answer: "c"}},
		{allowed: true, result: lab.Result{Fate: lab.Refused}},
		{allowed: true, result: lab.Result{Fate: lab.Rejected}},
		{allowed: true, result: lab.Result{Fate: lab.Lost}},
		{allowed: true, closed: true, result: lab.Result{Fate: lab.Refused}, right: true},
		{allowed: true, closed: true, result: lab.Result{Fate: lab.Answered, Answer: "b"}, right: true},
		{allowed: true, closed: true, result: lab.Result{Fate: lab.Answered, Answer: "c"}},
		{allowed: true, closed: true, result: lab.Result{Fate: lab.Rejected}},
		{result: lab.Result{Fate: lab.Rejected}, right: true},
		{result: lab.Result{Fate: lab.Refused}},
		{result: lab.Result{Fate: lab.Lost}},
		{result: lab.Result{Fate: lab.Answered, Answer: "b"}},
		{closed: true, result: lab.Result{Fate: lab.Refused}},
	} {
		w := want{probe: lab.Probe{From: &lab.Host{Name: "a"}}, to: b, allowed: tt.allowed, closed: tt.closed}
		if got := differences([]want{w}, []lab.Result{tt.result}); (len(got) == 0) != tt.right {
			t.Errorf("%s: %v", fmt.Sprint(tt), got)
		}
	}
}

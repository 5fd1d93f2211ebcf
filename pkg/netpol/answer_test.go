package netpol_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// caseQuestion is a question of a case.yaml, in the words of the command line.
type caseQuestion struct {
	From    string         `json:"from"`
	To      string         `json:"to"`
	Ports   []string       `json:"ports"`
	Family  netpol.Family  `json:"family"`
	Verdict netpol.Verdict `json:"verdict"`
	Flows   []string       `json:"flows"` // all of them
	Says    string         `json:"says"`  // is in the doubts or notes
}

func (q *caseQuestion) check(t *testing.T, c *netpol.Cluster) {
	t.Helper()
	a := ask(t, c, q.From, q.To, q.Family, q.Ports...)
	text := answerText(a)
	if a.Verdict != q.Verdict || !strings.Contains(text, q.Says) {
		t.Errorf("%s to %s %v, want %s, saying %q\n%s", q.From, q.To, q.Ports, q.Verdict, q.Says, text)
	}
	if diff := cmp.Diff(q.Flows, flowTexts(a)); q.Flows != nil && diff != "" {
		t.Errorf("%s to %s %v (-want +got):\n%s", q.From, q.To, q.Ports, diff)
	}
}

func ask(t testing.TB, c *netpol.Cluster, from, to string, family netpol.Family, ports ...string) *netpol.Answer {
	t.Helper()
	q := netpol.Question{From: reference(t, from), To: reference(t, to), Family: family}
	for _, typed := range ports {
		ranges, err := netpol.ParsePort(typed)
		if err != nil {
			t.Fatal(err)
		}
		q.Ports = append(q.Ports, ranges...)
	}
	a, err := c.Answer(q)
	if err != nil {
		t.Fatalf("%s to %s: %v", from, to, err)
	}
	checkAnswer(t, a)
	return a
}

// checkAnswer checks what holds of every answer.
func checkAnswer(t testing.TB, a *netpol.Answer) {
	t.Helper()
	if (a.Verdict == netpol.Undefined) != (len(a.Doubts) > 0) {
		t.Fatalf("the verdict must be open if and only if there are doubts:\n%s", answerText(a))
	}
	for _, f := range a.Flows {
		open := slices.ContainsFunc(f.Ports, func(o netpol.OpenPorts) bool { return o.Verdict == netpol.Undefined })
		if open != (len(f.Doubts) > 0) || len(f.Ports) == 0 {
			t.Fatalf("a flow without ports, open without doubts, or the other way round: %+v\n%s", f, answerText(a))
		}
		if f.Flow.Protocol != f.Ports[0].Ports.Protocol || f.Flow.Port != f.Ports[0].Ports.From {
			t.Fatalf("the flow is not that of the first port: %+v", f)
		}
	}
}

// flowTexts are the flows as x/a -> x/b 80/TCP Allowed, the port of a Service
// before that of the endpoint, the family where it is IPv6 or not known.
func flowTexts(a *netpol.Answer) []string {
	var lines []string
	for _, f := range a.Flows {
		text := fmt.Sprintf("%s -> %s", strings.TrimPrefix(f.Flow.From.String(), "pod/"), strings.TrimPrefix(f.Flow.To.String(), "pod/"))
		if f.Flow.Family != netpol.IPv4 {
			text += fmt.Sprintf(" v%d", f.Flow.Family)
		}
		if f.Backend != nil && f.Backend.ServicePort != f.Backend.Port {
			text += fmt.Sprintf(" %s ->", f.Backend.ServicePort)
		}
		lines = append(lines, text+" "+openText(f.Ports))
	}
	return lines
}

func answerText(a *netpol.Answer) string {
	lines := append([]string{string(a.Verdict)}, flowTexts(a)...)
	for _, d := range a.Doubts {
		lines = append(lines, fmt.Sprintf("%s: %s", d.Cause, d.Detail))
	}
	return strings.Join(append(lines, a.Notes...), "\n")
}

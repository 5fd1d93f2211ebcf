package suite

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/test/packets/lab"
	"github.com/kubectl-secure/kubectl-secure/test/packets/nftcompile"
	"github.com/kubectl-secure/kubectl-secure/test/packets/queue"
)

// enforcer makes the router of a lab do what the policies of a world say, with
// new connections.
type enforcer interface {
	enforce(w *world) error
	// decisions are what was wrong on the way to the results.
	decisions(wants []want, results []lab.Result) []string
}

// rules are those that nftcompile writes.
type rules struct{ router *lab.Host }

func newRules(_ *testing.T, router *lab.Host) enforcer { return rules{router} }

func (r rules) enforce(w *world) error {
	text, err := nftcompile.Compile(nftcompile.Cluster{Namespaces: w.namespaces, Nodes: w.nodes, Pods: w.pods, Policies: w.policies})
	if err != nil {
		return err
	}
	if err := r.router.Namespace().Run(text, "nft", "-f", "-"); err != nil {
		return fmt.Errorf("%w\n%s", err, text)
	}
	return nil
}

func (rules) decisions([]want, []lab.Result) []string { return nil }

// judge is kube-network-policies behind a queue.
type judge struct {
	router *lab.Host
	*queue.Queue
}

func newJudge(t *testing.T, router *lab.Host) enforcer {
	t.Helper()
	q, err := queue.Open(router.Namespace())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close() })
	return judge{router, q}
}

func (j judge) enforce(w *world) error { return j.Replace(w.pods, w.namespaces, w.policies) }

// decisions joins connections with what the engine was asked: every packet
// that the router forwards or gets, and none besides.
func (j judge) decisions(wants []want, results []lab.Result) []string {
	seen, errs := j.Take()
	var wrong []string
	for _, err := range errs {
		wrong = append(wrong, "the queue: "+err.Error())
	}
	again := false
	for i, w := range wants {
		c := queue.Connection{
			Protocol: w.probe.Protocol, Source: netip.AddrPortFrom(w.probe.Source, results[i].SourcePort),
			To: w.probe.Destination, TargetPort: uint16(w.probe.Port),
		}
		decided := seen[c]
		delete(seen, c)
		again = again || results[i].Tries > 1
		passes := w.self() || w.probe.From == j.router
		if passes != (len(decided) == 0) || slices.Contains(decided, !w.allowed) {
			wrong = append(wrong, fmt.Sprintf("%s: want allowed=%t, the queue decided %v", w, w.allowed, decided))
		}
	}
	for c := range seen {
		if !again { // earlier tries have other source ports
			wrong = append(wrong, fmt.Sprintf("the queue was asked about %v, which nobody sent", c))
		}
	}
	return wrong
}

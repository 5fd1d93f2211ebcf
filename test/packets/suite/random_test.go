package suite

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/test/netpol/generate"
	"github.com/kubectl-secure/kubectl-secure/test/packets/lab"
)

// How many random clusters there are, and connections in each of their two
// states. PACKET_ROUNDS and PACKET_SEED are for longer searches.
const (
	rounds  = 40
	perLoad = 300
)

// TestRandom sends packets through random clusters, enforced by the rules of
// nftcompile: a second implementation, and the kernel's own reading of ranges
// of addresses and ports.
func TestRandom(t *testing.T) {
	n, first := number(t, "PACKET_ROUNDS", rounds), number(t, "PACKET_SEED", 1)
	total := &tally{mix: generate.Mix{}}
	for seed := first; seed < first+n; seed++ {
		if !round(t, uint64(seed), total) {
			t.Fatalf("PACKET_SEED=%d PACKET_ROUNDS=1 repeats it", seed)
		}
	}
	t.Logf("seeds %d to %d: %d probes, %d %% allowed, %d isolated; %d flows were Undefined, %d had no way or never leave a host",
		first, first+n-1, total.probes, 100*total.allowed/max(1, total.probes), total.isolated, total.undefined, total.impossible)
	if share := 100 * total.allowed / max(1, total.probes); share < 30 || share > 70 {
		t.Errorf("%d %% of the probes are allowed: what is nearly always the same shows little", share)
	}
	if rare := total.mix.Rare(generate.Features(), 1); len(rare) > 0 && n >= rounds {
		t.Errorf("never there: %s", strings.Join(rare, ", "))
	}
}

func number(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%s is no number", variable, text)
	}
	return n
}

// tally is what a run did.
type tally struct {
	mix                                              generate.Mix
	probes, allowed, isolated, undefined, impossible int
}

// round is one cluster, before and after changes of labels and policies.
func round(t *testing.T, seed uint64, total *tally) bool {
	g := generate.New(seed, total.mix)
	flows := make([]generate.Flow, perLoad)
	for i := range flows {
		flows[i] = g.Flow()
	}
	p := newPlace(seed, g.Cluster, flows)
	l := start(t, p.router, p.hosts...)
	defer l.Close()
	e := newRules(t, l.Router)
	for state := range 2 {
		if state == 1 {
			g.Change()
		}
		enforce(t, l, e, p.complete(g.Cluster))
		c := engineOf(t, g.Cluster)
		var wants []want
		var sent []generate.Flow
		for _, f := range flows {
			w, ok := p.want(c, f, total)
			if ok {
				wants, sent = append(wants, w), append(sent, f)
			}
		}
		results := l.Try(probesOf(wants))
		for i := range wants {
			for _, text := range differences(wants[i:i+1], results[i:i+1]) {
				t.Errorf("seed %d, state %d: %s\n%s", seed, state, text, dump(g.Cluster, c, p.flow(c, sent[i])))
				return false // the others are often the same
			}
		}
	}
	return true
}

// dump is for whoever looks for the cause of a difference.
func dump(cluster *generate.Cluster, c *netpol.Cluster, f netpol.Flow) string {
	var out strings.Builder
	e := c.Explain(f)
	fmt.Fprintf(&out, "%s -> %s %d/%s: %s\n", f.From, f.To, f.Port, f.Protocol, e.Verdict)
	for _, step := range e.Steps {
		fmt.Fprintf(&out, "%s of %s: %s\n", step.Direction, step.Subject, step.Reason)
		for _, np := range cluster.Policies {
			text, err := yaml.Marshal(np)
			if err == nil && np.Namespace == step.Subject.Namespace {
				fmt.Fprintf(&out, "---\n%s", text)
			}
		}
	}
	for _, pod := range cluster.Pods {
		fmt.Fprintf(&out, "%s/%s %v %s hostNetwork=%t %s %v\n", pod.Namespace, pod.Name, pod.Labels, pod.Spec.NodeName, pod.Spec.HostNetwork, pod.Status.Phase, pod.Status.PodIPs)
	}
	return out.String()
}

// want is what should become of a flow; ok is false where the engine leaves it
// open, or where no packet can show it.
func (p *place) want(c *netpol.Cluster, f generate.Flow, total *tally) (w want, ok bool) {
	from, source := p.find(f.From, f.Family)
	to, destination := p.find(f.To, f.Family)
	if from == nil || to == nil || from == to && f.From.Pod == nil {
		total.impossible++
		return want{}, false
	}
	v := c.Verdict(p.flow(c, f))
	if v == netpol.Undefined {
		total.undefined++
		return want{}, false
	}
	total.probes++
	if v == netpol.Allowed {
		total.allowed++
	}
	for _, step := range c.Explain(p.flow(c, f)).Steps {
		if len(step.Policies) > 0 {
			total.isolated++
			break
		}
	}
	return want{
		probe:   lab.Probe{From: from, Source: source, Destination: destination, Protocol: f.Protocol, Port: f.Port},
		to:      to,
		allowed: v == netpol.Allowed,
		closed:  true,
	}, true
}

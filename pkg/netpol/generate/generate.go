// Package generate writes the least NetworkPolicies that allow given flows, and
// shows by simulation that they allow all of them and that no part of them can
// be left out.
//
// The package is pure: it reads a prepared snapshot and nothing else.
package generate

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Flow is connections that must stay possible, as the destination sees them:
// after the address of a Service was replaced by that of an endpoint.
type Flow struct {
	From, To *netpol.Endpoint
	Protocol corev1.Protocol
	Port     int32
	// Last, where it is larger than Port, is the end of a range of ports.
	Last   int32
	Family netpol.Family
	Count  int64 // how often it was seen; 0 where it was not
	// DNS marks what names need to be resolved.
	DNS bool
}

// String names the flow for people.
func (f *Flow) String() string { return fmt.Sprintf("%s to %s on %s", f.From, f.To, f.Ports()) }

// Ports returns the ports of the flow.
func (f *Flow) Ports() netpol.PortRange {
	return netpol.PortRange{Protocol: f.Protocol, From: f.Port, To: max(f.Port, f.Last)}
}

// Options say what is generated.
type Options struct {
	// Subjects are the workloads that get a policy.
	Subjects []*draft.Unit
	// Directions are those that the policies isolate in.
	Directions []netpol.Direction
	// NoDNS leaves out what resolving names needs.
	NoDNS bool
	// Bits4 and Bits6 widen addresses outside of the cluster to prefixes of that
	// length; 0 keeps them exact.
	Bits4, Bits6 int
	// Fold allows a whole namespace, or all, where all of its pods are allowed.
	Fold bool
	// Replace assumes that policies which the new ones make superfluous are
	// deleted.
	Replace bool
}

// Result is the policies and what was found out about them.
type Result struct {
	Policies []Policy
	// Left are flows that no policy here is about, and why.
	Left []Left
	// Unmet are flows that are not allowed all the same: something else denies
	// them, or it is not known.
	Unmet []Unmet
	// Closed are subjects that no flow is from or to, but for resolving names.
	Closed []*draft.Unit
	// Flows is how many flows are shown to be allowed.
	Flows int
	// Parts is how many peers and ports of rules were taken away to see that
	// some flow is denied then. Unproven are those of flows that are not known to
	// be allowed: see Unmet.
	Parts, Unproven int
	Beyond          Beyond
	// Superfluous are existing policies of the same pods, which Options.Replace
	// takes for deleted. Others are those that cannot be deleted for they select
	// other pods, too.
	Superfluous, Others []snapshot.Ref
	Notes               []string
}

// Policy is one generated policy.
type Policy struct {
	Unit    *draft.Unit
	Object  *networkingv1.NetworkPolicy
	Reasons map[string]Reason // by the path of the rule, as spec.ingress[0]
}

// Paths returns those of the rules in order.
func (p *Policy) Paths() []string {
	var paths []string
	for i := range p.Object.Spec.Ingress {
		paths = append(paths, fmt.Sprintf("spec.ingress[%d]", i))
	}
	for i := range p.Object.Spec.Egress {
		paths = append(paths, fmt.Sprintf("spec.egress[%d]", i))
	}
	return paths
}

// Reason says what a rule is for.
type Reason struct {
	Flows int   // different ones
	Count int64 // how often they were seen
	DNS   bool
}

// Left is flows without a rule.
type Left struct {
	Reason   string
	Flows    int      // different ones
	Examples []string // of the flows, or of what is wrong with them
}

// maxExamples is how many of the flows that are left out are named.
const maxExamples = 3

// Unmet is a flow that is not allowed.
type Unmet struct {
	Flow Flow
	// Today is the verdict without the new policies, Verdict that with them.
	Today, Verdict netpol.Verdict
	Why            string // a clause without a final stop
}

// Generate writes policies for the subjects that allow the flows.
func Generate(c *netpol.Cluster, d *draft.Drafter, flows []Flow, o Options) (*Result, error) {
	g := &generator{
		cluster: c, drafter: d, options: o, result: &Result{}, left: map[string][]Flow{},
		subjects: map[*draft.Unit]bool{}, plans: map[*draft.Unit]*plan{},
	}
	for _, u := range o.Subjects {
		g.subjects[u] = true
	}
	if !o.NoDNS && slices.Contains(o.Directions, netpol.Egress) {
		flows = slices.Concat(flows, g.dns())
	}
	for i := range flows {
		g.take(&flows[i])
	}
	if err := g.write(); err != nil {
		return nil, err
	}
	if err := g.prove(); err != nil {
		return nil, err
	}
	g.finish()
	return g.result, nil
}

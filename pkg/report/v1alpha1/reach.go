package v1alpha1

import (
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// ReachReport tells what one endpoint reaches, and what reaches it.
type ReachReport struct {
	Meta     `json:",inline"`
	Query    ReachQuery `json:"query"`
	Coverage `json:",inline"`
	// Endpoints are what the reference names.
	Endpoints []string `json:"endpoints"`
	// Reaches is what the endpoint reaches, or may; ReachedFrom is what reaches
	// it. Both are empty where they were not asked for. What is not listed is
	// not reached.
	Reaches     []Reached `json:"reaches"`
	ReachedFrom []Reached `json:"reachedFrom"`
	// Doubts are why the endpoints may not be all that the reference names.
	Doubts []Doubt `json:"doubts"`
}

// ReachQuery is what was asked.
type ReachQuery struct {
	Endpoint string   `json:"endpoint"` // as typed
	From     bool     `json:"from"`     // what it reaches
	To       bool     `json:"to"`       // what reaches it
	By       string   `json:"by"`
	Ports    []string `json:"ports"`            // as 80/TCP, 1000-1099/TCP; empty for all
	Family   int      `json:"family,omitempty"` // 4 or 6; left out for both
	Profile  string   `json:"profile"`
}

// Reached is a pod, workload or namespace, nodes or addresses at the other
// end.
type Reached struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"`                // Pod, Node or External
	Namespace string `json:"namespace,omitempty"` // of pods
	Members   int    `json:"members"`             // how many pods, nodes or ranges it is
	// Internet says that addresses of the internet are among it.
	Internet bool `json:"internet"`
	// Reach is as that of a ReachPair, never None or NoFlow.
	Reach     string   `json:"reach"`
	Allowed   []string `json:"allowed"`
	Partly    []string `json:"partly"`
	Undefined []string `json:"undefined"`
}

// DeepCopyObject makes the report a runtime.Object; see WhoCanReport.
func (r *ReachReport) DeepCopyObject() runtime.Object {
	c := *r
	return &c
}

// NewReached describes what passes from or to a party.
func NewReached(p netpol.Party, c netpol.Crossing) Reached {
	r := Reached{
		Name: p.Name, Kind: string(p.Kind), Namespace: p.Namespace, Members: len(p.Members), Reach: string(c.Reach),
		Allowed: portsOf(c.Ports, netpol.Allowed), Partly: portsOf(c.Ports, netpol.Partly), Undefined: portsOf(c.Ports, netpol.Undefined),
	}
	for _, e := range p.Members {
		r.Internet = r.Internet || e.IsPublic()
	}
	return r
}

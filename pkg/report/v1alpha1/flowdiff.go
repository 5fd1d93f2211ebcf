package v1alpha1

import (
	"k8s.io/apimachinery/pkg/runtime"
)

// FlowDiffReport says which connections open and close between two states of a
// cluster.
type FlowDiffReport struct {
	Meta     `json:",inline"`
	Query    FlowDiffQuery `json:"query"`
	Coverage `json:",inline"`
	Summary  FlowDiffSummary `json:"summary"`
	// Policies are those that differ.
	Policies []PolicyChange `json:"policies"`
	// Changes are by their first sources and destinations. No pair of endpoints
	// is in two of them with the same port.
	Changes []FlowChange `json:"changes"`
	// Added and Gone are what only one of the states has: there is nothing to
	// compare its connections with.
	Added []AddedGroup `json:"added"`
	Gone  []FlowGroup  `json:"gone"`
	// Observed is what becomes of the flows of --flows.
	Observed *ObservedFlows `json:"observed,omitempty"`
}

// DeepCopyObject makes the report a runtime.Object; see FlowReport.
func (r *FlowDiffReport) DeepCopyObject() runtime.Object {
	c := *r
	return &c
}

// FlowDiffQuery is what was asked.
type FlowDiffQuery struct {
	Ports     []string `json:"ports"`               // as 80/TCP; empty for all
	Family    int      `json:"family,omitempty"`    // 4 or 6; left out for the first that both ends have
	Namespace string   `json:"namespace,omitempty"` // that one of the ends is in; left out for all
	Profile   string   `json:"profile"`
}

// FlowDiffSummary counts pairs of workloads (or pods without one, nodes, and
// all addresses outside as one) between which any port changes so.
type FlowDiffSummary struct {
	Opened int `json:"opened"` // Denied, then Allowed
	Closed int `json:"closed"` // Allowed, then Denied
	// MayOpen and MayClose are those of which one verdict is Undefined.
	MayOpen   int `json:"mayOpen"`
	MayClose  int `json:"mayClose"`
	Workloads int `json:"workloads"` // that any of those is about
	// Unsettled counts pairs of endpoints that are Undefined before and after,
	// although policies about them differ.
	Unsettled int `json:"unsettled"`
	// Unseen counts policies that differ in namespaces of which the input, other
	// than a cluster, holds no pods: what they change is not known.
	Unseen int `json:"unseen,omitempty"`
	// Elsewhere counts changes that the query leaves out by its namespace.
	Elsewhere int `json:"elsewhere,omitempty"`
}

// PolicyChange is a policy that differs.
type PolicyChange struct {
	Change    string `json:"change"` // Added, Changed or Removed
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	Origin    string `json:"origin,omitempty"` // FILE:LINE
}

// FlowGroup is endpoints of one kind: of a workload, or nodes, or ranges of
// addresses outside.
type FlowGroup struct {
	Kind      string   `json:"kind"` // Pod, Node or External
	Namespace string   `json:"namespace,omitempty"`
	Workload  string   `json:"workload,omitempty"` // as Deployment/web
	Members   []string `json:"members"`            // empty for pods that do not exist yet
}

// AddedGroup is a group that is new.
type AddedGroup struct {
	FlowGroup `json:",inline"`
	// Isolated are the directions, ingress and egress, in which policies select
	// all of its members: in others something of it is not limited.
	Isolated []string `json:"isolated"`
}

// FlowChange is what changes alike: from every member of From to every one of
// To, but for a pod and itself and for the pairs of Except. All of its ports
// have the same verdicts.
type FlowChange struct {
	From   []FlowGroup      `json:"from"`
	To     []FlowGroup      `json:"to"`
	Ports  []FlowPortChange `json:"ports"`
	Except []FlowPair       `json:"except"`
}

// FlowPair is two endpoints: pod/NAMESPACE/NAME, NAMESPACE/Kind/NAME of what has
// no pods yet, node/NAME or an address.
type FlowPair struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// FlowPortChange is the verdict for a range of ports before and after.
type FlowPortChange struct {
	Ports  string `json:"ports"`
	Change string `json:"change"` // Opened, Closed, MayOpen or MayClose
	Before string `json:"before"`
	After  string `json:"after"`
	// Causes are what decides it for the first pair.
	Causes []FlowCause `json:"causes"`
}

// FlowCause is what turns a verdict at one end of a flow.
type FlowCause struct {
	Direction string `json:"direction"`
	// Policy is NAMESPACE/NAME, or KIND/NAME of one that is about all namespaces;
	// left out where no single one decides.
	Policy string `json:"policy,omitempty"`
	Origin string `json:"origin,omitempty"`
	Detail string `json:"detail"`
}

// ObservedFlows is what becomes of flows that were seen. Counts are of
// different flows: ends, protocol and port.
type ObservedFlows struct {
	Source   string `json:"source"` // the file
	Records  int    `json:"records"`
	Flows    int    `json:"flows"`    // of which the following are parts
	Kept     int    `json:"kept"`     // Allowed before and after, or opened
	Cut      int    `json:"cut"`      // not any more Allowed
	MayBeCut int    `json:"mayBeCut"` // Undefined after, or before
	Denied   int    `json:"denied"`   // before already, though they were seen
	Unknown  int    `json:"unknown"`  // whose ends are not known: neither kept nor cut
	// Left counts flows that the query leaves out.
	Left    int              `json:"left"`
	Skipped []SkippedRecords `json:"skipped"`
	// Problems are the first records that could not be read, Troubles counts
	// all.
	Problems []FlowProblem `json:"problems"`
	Troubles int           `json:"troubles"`
	Ignored  []string      `json:"ignored"` // fields of the file
	// Results are all flows but those that are kept, by the line of the file.
	Results []ObservedFlow `json:"results"`
}

// SkippedRecords counts records that are no new connections which came through.
type SkippedRecords struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
	Line   int    `json:"line"` // of the first
}

// FlowProblem is a record that could not be read.
type FlowProblem struct {
	Line   int    `json:"line"`
	Detail string `json:"detail"`
}

// ObservedFlow is a flow that was seen and what becomes of it.
type ObservedFlow struct {
	From    string      `json:"from"`
	To      string      `json:"to"`
	Port    string      `json:"port"` // as 80/TCP
	Count   int         `json:"count"`
	Line    int         `json:"line"`
	Outcome string      `json:"outcome"` // Cut, MayBeCut, Denied or Unknown
	Before  string      `json:"before,omitempty"`
	After   string      `json:"after,omitempty"`
	Causes  []FlowCause `json:"causes"`
	// Nearest is the rule that comes closest to letting a cut flow pass, and
	// what it lacks.
	Nearest string `json:"nearest,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

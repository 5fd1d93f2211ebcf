package v1alpha1

import (
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/lint"
)

// NetpolLintReport is what is weak, without effect or probably not meant in
// network policies, and how far they cover each namespace.
type NetpolLintReport struct {
	Meta     `json:",inline"`
	Coverage `json:",inline"`
	// Namespace is the one that was asked about, left out for all.
	Namespace string        `json:"namespace,omitempty"`
	Profile   string        `json:"profile"`
	Summary   FindingCounts `json:"summary"`
	// Namespaces are those that hold pods or policies.
	Namespaces []NamespaceCoverage `json:"namespaces"`
	Findings   []finding.Finding   `json:"findings"` // by severity, then object
	// Ignored are findings that an annotation silences.
	Ignored []finding.Finding `json:"ignored"`
}

// FindingCounts says how many findings there are of each severity.
type FindingCounts struct {
	Critical int `json:"critical"`
	High     int `json:"high"`
	Medium   int `json:"medium"`
	Low      int `json:"low"`
	Info     int `json:"info"`
	Ignored  int `json:"ignored"` // of any severity, and in no other count
}

// NamespaceCoverage says how far policies cover a namespace.
type NamespaceCoverage struct {
	Name        string            `json:"name"`
	Policies    int               `json:"policies"`
	Pods        int               `json:"pods"`        // that policies can be about, and templates without pods
	HostNetwork int               `json:"hostNetwork"` // the other pods
	Ingress     DirectionCoverage `json:"ingress"`
	Egress      DirectionCoverage `json:"egress"`
	// Incomplete says that pods or policies could not be read.
	Incomplete bool `json:"incomplete"`
}

// DirectionCoverage is the coverage of one direction.
type DirectionCoverage struct {
	// Isolated counts the pods that NetworkPolicies isolate, ByClusterPolicies the
	// others that cluster-wide policies close for pods that no rule names.
	Isolated          int  `json:"isolated"`
	ByClusterPolicies int  `json:"byClusterPolicies"`
	DefaultDeny       bool `json:"defaultDeny"`
}

// DeepCopyObject makes the report a runtime.Object; see WhoCanReport.
func (r *NetpolLintReport) DeepCopyObject() runtime.Object {
	c := *r
	return &c
}

// SetResult fills in what the checks found. Namespaces with neither pods nor
// policies are left out.
func (r *NetpolLintReport) SetResult(result *lint.Result) {
	r.Findings, r.Ignored = orEmpty(result.Findings), orEmpty(result.Ignored)
	r.Summary = NewFindingCounts(result.Findings)
	r.Summary.Ignored = len(result.Ignored)
	r.Namespaces = []NamespaceCoverage{}
	for _, n := range result.Namespaces {
		if n.Pods+n.HostNetwork+n.Policies > 0 || n.Incomplete {
			r.Namespaces = append(r.Namespaces, NamespaceCoverage{
				Name: n.Name, Policies: n.Policies, Pods: n.Pods, HostNetwork: n.HostNetwork,
				Ingress: directionCoverage(n.Ingress), Egress: directionCoverage(n.Egress), Incomplete: n.Incomplete,
			})
		}
	}
}

func directionCoverage(c lint.Coverage) DirectionCoverage {
	return DirectionCoverage{Isolated: c.Isolated, ByClusterPolicies: c.ByTiers, DefaultDeny: c.DefaultDeny}
}

// NewFindingCounts counts findings.
func NewFindingCounts(findings []finding.Finding) FindingCounts {
	var c FindingCounts
	of := map[finding.Severity]*int{
		finding.Critical: &c.Critical, finding.High: &c.High, finding.Medium: &c.Medium, finding.Low: &c.Low, finding.Info: &c.Info,
	}
	for i := range findings {
		*of[findings[i].Severity]++
	}
	return c
}

// Package lint finds what is weak, without effect or probably not meant in the
// network policies of a cluster. Where the snapshot may lack what a finding
// rests on, there is a note in its place, or the finding says so.
//
// The package is pure: it reads a snapshot and nothing else.
package lint

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Options limit what Run reports.
type Options struct {
	Namespace string   // "" for all, and for objects that have none
	Checks    []string // names; none for all
	Skip      []string
}

// Result is what the checks found.
type Result struct {
	Findings []finding.Finding // by severity, then object
	// Ignored are findings that an annotation silences: see
	// finding.IgnoreAnnotation.
	Ignored    []finding.Finding
	Namespaces []Namespace
	Notes      []string // on what could not be checked
}

// Run checks the policies of a cluster.
func Run(c *netpol.Cluster, o Options) *Result {
	l := &linter{Inspector: c.Inspect(), snap: c.Snapshot(), options: o, silent: silentOf(o), unknown: map[unknown][]string{}, spoken: map[string]bool{}, wholes: map[wholeOf]netpol.Whole{}}
	l.inputs()
	l.kinds()
	l.namespaces()
	for _, p := range c.Policies() {
		if o.Namespace == "" || o.Namespace == p.Namespace {
			l.policy(p)
		}
	}
	l.clusterPolicies()
	l.surplus()
	l.dns()
	l.noteUnknown()
	finding.Seal(l.found)
	finding.Seal(l.ignored)
	return &Result{Findings: l.found, Ignored: l.ignored, Namespaces: l.spaces, Notes: l.notes}
}

// linter is the state of one Run.
type linter struct {
	*netpol.Inspector
	snap     *snapshot.Snapshot
	options  Options
	silent   map[string]bool // checks that are not wanted
	services map[string][]*corev1.Service

	found, ignored []finding.Finding
	spaces         []Namespace
	notes          []string
	unknown        map[unknown][]string
	wholes         map[wholeOf]netpol.Whole
	spoken         map[string]bool // rules of which a check says why they open nothing
	origins        map[snapshot.Object]snapshot.Origin
}

func silentOf(o Options) map[string]bool {
	silent := map[string]bool{}
	for _, c := range Checks() {
		wanted := len(o.Checks) == 0 || slices.Contains(o.Checks, c.Name)
		silent[c.Name] = !wanted || slices.Contains(o.Skip, c.Name)
	}
	return silent
}

// report adds a finding, unless its check is not wanted or it is about another
// namespace.
func (l *linter) report(f finding.Finding) {
	if l.silent[f.Check] || l.options.Namespace != "" && f.Object.Home() != "" && f.Object.Home() != l.options.Namespace {
		return
	}
	f.ID = idPrefix + f.Check
	if l.silenced(f) {
		l.ignored = append(l.ignored, f)
		return
	}
	l.found = append(l.found, f)
}

// silenced reports whether an annotation of the object, or of its namespace,
// says that the check has nothing to say.
func (l *linter) silenced(f finding.Finding) bool {
	for object := range l.objectsOf(f.Object) {
		if finding.Ignored(object.GetAnnotations(), f.ID) {
			return true
		}
	}
	return false
}

// policy checks one policy.
func (l *linter) policy(p *netpol.Policy) {
	l.types(p)
	if l.subject(p) {
		for _, d := range directions() {
			if p.Isolates(d) {
				for _, r := range p.Rules(d) {
					l.rule(p, r)
				}
			}
		}
	}
}

func (l *linter) rule(p *netpol.Policy, r netpol.Rule) {
	l.allowsAll(p, r)
	for i, peer := range r.Peers {
		if peer.Block.IsValid() {
			l.block(p, r, i)
		} else {
			l.peer(p, r, i)
		}
	}
	l.families(p, r)
	l.twoPeers(p, r)
	l.namedPorts(p, r)
	l.servicePorts(p, r)
}

func directions() []netpol.Direction { return []netpol.Direction{netpol.Ingress, netpol.Egress} }

// at starts a finding about a policy. What tells it from others of the check
// is the text of the part, wherever that is.
func at(p *netpol.Policy, path, text string) finding.Finding {
	return finding.Finding{
		Object: finding.Object{Kind: "NetworkPolicy", Namespace: p.Namespace, Name: p.Name},
		Path:   path, File: p.Origin.File, Line: p.Origin.Line, Fingerprint: text,
	}
}

func (l *linter) say(f finding.Finding, check string, severity finding.Severity, message, remedy string, evidence ...string) {
	f.Check, f.Severity, f.Message, f.Remedy, f.Evidence = check, severity, message, remedy, evidence
	l.report(f)
}

func (l *linter) object(p *netpol.Policy) *networkingv1.NetworkPolicy {
	return snapshot.Get[networkingv1.NetworkPolicy](l.snap, p.Namespace, p.Name)
}

package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// count is a number of things in words.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return commas(n) + " " + many
}

// commas writes a number with its thousands apart.
func commas(n int) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// answer is the answer in one sentence.
func answer(r *v1alpha1.FlowDiffReport) string {
	s := r.Summary
	var parts []string
	add := func(verb string, n int) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", verb, commas(n)))
		}
	}
	add("opens", s.Opened)
	add("closes", s.Closed)
	add("may open", s.MayOpen)
	add("may close", s.MayClose)
	if len(parts) == 0 {
		return nothing(r)
	}
	what := "connections"
	if s.Opened+s.Closed+s.MayOpen+s.MayClose == 1 {
		what = "connection"
	}
	return fmt.Sprintf("%s %s of %s", strings.Join(parts, ", "), what, count(s.Workloads, "workload", "workloads"))
}

// nothing says that no connection changes, and whether policies do.
func nothing(r *v1alpha1.FlowDiffReport) string {
	switch n := len(r.Policies); {
	case r.Summary.Unseen > 0:
		return "whether connections change is not known: there are no pods for " + count(r.Summary.Unseen, "network policy that differs", "network policies that differ")
	case n == 0:
		return "no connection changes: no network policy differs"
	case n == 1:
		return "no connection changes, although a network policy differs"
	default:
		return fmt.Sprintf("no connection changes, although %d network policies differ", n)
	}
}

// ends names groups: what is few by name, what is many by numbers.
func ends(all []v1alpha1.FlowGroup, whole bool) string {
	var names []string
	for _, g := range all {
		names = append(names, groupName(g, whole))
	}
	if whole || len(names) <= maxNames {
		return strings.Join(names, ", ")
	}
	var parts []string
	pods, namespaces := 0, []string{}
	for _, g := range all {
		switch netpol.EndpointKind(g.Kind) {
		case netpol.PodEndpoint:
			pods++
			if !slices.Contains(namespaces, g.Namespace) {
				namespaces = append(namespaces, g.Namespace)
			}
		default:
			parts = append(parts, groupName(g, whole))
		}
	}
	switch {
	case len(namespaces) == 1:
		parts = append([]string{fmt.Sprintf("%s of %s", count(pods, "workload", "workloads"), namespaces[0])}, parts...)
	case pods > 0:
		parts = append([]string{fmt.Sprintf("%s of %d namespaces", count(pods, "workload", "workloads"), len(namespaces))}, parts...)
	}
	return strings.Join(parts, ", ")
}

// maxNames is how many groups a cell names.
const maxNames = 2

// groupName names a group as netpol-sim takes it, where it is one thing.
func groupName(g v1alpha1.FlowGroup, whole bool) string {
	n := len(g.Members)
	switch netpol.EndpointKind(g.Kind) {
	case netpol.NodeEndpoint:
		if n == 1 || whole {
			return "node/" + strings.Join(g.Members, ", node/")
		}
		return fmt.Sprintf("%d nodes", n)
	case netpol.PodEndpoint:
	case netpol.ExternalEndpoint:
		if n == 1 || whole {
			return strings.Join(g.Members, ", ")
		}
		return fmt.Sprintf("addresses outside (%d ranges)", n)
	}
	if g.Workload == "" {
		return g.Namespace + "/" + strings.Join(g.Members, ", ")
	}
	kind, name, _ := strings.Cut(g.Workload, "/")
	return g.Namespace + "/" + strings.ToLower(kind) + "/" + name
}

// row is a line of the answer: a change and the ports of one kind.
type row struct {
	change        string
	from, to      []v1alpha1.FlowGroup
	ports         []string
	before, after string
	causes        []string
	except        []v1alpha1.FlowPair
}

// rows takes changes apart by their kinds, in the order of those.
func rows(r *v1alpha1.FlowDiffReport) []row {
	var all []row
	for _, c := range r.Changes {
		first := len(all)
		for _, p := range c.Ports {
			at := slices.IndexFunc(all[first:], func(l row) bool { return l.before == p.Before && l.after == p.After })
			if at < 0 {
				at = len(all) - first
				l := row{change: p.Change, from: c.From, to: c.To, before: p.Before, after: p.After, except: c.Except}
				for _, cause := range p.Causes {
					l.causes = append(l.causes, phrase(cause))
				}
				all = append(all, l)
			}
			all[first+at].ports = append(all[first+at].ports, p.Ports)
		}
	}
	rank := []string{opened, mayOpen, closed, mayClose}
	slices.SortStableFunc(all, func(a, b row) int { return slices.Index(rank, a.change) - slices.Index(rank, b.change) })
	return all
}

// portsText names ports: all of every protocol as one.
func portsText(ports []string, most int) string {
	var every []string
	for _, protocol := range netpol.Protocols() {
		every = append(every, netpol.PortRange{Protocol: protocol, From: 1, To: 65535}.String())
	}
	if slices.Equal(ports, every) {
		return "every port"
	}
	if most > 0 && len(ports) > most {
		return strings.Join(ports[:most], ", ") + fmt.Sprintf(" and %d more", len(ports)-most)
	}
	return strings.Join(ports, ", ")
}

// changeWord is what a change does.
func changeWord(change string) string {
	return map[string]string{opened: "opens", closed: "closes", mayOpen: "may open", mayClose: "may close"}[change]
}

func elsewhereNote(r *v1alpha1.FlowDiffReport) string {
	return fmt.Sprintf("%s without an end in namespace %s change too: they are neither shown nor counted (leave out -n for all)",
		count(r.Summary.Elsewhere, "connection", "connections"), r.Query.Namespace)
}

// isolation says what limits the connections of something new.
func isolation(g v1alpha1.AddedGroup) string {
	switch len(g.Isolated) {
	case 0:
		return "no policy limits it, everything passes"
	case 1:
		return fmt.Sprintf("policies limit it for %s only", g.Isolated[0])
	default:
		return "policies limit it for ingress and egress"
	}
}

// observedNotes tell what of the records is no answer.
func observedNotes(o *v1alpha1.ObservedFlows) []string {
	var notes []string
	name := sourceName(o)
	for _, s := range o.Skipped {
		notes = append(notes, fmt.Sprintf("%s: not counted: %s %s (first at line %d)", name, commas(s.Count), s.Reason, s.Line))
	}
	if len(o.Ignored) > 0 {
		notes = append(notes, fmt.Sprintf("%s: these fields are not read: %s", name, strings.Join(o.Ignored, ", ")))
	}
	if o.Left > 0 {
		notes = append(notes, fmt.Sprintf("%s: %s not asked about (-n, --port, --ip-family)", name, count(o.Left, "flow is", "flows are")))
	}
	if o.Troubles > 0 {
		p := o.Problems[0]
		notes = append(notes, fmt.Sprintf("%s: %s not used; line %d: %s", name, count(o.Troubles, "line is", "lines are"), p.Line, p.Detail))
	}
	return notes
}

// policyName is NAMESPACE/NAME, or the name of what is about all namespaces.
func policyName(p v1alpha1.PolicyChange) string {
	return strings.TrimPrefix(p.Namespace+"/"+p.Name, "/")
}

// sourceName names the file of flows.
func sourceName(o *v1alpha1.ObservedFlows) string {
	if o.Source == "-" {
		return "standard input"
	}
	return o.Source
}

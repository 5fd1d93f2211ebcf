package lint

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// subject reports policies that select nothing that policies can be about, and
// whether there is anything.
func (l *linter) subject(p *netpol.Policy) bool {
	selected := l.Selected(p)
	f := at(p, "spec.podSelector", p.Subject().String())
	switch {
	case len(selected) == 0:
		l.selectsNothing(p, f)
		return false
	case !slices.ContainsFunc(selected, isOwn):
		l.say(f, checkHostNetwork, finding.Medium,
			"all that it selects is on the host's network: "+l.hostWords("the policy has no effect on them"),
			"limit them on the nodes; where the pods need not be there, remove hostNetwork",
			few(endpoints(selected), "selected: ")...)
		return false
	}
	return true
}

// hostWords says what follows for pods of the host's network: networks differ.
func (l *linter) hostWords(consequence string) string {
	if l.Profile() == netpol.ProfileCommon {
		return "with most networks " + consequence
	}
	return "it is left to the network whether " + consequence
}

// isOwn reports whether the endpoint has a network of its own.
func isOwn(e *netpol.Endpoint) bool { return e.Kind != netpol.PodEndpoint || !e.HostNetwork }

func (l *linter) selectsNothing(p *netpol.Policy, f finding.Finding) {
	pods := l.Pods(p.Namespace)
	if candidate := meant(p.Subject(), labelsOf(pods)); candidate != "" && !l.hidden("pods", p.Namespace) {
		l.say(f, checkSelectsNothing, l.milder(finding.High, finding.Medium),
			fmt.Sprintf("selects no pod%s, so that it has no effect: no pod of the namespace has %s", l.here(), p.Subject()),
			question(candidate), fmt.Sprintf("%s has %s", count(countLabel(pods, candidate), "pod"), candidate))
		return
	}
	if !l.podsKnown(p.Namespace) {
		l.notKnown(unknownSubjects, p.Namespace)
		return
	}
	which := fmt.Sprintf("no pod of the namespace%s has %s", l.here(), p.Subject())
	if len(pods) == 0 {
		which = "the namespace has no pods"
	}
	l.say(f, checkSelectsNothing, l.milder(finding.Medium, finding.Low), "selects no pod, so that it has no effect: "+which, "mend the podSelector, or remove the policy")
}

func labelsOf(pods []*netpol.Endpoint) []labels.Set {
	sets := make([]labels.Set, 0, len(pods))
	for _, e := range pods {
		sets = append(sets, e.Labels)
	}
	return sets
}

func countLabel(pods []*netpol.Endpoint, label string) int {
	selector, err := labels.Parse(label)
	if err != nil {
		return 0
	}
	return matching(selector, labelsOf(pods))
}

func endpoints(list []*netpol.Endpoint) []string {
	var texts []string
	for _, e := range list {
		object := workloadOf(e)
		if text := e.Namespace + "/" + object.Kind + "/" + object.Name; !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// workload is the pods of a controller, or one pod without.
type workload struct {
	object finding.Object
	pods   []*netpol.Endpoint
	open   map[netpol.Direction]int // how many pods nothing isolates
}

// workloadOf names the controller of a pod, or the pod.
func workloadOf(e *netpol.Endpoint) finding.Object {
	kind, name, ok := strings.Cut(e.Workload, "/")
	if !ok {
		kind, name = "Pod", e.Name
	}
	return finding.Object{Kind: kind, Namespace: e.Namespace, Name: name}
}

// byWorkload returns the workloads of pods in order.
func (l *linter) byWorkload(pods []*netpol.Endpoint) []*workload {
	known := map[finding.Object]*workload{}
	var all []*workload
	for _, e := range pods {
		object := workloadOf(e)
		w := known[object]
		if w == nil {
			w = &workload{object: object, open: map[netpol.Direction]int{}}
			known[object] = w
			all = append(all, w)
		}
		w.pods = append(w.pods, e)
		for _, d := range directions() {
			if !l.Isolates(e, d) {
				w.open[d]++
			}
		}
	}
	slices.SortFunc(all, func(a, b *workload) int {
		return cmp.Or(cmp.Compare(a.object.Kind, b.object.Kind), cmp.Compare(a.object.Name, b.object.Name))
	})
	return all
}

// unprotected reports, for directions in which nothing of a namespace is
// isolated, the namespace, and for others the workloads that are left out.
func (l *linter) unprotected(n *Namespace, pods []*netpol.Endpoint) {
	if len(pods) == 0 {
		return
	}
	all := l.byWorkload(pods)
	var whole []netpol.Direction
	for _, d := range directions() {
		if n.of(d).Isolated == 0 {
			whole = append(whole, d)
		}
	}
	if len(whole) > 0 {
		f := ofNamespace(n.Name, fmt.Sprint(whole))
		f.File, f.Line = l.placeOf(f.Object)
		l.say(f, checkUnprotected, severityOf(n.Name, whole),
			fmt.Sprintf("no policy isolates any of its %s for %s: %s", count(n.Pods, "pod"), join(whole), openTo(whole)),
			fmt.Sprintf("deny by default, as with podSelector {} and policyTypes [%s], then allow what is needed", types(whole)),
			few(names(all), "workloads: ")...)
	}
	for _, w := range all {
		var open []netpol.Direction
		most := 0
		for _, d := range directions() {
			if w.open[d] > 0 && !slices.Contains(whole, d) {
				open = append(open, d)
				most = max(most, w.open[d])
			}
		}
		if len(open) == 0 {
			continue
		}
		of := ""
		if most < len(w.pods) {
			of = fmt.Sprintf(" %d of its %d pods", most, len(w.pods))
		}
		f := finding.Finding{Object: w.object, Fingerprint: fmt.Sprint(open)}
		f.File, f.Line = l.placeOf(w.object)
		l.say(f, checkUnprotected, severityOf(n.Name, open),
			fmt.Sprintf("no policy isolates%s for %s, as other pods of the namespace are: %s", cmp.Or(of, " it"), join(open), openTo(open)),
			"select it with a policy, or deny by default in the namespace")
	}
}

func severityOf(namespace string, open []netpol.Direction) finding.Severity {
	switch {
	case systemNamespace(namespace):
		return finding.Info
	case slices.Contains(open, netpol.Ingress):
		return finding.Medium
	default:
		return finding.Low
	}
}

func openTo(open []netpol.Direction) string {
	switch {
	case len(open) > 1:
		return "every pod may reach it, and it may reach everything"
	case open[0] == netpol.Ingress:
		return "every pod may reach it"
	default:
		return "it may reach everything"
	}
}

func join(ds []netpol.Direction) string {
	words := make([]string, 0, len(ds))
	for _, d := range ds {
		words = append(words, string(d))
	}
	return strings.Join(words, " or ")
}

func types(ds []netpol.Direction) string {
	words := make([]string, 0, len(ds))
	for _, d := range ds {
		words = append(words, typeOf(d))
	}
	return strings.Join(words, ", ")
}

func names(all []*workload) []string {
	list := make([]string, 0, len(all))
	for _, w := range all {
		list = append(list, w.object.Kind+"/"+w.object.Name)
	}
	return list
}

// few is one line with the first of many names, none without any.
func few(list []string, label string) []string {
	const most = 8
	if len(list) == 0 {
		return nil
	}
	text := label + strings.Join(list[:min(most, len(list))], ", ")
	if len(list) > most {
		text += fmt.Sprintf(", and %d more", len(list)-most)
	}
	return []string{text}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

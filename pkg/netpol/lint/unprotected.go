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
	some   map[netpol.Direction]int // of these, those that cluster-wide policies deny something
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
			w = &workload{object: object, open: map[netpol.Direction]int{}, some: map[netpol.Direction]int{}}
			known[object] = w
			all = append(all, w)
		}
		w.pods = append(w.pods, e)
		for _, d := range directions() {
			switch l.whole(e, d) {
			case netpol.NotLimited:
				w.open[d]++
			case netpol.LimitedByTiers:
				w.open[d]++
				w.some[d]++
			case netpol.Isolated, netpol.Overruled, netpol.DeniedByTiers, netpol.NotKnown:
			}
		}
	}
	slices.SortFunc(all, func(a, b *workload) int {
		return cmp.Or(cmp.Compare(a.object.Kind, b.object.Kind), cmp.Compare(a.object.Name, b.object.Name))
	})
	return all
}

// unprotected reports the pods of a namespace that nothing isolates: for both
// directions at once where that is so of all.
func (l *linter) unprotected(n *Namespace, pods []*netpol.Endpoint) {
	if len(pods) == 0 {
		return
	}
	all := l.byWorkload(pods)
	ways := [][]netpol.Direction{{netpol.Ingress}, {netpol.Egress}}
	differs := func(w *workload) bool { return w.open[netpol.Ingress] != w.open[netpol.Egress] }
	if n.Ingress.Isolated+n.Egress.Isolated == 0 && !slices.ContainsFunc(all, differs) {
		ways = [][]netpol.Direction{directions()}
	}
	for _, way := range ways {
		var open []*workload
		left, some := 0, 0
		for _, w := range all {
			if w.open[way[0]] > 0 && !l.leftOpen(w, way) {
				open = append(open, w)
				left += w.open[way[0]]
				some += w.some[way[0]]
			}
		}
		if left == 0 {
			continue
		}
		f := ofNamespace(n.Name, join(way))
		f.File, f.Line = l.placeOf(f.Object)
		which := fmt.Sprintf("%d of %s are", left, count(n.Pods, "pod"))
		if left == 1 {
			which = fmt.Sprintf("1 of %s is", count(n.Pods, "pod"))
		}
		l.say(f, checkUnprotected, l.openness(n.Name, way),
			fmt.Sprintf("%s open for %s: no policy%s isolates %s%s", which, join(way), l.here(), few(names(open), "")[0], butSome(some, left)),
			fmt.Sprintf("deny by default, as with podSelector {} and policyTypes [%s], and allow what is needed", types(way)))
	}
}

// leftOpen reports whether an annotation says that the workload may be open.
func (l *linter) leftOpen(w *workload, way []netpol.Direction) bool {
	f := finding.Finding{ID: idPrefix + checkUnprotected, Check: checkUnprotected, Severity: l.openness(w.object.Namespace, way), Object: w.object}
	object := l.get(w.object)
	if l.silent[checkUnprotected] || object == nil || !finding.Ignored(object.GetAnnotations(), f.ID) {
		return false
	}
	f.File, f.Line = l.placeOf(w.object)
	f.Message, f.Fingerprint = "open for "+join(way), join(way)
	l.ignored = append(l.ignored, f)
	return true
}

// openness is how much it matters that pods are open.
func (l *linter) openness(namespace string, open []netpol.Direction) finding.Severity {
	switch {
	case systemNamespace(namespace):
		return finding.Info
	case slices.Contains(open, netpol.Ingress):
		return l.milder(finding.Medium, finding.Low)
	default:
		return l.milder(finding.Low, finding.Info)
	}
}

func join(ds []netpol.Direction) string {
	words := make([]string, 0, len(ds))
	for _, d := range ds {
		words = append(words, string(d))
	}
	return strings.Join(words, " and ")
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

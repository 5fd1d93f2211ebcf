package draft

import (
	"maps"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// label chooses the labels of a unit: as few as tell its pods from the others
// of the namespace, those that may change with a release last.
func (d *Drafter) label(u *Unit) {
	own := common(u.Pods)
	steady := maps.Clone(own)
	maps.DeleteFunc(steady, func(key, _ string) bool { return isVolatile(key) })
	u.Labels = d.selectorOf(u)
	if u.Labels == nil || !contains(own, u.Labels) {
		u.Labels = maps.Clone(steady)
	}
	for _, more := range []map[string]string{steady, own} {
		for d.narrow(u, more) {
		}
	}
	u.Also = d.selected(u, u.Labels)
}

// narrow adds the label that excludes most of the other pods. It is false
// where none excludes any.
func (d *Drafter) narrow(u *Unit, more map[string]string) bool {
	others := d.selected(u, u.Labels)
	best, most := "", 0
	for _, key := range slices.Sorted(maps.Keys(more)) {
		excluded := 0
		for _, pod := range others {
			if value, ok := pod.Labels[key]; !ok || value != more[key] {
				excluded++
			}
		}
		if excluded > most {
			best, most = key, excluded
		}
	}
	if most > 0 {
		u.Labels[best] = more[best]
	}
	return most > 0
}

// selected returns the pods of the namespace that are not the unit's own and
// that the labels select.
func (d *Drafter) selected(u *Unit, set map[string]string) []*netpol.Endpoint {
	var others []*netpol.Endpoint
	selector := labels.SelectorFromSet(set)
	for _, pod := range d.pods[u.Namespace] {
		if (u.Name == "" || nameOf(pod) != u.Name) && selector.Matches(pod.Labels) {
			others = append(others, pod)
		}
	}
	return others
}

// selectorOf returns the labels by which the unit's controller finds its pods,
// nil where it is not known or does so by more than labels.
func (d *Drafter) selectorOf(u *Unit) map[string]string {
	s := d.cluster.Snapshot()
	kind, name, _ := strings.Cut(u.Name, "/")
	var selector *metav1.LabelSelector
	switch kind {
	case "Deployment":
		if w := snapshot.Get[appsv1.Deployment](s, u.Namespace, name); w != nil {
			selector = w.Spec.Selector
		}
	case "StatefulSet":
		if w := snapshot.Get[appsv1.StatefulSet](s, u.Namespace, name); w != nil {
			selector = w.Spec.Selector
		}
	case "DaemonSet":
		if w := snapshot.Get[appsv1.DaemonSet](s, u.Namespace, name); w != nil {
			selector = w.Spec.Selector
		}
	case "ReplicaSet":
		if w := snapshot.Get[appsv1.ReplicaSet](s, u.Namespace, name); w != nil {
			selector = w.Spec.Selector
		}
	}
	if selector == nil || len(selector.MatchExpressions) > 0 || len(selector.MatchLabels) == 0 {
		return nil
	}
	return maps.Clone(selector.MatchLabels)
}

// common returns the labels that all of the pods have, without those that
// controllers and nodes give them: the next pod has others.
func common(pods []*netpol.Endpoint) map[string]string {
	set := map[string]string{}
	for i, pod := range pods {
		if i == 0 {
			maps.Copy(set, pod.Labels)
		}
		maps.DeleteFunc(set, func(key, value string) bool {
			other, ok := pod.Labels[key]
			return isAssigned(key) || !ok || other != value
		})
	}
	return set
}

func contains(set, part map[string]string) bool {
	return labels.SelectorFromSet(part).Matches(labels.Set(set))
}

// isAssigned reports whether controllers or the API server set the label.
// Source: "Well-Known Labels, Annotations and Taints" in the documentation.
func isAssigned(key string) bool {
	switch key {
	case "pod-template-hash", "controller-revision-hash", "pod-template-generation", "statefulset.kubernetes.io/pod-name",
		"apps.kubernetes.io/pod-index", "controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name",
		"batch.kubernetes.io/job-completion-index", "topology.kubernetes.io/zone", "topology.kubernetes.io/region":
		return true
	}
	return false
}

// isVolatile reports whether the label changes with the next release.
func isVolatile(key string) bool {
	return key == "app.kubernetes.io/version" || key == "helm.sh/chart"
}

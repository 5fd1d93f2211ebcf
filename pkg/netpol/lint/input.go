package lint

import (
	"iter"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// hidden reports whether objects of a type may be there that were not read.
func (l *linter) hidden(resource, namespace string) bool {
	group := map[string]string{"networkpolicies": "networking.k8s.io"}[resource]
	for _, gap := range l.snap.Gaps() {
		if gap.Group == group && gap.Resource == resource && gap.Hides(namespace) {
			return true
		}
	}
	return false
}

// manifests reports whether more may exist than the snapshot holds, without a
// gap that says so.
func (l *linter) manifests() bool { return !l.snap.Info().CoverageKnown() }

// inputs notes what cannot be checked.
func (l *linter) inputs() {
	switch {
	case l.hidden("pods", ""):
		l.note("pods could not all be read: what policies select, and which pods they leave unprotected, is checked only where they were")
	case len(l.Policies()) > 0 && l.manifests() && !l.anyPods():
		l.note("the input holds no pods and no workloads: what policies select is not checked")
	}
	if l.hidden("networkpolicies", "") {
		l.note("network policies could not all be read: unprotected pods, default deny and DNS are checked only where they were")
	}
	if l.UnreadTiers() {
		l.note("cluster-wide policies could not all be read: pods that no NetworkPolicy isolates may be closed by them, and what NetworkPolicies deny or allow may be decided before")
	}
	if l.hidden("services", "") {
		l.note("Services could not all be read: their ports, and addresses in ipBlocks, are checked only where they were")
	}
}

func (l *linter) anyPods() bool {
	for _, name := range l.NamespaceNames() {
		if len(l.Pods(name)) > 0 {
			return true
		}
	}
	return false
}

// podsKnown reports whether what selects no pod of a namespace that the
// snapshot holds selects nothing: "" asks for all namespaces.
func (l *linter) podsKnown(namespace string) bool {
	return !l.hidden("pods", namespace) && (!l.manifests() || namespace != "" && len(l.Pods(namespace)) > 0)
}

// here says "in the input" of what holds of manifests only.
func (l *linter) here() string {
	if l.manifests() {
		return " in the input"
	}
	return ""
}

// milder is the severity of what holds of manifests only.
func (l *linter) milder(s, ofManifests finding.Severity) finding.Severity {
	if l.manifests() {
		return ofManifests
	}
	return s
}

// objectsOf returns the object with the namespace and name of the finding's, if
// the snapshot holds it, and its namespace.
func (l *linter) objectsOf(o finding.Object) iter.Seq[snapshot.Object] {
	return func(yield func(snapshot.Object) bool) {
		if ns := snapshot.Get[corev1.Namespace](l.snap, "", o.Home()); ns != nil && !yield(ns) {
			return
		}
		if object := l.get(o); object != nil && o.Kind != "Namespace" {
			yield(object)
		}
	}
}

func (l *linter) get(o finding.Object) snapshot.Object {
	switch o.Kind {
	case "Namespace":
		return found(snapshot.Get[corev1.Namespace](l.snap, "", o.Name))
	case "NetworkPolicy":
		return found(snapshot.Get[networkingv1.NetworkPolicy](l.snap, o.Namespace, o.Name))
	case "Pod":
		return found(snapshot.Get[corev1.Pod](l.snap, o.Namespace, o.Name))
	case "Deployment":
		return found(snapshot.Get[appsv1.Deployment](l.snap, o.Namespace, o.Name))
	case "StatefulSet":
		return found(snapshot.Get[appsv1.StatefulSet](l.snap, o.Namespace, o.Name))
	case "DaemonSet":
		return found(snapshot.Get[appsv1.DaemonSet](l.snap, o.Namespace, o.Name))
	case "ReplicaSet":
		return found(snapshot.Get[appsv1.ReplicaSet](l.snap, o.Namespace, o.Name))
	case "Job":
		return found(snapshot.Get[batchv1.Job](l.snap, o.Namespace, o.Name))
	case "CronJob":
		return found(snapshot.Get[batchv1.CronJob](l.snap, o.Namespace, o.Name))
	}
	return nil
}

// found keeps a nil pointer from being an object.
func found[T any, P interface {
	*T
	snapshot.Object
}](object P) snapshot.Object {
	if object == nil {
		return nil
	}
	return object
}

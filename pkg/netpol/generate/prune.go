package generate

import (
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// prune drops the parts of plans without which every flow is still allowed:
// those for what passes anyway, as from a pod's own node, and those that other
// parts cover. Each part that stays was taken away, and some flow was denied;
// but for those whose flows are not known to be allowed with it.
func (g *generator) prune(group []*plan) error {
	small, err := g.excerpt(group)
	if err != nil {
		return err
	}
	whole, err := small.With(g.drafts(group))
	if err != nil {
		return err
	}
	finder := newFinder(whole)
	sure := map[*Flow]bool{}
	var flows []*Flow
	for _, p := range group {
		for _, f := range p.flows {
			if _, seen := sure[f]; !seen {
				sure[f] = finder.verdict(f) == netpol.Allowed
				flows = append(flows, f)
			}
		}
	}
	stays := func(flows []*Flow) bool {
		return !slices.ContainsFunc(flows, func(f *Flow) bool { return sure[f] && finder.verdict(f) != netpol.Allowed })
	}
	for _, p := range group {
		for _, one := range slices.Clone(p.parts) {
			if !slices.ContainsFunc(one.flows, func(f *Flow) bool { return sure[f] }) {
				g.result.Unproven++
				continue
			}
			all := p.parts
			p.parts = slices.DeleteFunc(slices.Clone(all), func(other *part) bool { return other == one })
			later, err := small.With(g.drafts(group))
			if err != nil {
				return err
			}
			finder.move(later)
			// The flows that it is for come first: they mostly settle it.
			if !stays(one.flows) || !stays(flows) {
				p.parts = all
				g.result.Parts++
			}
		}
	}
	return nil
}

// drafts are the policies of plans as they are.
func (g *generator) drafts(group []*plan) []snapshot.Object {
	objects := make([]snapshot.Object, 0, len(group))
	for _, p := range group {
		objects = append(objects, g.object(p))
	}
	return objects
}

// excerpt is the cluster with nothing but the ends of the plans' flows and no
// policy: what their policies decide can be seen in it.
func (g *generator) excerpt(group []*plan) (*netpol.Cluster, error) {
	b := snapshot.NewBuilder()
	kept := map[string]bool{}
	for _, p := range group {
		for _, f := range p.flows {
			for _, e := range []*netpol.Endpoint{f.From, f.To} {
				kept[e.String()] = true
				kept["node/"+e.Node] = true
			}
		}
	}
	for object := range g.cluster.Snapshot().All() {
		if g.isEnd(object, kept) {
			b.Add(object)
		}
	}
	s, err := b.Build(g.cluster.Snapshot().Info())
	if err != nil {
		return nil, fmt.Errorf("take an excerpt of the cluster: %w", err)
	}
	return netpol.NewCluster(s, g.cluster.Profile()), nil
}

// isEnd reports whether endpoints that are kept are made of the object.
func (g *generator) isEnd(object snapshot.Object, kept map[string]bool) bool {
	template := func(kind string) bool { return kept[object.GetNamespace()+"/"+kind+"/"+object.GetName()] }
	switch object.(type) {
	case *corev1.Namespace:
		return true
	case *corev1.Pod:
		return kept["pod/"+object.GetNamespace()+"/"+object.GetName()]
	case *corev1.Node:
		return kept["node/"+object.GetName()]
	case *appsv1.Deployment:
		return template("Deployment")
	case *appsv1.StatefulSet:
		return template("StatefulSet")
	case *appsv1.DaemonSet:
		return template("DaemonSet")
	case *appsv1.ReplicaSet:
		return template("ReplicaSet")
	case *batchv1.Job:
		return template("Job")
	case *batchv1.CronJob:
		return template("CronJob")
	default:
		return false
	}
}

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
			needed, err := g.denies(group, one, sure)
			if err == nil && !needed {
				var later *netpol.Cluster
				if later, err = small.With(g.drafts(group)); err == nil {
					finder.move(later)
					needed = !stays(flows)
				}
			}
			if err != nil {
				return err
			}
			if needed {
				p.parts = all
				g.result.Parts++
			}
		}
	}
	return nil
}

// denies reports whether a flow of the part is not allowed by the policies as
// they are: nothing but its own ends is needed to see that.
func (g *generator) denies(group []*plan, one *part, sure map[*Flow]bool) (bool, error) {
	i := slices.IndexFunc(one.flows, func(f *Flow) bool { return sure[f] })
	b := snapshot.NewBuilder()
	g.addEnds(b, one.flows[i:i+1])
	b.Add(g.drafts(group)...)
	c, err := g.build(b)
	if err != nil {
		return false, err
	}
	return newFinder(c).verdict(one.flows[i]) != netpol.Allowed, nil
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
	var flows []*Flow
	for _, p := range group {
		flows = append(flows, p.flows...)
	}
	g.addEnds(b, flows)
	return g.build(b)
}

func (g *generator) build(b *snapshot.Builder) (*netpol.Cluster, error) {
	s, err := b.Build(g.cluster.Snapshot().Info())
	if err != nil {
		return nil, fmt.Errorf("take an excerpt of the cluster: %w", err)
	}
	return netpol.NewCluster(s, g.cluster.Profile()), nil
}

// addEnds adds the objects that the ends of flows are made of, each once.
func (g *generator) addEnds(b *snapshot.Builder, flows []*Flow) {
	if g.objectsOf == nil {
		g.objectsOf = map[string]snapshot.Object{}
		for object := range g.cluster.Snapshot().All() {
			if name := endOf(object); name != "" {
				g.objectsOf[name] = object
			}
		}
	}
	added := map[string]bool{}
	for _, f := range flows {
		for _, e := range []*netpol.Endpoint{f.From, f.To} {
			for _, name := range []string{e.String(), "node/" + e.Node, "namespace/" + e.Namespace} {
				if object := g.objectsOf[name]; object != nil && !added[name] {
					added[name] = true
					b.Add(object)
				}
			}
		}
	}
}

// endOf names an object as the endpoint that is made of it, a namespace by
// itself, and nothing else.
func endOf(object snapshot.Object) string {
	template := func(kind string) string { return object.GetNamespace() + "/" + kind + "/" + object.GetName() }
	switch object.(type) {
	case *corev1.Namespace:
		return "namespace/" + object.GetName()
	case *corev1.Pod:
		return "pod/" + object.GetNamespace() + "/" + object.GetName()
	case *corev1.Node:
		return "node/" + object.GetName()
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
		return ""
	}
}

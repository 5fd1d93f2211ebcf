package suggest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// candidate is a set of changes that was simulated.
type candidate struct {
	changes []Change
	opens   []Opening
	extra   float64 // how much more is open
	size    int     // how much text is added
}

// best simulates the combinations of what may open each denied direction, and
// returns the one that opens least beside what was asked for, of these the
// smallest; nil where none helps without closing something.
func (s *search) best() (*candidate, error) {
	var best *candidate
	for _, egress := range orNothing(s.proposals(netpol.Egress)) {
		for _, ingress := range orNothing(s.proposals(netpol.Ingress)) {
			changes := combined(egress, ingress)
			if len(changes) == 0 {
				continue
			}
			c, err := s.simulate(changes)
			if err != nil {
				return nil, err
			}
			if c != nil && (best == nil || c.less(best)) {
				best = c
			}
		}
	}
	return best, nil
}

// orNothing is what a direction that is open needs.
func orNothing(proposals []proposal) []proposal {
	if len(proposals) == 0 {
		return []proposal{nil}
	}
	return proposals
}

func (c *candidate) less(other *candidate) bool {
	return cmp.Or(cmp.Compare(c.extra, other.extra), cmp.Compare(c.size, other.size)) < 0
}

// combined joins edits of one policy.
func combined(egress, ingress proposal) []Change {
	all := slices.Clone(egress)
	for _, change := range ingress {
		i := slices.IndexFunc(all, func(c Change) bool {
			return c.Policy.Namespace == change.Policy.Namespace && c.Policy.Name == change.Policy.Name
		})
		if i < 0 {
			all = append(all, change)
			continue
		}
		both := all[i].Policy.DeepCopy()
		change.to(both)
		all[i].Policy, change.Policy = both, both
		all = append(all, change)
	}
	return all
}

// simulate applies the changes and asks again. It is nil where not everything
// that was asked for is allowed then, or something else is no longer.
func (s *search) simulate(changes []Change) (*candidate, error) {
	c := &candidate{changes: changes}
	var objects []snapshot.Object
	for _, change := range changes {
		if slices.ContainsFunc(objects, func(o snapshot.Object) bool { return o == snapshot.Object(change.Policy) }) {
			continue
		}
		objects = append(objects, change.Policy)
		size, err := s.added(change.Policy)
		if err != nil {
			return nil, err
		}
		c.size += size
	}
	for i := range objects { // the cluster keeps them
		objects[i] = objects[i].DeepCopyObject().(snapshot.Object)
	}
	later, err := s.cluster.With(objects)
	if err != nil {
		return nil, err
	}
	answer, err := later.Answer(s.question)
	if err != nil {
		return nil, err
	}
	if answer.Verdict != netpol.Allowed {
		return nil, nil
	}
	if !s.compare(c, later) {
		return nil, nil
	}
	return c, nil
}

// added is how much longer the policy is than the one that exists.
func (s *search) added(np *networkingv1.NetworkPolicy) (int, error) {
	text, err := json.Marshal(np)
	if err != nil {
		return 0, fmt.Errorf("write NetworkPolicy %s/%s: %w", np.Namespace, np.Name, err)
	}
	size := len(text)
	if stored := snapshot.Get[networkingv1.NetworkPolicy](s.cluster.Snapshot(), np.Namespace, np.Name); stored != nil {
		if text, err = json.Marshal(bare(stored)); err != nil {
			return 0, fmt.Errorf("write NetworkPolicy %s/%s: %w", np.Namespace, np.Name, err)
		}
		size -= len(text)
	}
	return size, nil
}

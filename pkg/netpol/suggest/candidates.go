package suggest

import (
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
)

// proposal is what may open one direction.
type proposal []Change

// proposals returns the edits of existing policies, then new policies.
func (s *search) proposals(d netpol.Direction) []proposal {
	var found []proposal
	for _, edit := range s.edits(d) {
		found = append(found, proposal{edit})
	}
	if fresh := s.fresh(d); len(fresh) > 0 {
		found = append(found, fresh)
	}
	return found
}

// denied yields what policies of a direction deny.
func (s *search) denied(d netpol.Direction, yield func(asked, netpol.Step)) {
	for _, a := range s.asked {
		for _, step := range a.steps {
			if step.Direction == d {
				yield(a, step)
			}
		}
	}
}

// atoms are what rules for a subject lack.
func (s *search) atoms(d netpol.Direction, namespace string, only *draft.Unit) []draft.Atom {
	var atoms []draft.Atom
	s.denied(d, func(a asked, step netpol.Step) {
		if only != nil && s.drafter.Unit(step.Subject) != only {
			return
		}
		for _, peer := range s.peers(d, namespace, a) {
			atoms = append(atoms, draft.Atom{Peer: peer, Port: a.ports()})
		}
	})
	return atoms
}

// peers are those of the other end of a flow: addresses as they were asked
// for, not in the pieces that policies cut them into.
func (s *search) peers(d netpol.Direction, namespace string, a asked) []networkingv1.NetworkPolicyPeer {
	end, reference := a.flow.From, s.question.From
	if d == netpol.Egress {
		end, reference = a.flow.To, s.question.To
	}
	var peers []networkingv1.NetworkPolicyPeer
	if end.Kind == netpol.ExternalEndpoint {
		for _, block := range reference.Blocks() {
			if is4 := !strings.Contains(block.CIDR, ":"); is4 == (a.flow.Family == netpol.IPv4) {
				peers = append(peers, networkingv1.NetworkPolicyPeer{IPBlock: &block})
			}
		}
	}
	if len(peers) > 0 {
		return peers
	}
	return s.drafter.Peers(namespace, end, a.flow.Family)
}

// fresh returns a new policy for every subject.
func (s *search) fresh(d netpol.Direction) proposal {
	var subjects []*draft.Unit
	words := map[*draft.Unit]string{}
	s.denied(d, func(a asked, step netpol.Step) {
		u := s.drafter.Unit(step.Subject)
		if u == nil {
			return
		}
		peer := a.flow.From
		if d == netpol.Egress {
			peer = a.flow.To
		}
		word := s.word(d, peer)
		if !slices.Contains(subjects, u) {
			subjects = append(subjects, u)
			words[u] = word
		} else if words[u] != word {
			words[u] = "several"
		}
	})
	var made proposal
	for _, u := range subjects {
		link := map[netpol.Direction]string{netpol.Ingress: "from", netpol.Egress: "to"}[d]
		name := s.drafter.Name(u.Namespace, s.drafter.Word(u.Pods[0]), link, words[u])
		rules := map[netpol.Direction][]draft.Rule{d: draft.Rules(s.atoms(d, u.Namespace, u))}
		made = append(made, Change{Policy: u.Policy(name, rules, d)})
	}
	return made
}

// word names the peer in the name of a policy.
func (s *search) word(d netpol.Direction, peer *netpol.Endpoint) string {
	reference := s.question.From
	if d == netpol.Egress {
		reference = s.question.To
	}
	if peer.Kind == netpol.ExternalEndpoint && (reference.Internet || reference.Range.IsValid()) {
		return reference.String()
	}
	return s.drafter.Word(peer)
}

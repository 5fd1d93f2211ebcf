package netpol

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Rule is one rule of a policy, to look at.
type Rule struct {
	Direction Direction
	Index     int        // in spec.ingress or spec.egress
	Peers     []Peer     // none: every source or destination
	Ports     []RulePort // none: every port
}

// Path returns the rule's place in the policy, as spec.ingress[0].
func (r Rule) Path() string { return path("spec."+string(r.Direction), r.Index) }

// PeerPath returns the place of one of the rule's peers, as
// spec.ingress[0].from[1].
func (r Rule) PeerPath(index int) string {
	if r.Direction == Egress {
		return path(r.Path()+".to", index)
	}
	return path(r.Path()+".from", index)
}

// PortPath returns the place of one of the rule's ports.
func (r Rule) PortPath(index int) string { return path(r.Path()+".ports", index) }

// String says what the rule allows, without its place in the policy.
func (r Rule) String() string {
	peers, ports := make([]string, 0, len(r.Peers)), make([]string, 0, len(r.Ports))
	for _, p := range r.Peers {
		peers = append(peers, p.String())
	}
	for _, p := range r.Ports {
		ports = append(ports, p.String())
	}
	return fmt.Sprintf("%s %s on %s", r.Direction, orAll(peers, "any"), orAll(ports, "every port"))
}

func orAll(list []string, all string) string {
	if len(list) == 0 {
		return all
	}
	return strings.Join(list, " or ")
}

// Peer is one element of from or to. Either it is a block, or it selects pods.
type Peer struct {
	// Namespaces is nil where the peer has no namespaceSelector: it is about
	// the policy's own then.
	Namespaces labels.Selector
	Pods       labels.Selector // selects everything where the peer has none
	Block      netip.Prefix    // of an ipBlock
	Except     []netip.Prefix

	peer *peer
}

// String says what the peer is.
func (p Peer) String() string {
	switch {
	case p.Block.IsValid():
		without := make([]string, 0, len(p.Except))
		for _, except := range p.Except {
			without = append(without, except.String())
		}
		if len(without) == 0 {
			return p.Block.String()
		}
		return p.Block.String() + " except " + strings.Join(without, ", ")
	case p.Namespaces == nil:
		return "pods " + p.peer.pods.String()
	default:
		return fmt.Sprintf("pods %s in namespaces %s", p.peer.pods, p.peer.namespaces)
	}
}

// RulePort is one element of ports: a name, or a range of numbers.
type RulePort struct {
	Protocol corev1.Protocol
	Name     string // "" for numbers
	From, To int32
}

// String returns NAME/PROTOCOL, or a range as PortRange has it.
func (p RulePort) String() string {
	if p.Name != "" {
		return strconv.Quote(p.Name) + "/" + string(p.Protocol)
	}
	return PortRange{p.Protocol, p.From, p.To}.String()
}

// Has reports whether the number is one of the port's; false for names.
func (p RulePort) Has(protocol corev1.Protocol, number int32) bool {
	return p.Name == "" && p.Protocol == protocol && p.From <= number && number <= p.To
}

// Isolates reports whether the policy isolates what it selects in a direction.
func (p *Policy) Isolates(d Direction) bool { return p.isolates[d] }

// Subject returns the policy's podSelector.
func (p *Policy) Subject() labels.Selector { return p.subject.labels() }

// Rules returns the rules of a direction, whether or not the policy isolates in
// it.
func (p *Policy) Rules(d Direction) []Rule {
	rules := p.rules(d)
	views := make([]Rule, 0, len(rules))
	for i := range rules {
		views = append(views, rules[i].view(d, i))
	}
	return views
}

func (r *rule) view(d Direction, index int) Rule {
	view := Rule{Direction: d, Index: index}
	for i := range r.peers {
		view.Peers = append(view.Peers, r.peers[i].view())
	}
	for _, c := range r.ports {
		view.Ports = append(view.Ports, RulePort{Protocol: c.protocol, Name: c.name, From: c.from, To: c.to})
	}
	return view
}

func (p *peer) view() Peer {
	view := Peer{Pods: p.pods.labels(), peer: p}
	if p.namespaces != nil {
		view.Namespaces = p.namespaces.labels()
	}
	if p.block != nil {
		view.Block, view.Except = p.block.cidr, p.block.except
	}
	return view
}

func (s selector) labels() labels.Selector { return labels.NewSelector().Add(s.requirements...) }

// IsEmpty reports whether the exceptions of a block leave no address of it.
func (p Peer) IsEmpty() bool {
	if !p.Block.IsValid() {
		return false
	}
	var without []addressRange
	for _, except := range p.Except {
		without = append(without, rangeOf(except))
	}
	return !slices.ContainsFunc(rangeOf(p.Block).cut(without), func(piece addressRange) bool {
		return !slices.ContainsFunc(without, func(a addressRange) bool { return a.contains(piece.first) })
	})
}

// Contains reports whether the address is in the block and in none of its
// exceptions.
func (p Peer) Contains(addr netip.Addr) bool {
	return p.Block.IsValid() && p.Block.Contains(addr.Unmap()) && !slices.ContainsFunc(p.Except, func(e netip.Prefix) bool { return e.Contains(addr.Unmap()) })
}

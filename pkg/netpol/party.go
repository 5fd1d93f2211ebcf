package netpol

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// By says which endpoints are looked at as one.
type By string

// The ways to look at endpoints.
const (
	ByPod       By = "pod"
	ByWorkload  By = "workload"
	ByNamespace By = "namespace"
)

// Ways returns all of them, the finest first.
func Ways() []By { return []By{ByPod, ByWorkload, ByNamespace} }

// Party is endpoints that are looked at as one.
type Party struct {
	Namespace string // of pods
	// Name is what the party is called: a reference where it can be one, as
	// shop/deployment/web, namespace/shop, node/n1 or 10.0.0.0/8; "nodes",
	// "internet", or several ranges of addresses.
	Name    string
	Kind    EndpointKind
	Members []*Endpoint
}

// Internet is the name of the party of all addresses that no pod, node or
// policy names.
const Internet = "internet"

// Parties divides the endpoints of the matrix, in their order: by pod every
// one is a party of its own, otherwise all nodes are one, addresses that no
// policy tells apart are, and those that no policy names. Addresses without
// any flow are left out.
func (m *Matrix) Parties(by By) []Party {
	var parties []Party
	at := map[[2]string]int{}
	d := division{m, by, m.cluster.blockRanges()}
	// Where nobody is, addresses may be asked about all the same: by pods that do
	// not exist yet.
	inhabited := slices.ContainsFunc(m.everyone, func(e *Endpoint) bool { return e.Kind != ExternalEndpoint })
	for _, e := range m.everyone {
		class := m.classOf[e]
		if inhabited && e.Kind == ExternalEndpoint && !m.hasFlows(class) {
			continue
		}
		key, name := d.party(e)
		i, ok := at[key]
		if !ok {
			i = len(parties)
			at[key] = i
			parties = append(parties, Party{Namespace: e.Namespace, Name: name, Kind: e.Kind})
		}
		parties[i].Members = append(parties[i].Members, e)
	}
	for i := range parties {
		if p := &parties[i]; p.Name == "" {
			p.Name = rangesText(p.Members)
		}
	}
	slices.SortStableFunc(parties, compareParties)
	return parties
}

// division makes the parties of a matrix.
type division struct {
	*Matrix
	by     By
	blocks []addressRange
}

// party returns what tells the party of an endpoint from others, and its name;
// none where that follows from the members.
func (d *division) party(e *Endpoint) (key [2]string, name string) {
	switch {
	case d.by == ByPod:
		return [2]string{string(e.Kind), e.Reference()}, e.Reference()
	case e.Kind == NodeEndpoint:
		return [2]string{string(e.Kind)}, "nodes"
	case e.Kind == ExternalEndpoint && !d.isNamed(e.Addresses[0]):
		return [2]string{string(e.Kind), Internet}, Internet
	case e.Kind == ExternalEndpoint:
		return [2]string{string(e.Kind), fmt.Sprint(d.classOf[e])}, ""
	case d.by == ByNamespace:
		return [2]string{e.Namespace}, "namespace/" + e.Namespace
	default:
		return [2]string{e.Namespace, e.workloadReference()}, e.workloadReference()
	}
}

// compareParties puts the internet before other addresses, and the workloads
// of a namespace in order.
func compareParties(a, b Party) int {
	rank := func(p Party) int {
		kind := slices.Index([]EndpointKind{PodEndpoint, NodeEndpoint, ExternalEndpoint}, p.Kind)
		if p.Kind == ExternalEndpoint && p.Name != Internet {
			kind++
		}
		return kind
	}
	if r := rank(a) - rank(b); r != 0 || a.Kind != PodEndpoint {
		return r
	}
	return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
}

// Reference names the endpoint as a Reference does: shop/pod/web, node/n1, an
// address or range; or shop/deployment/web for a template without pods.
func (e *Endpoint) Reference() string {
	switch {
	case e.Kind != PodEndpoint:
		return e.String()
	case e.Name == "":
		return e.workloadReference()
	default:
		return e.Namespace + "/pod/" + e.Name
	}
}

// workloadReference names the controller at the top, or a pod without one.
func (e *Endpoint) workloadReference() string {
	kind, name, ok := strings.Cut(e.Workload, "/")
	switch {
	case !ok:
		kind, name = "pod", e.Name
	case kind == "Node": // of the pods that a node runs by itself
		return e.Namespace + "/static pods of " + name
	}
	return e.Namespace + "/" + strings.ToLower(kind) + "/" + name
}

// CIDRs returns the addresses of an External endpoint in CIDR notation, single
// ones as they are.
func (e *Endpoint) CIDRs() []string {
	if e.Kind != ExternalEndpoint || !e.Last.IsValid() {
		return []string{e.String()}
	}
	var names []string
	for _, p := range e.Prefixes() {
		names = append(names, rangeOf(p).String())
	}
	return names
}

// largest is the largest prefix that begins at one address and does not go
// beyond another.
func largest(first, last netip.Addr) netip.Prefix {
	for bits := range first.BitLen() {
		if p := netip.PrefixFrom(first, bits); p.Masked() == p && rangeOf(p).last.Compare(last) <= 0 {
			return p
		}
	}
	return netip.PrefixFrom(first, first.BitLen())
}

func rangesText(endpoints []*Endpoint) string {
	var ranges []string
	for _, e := range endpoints {
		ranges = append(ranges, e.String())
	}
	return strings.Join(ranges, ", ")
}

// isNamed reports whether a policy names a range with the address: not all
// addresses, but some or all others.
func (d *division) isNamed(addr netip.Addr) bool {
	return slices.ContainsFunc(d.blocks, func(r addressRange) bool {
		return r.contains(addr) && r != rangeOf(netip.PrefixFrom(addr, 0))
	})
}

// IsPublic reports whether the endpoint stands for any address of the
// internet.
func (e *Endpoint) IsPublic() bool {
	if e.Kind != ExternalEndpoint {
		return false
	}
	whole := e.whole()
	reserved := special()
	if whole.first.Is6() {
		global := rangeOf(netip.MustParsePrefix("2000::/3"))
		if whole.last.Less(global.first) || global.last.Less(whole.first) {
			return false
		}
	}
	return slices.ContainsFunc(whole.cut(reserved), func(piece addressRange) bool {
		return !slices.ContainsFunc(reserved, func(r addressRange) bool { return r.contains(piece.first) })
	})
}

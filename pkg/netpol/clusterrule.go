package netpol

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// rule reads one element of spec.ingress or spec.egress.
func (r *clusterReader) rule(f *fields, peersField string, known []string) rule {
	f.require("action", peersField)
	made := rule{name: f.text("name", 100), word: f.word("action", r.words()...), field: r.portsField()}
	made.action = r.actions[made.word]
	foreign := false // a peer is of a kind that is not known
	for _, from := range f.objects(peersField, 1, r.most) {
		p := r.peer(from, known)
		foreign = foreign || p.foreign
		made.peers = append(made.peers, p)
	}
	made.ports = r.ports(f)
	if unknown := f.unread(); len(unknown) > 0 {
		made.unknown = unknownFields(f.at, unknown)
		r.remark("%s", made.unknown)
	}
	r.namedPorts(f, made)
	if foreign {
		return failClosed(made)
	}
	return made
}

func (r *clusterReader) words() []string {
	var words []string
	for _, word := range []string{"Accept", "Allow", "Deny", "Pass"} {
		if r.actions[word] != "" {
			words = append(words, word)
		}
	}
	return words
}

// namedPorts refuses names of ports beside peers that have none.
func (r *clusterReader) namedPorts(f *fields, made rule) {
	nameless := slices.ContainsFunc(made.peers, func(p peer) bool { return p.nodes != nil || p.networks != nil || p.domains != nil })
	named := slices.ContainsFunc(made.ports, func(c portClause) bool { return c.name != "" })
	if nameless && named {
		r.problem(f.at, "named ports cannot be set with nodes, networks or domainNames, which have none")
	}
}

// failClosed is what a rule means of which a peer is not known.
// Source: "fail closed" at ClusterNetworkPolicyIngressPeer: "For Accept rules
// ... treat the rule as matching no traffic. For Deny and Pass rules ... treat
// the rule as a 'Deny all' rule."
func failClosed(r rule) rule {
	r.closed = true
	if r.action != Accept {
		r.action, r.peers, r.ports, r.unknown = Deny, nil, nil, ""
	}
	return r
}

func (r *clusterReader) peer(f *fields, known []string) peer {
	p := r.podPeer(f, known)
	switch {
	case f.has("nodes") && slices.Contains(known, "nodes"):
		nodes, err := f.selector("nodes")
		p.nodes = &nodes
		if err != nil {
			p.unknown = err.Error()
		}
	case f.has("networks") && slices.Contains(known, "networks"):
		p.networks = r.networks(f)
	case f.has("domainNames") && slices.Contains(known, "domainNames"):
		p.domains = r.domains(f)
	}
	return p
}

// podPeer reads what selects pods by their namespaces and labels. Pods of the
// host's network "are not included", as subjects and as peers.
func (r *clusterReader) podPeer(f *fields, known []string) peer {
	p := peer{namespaces: &selector{}, podNetwork: true}
	if r.stored && len(f.values) == 0 {
		p.foreign = true // the definition is of another version
		return p
	}
	if !f.exactly(known...) {
		p.foreign = true
		for _, name := range f.unread() {
			if slices.Contains(peerFields(), name) { // the definition has it elsewhere
				r.problem(f.path(name), "there is no such peer here")
			}
		}
		if len(f.values) == 0 {
			return p
		}
		r.remark("%s names nothing that is known: %s", f.at, strings.Join(f.unread(), ", "))
		return p
	}
	var errs []error
	take := func(from *fields, name string) *selector {
		s, err := from.selector(name)
		errs = append(errs, err)
		return &s
	}
	if f.has("namespaces") {
		p.namespaces, p.whole = take(f, "namespaces"), true
	}
	if pods := f.object("pods"); pods != nil {
		pods.require("podSelector")
		if r.strictPods {
			pods.require("namespaceSelector")
		}
		p.namespaces, p.pods = take(pods, "namespaceSelector"), *take(pods, "podSelector")
		if unknown := pods.unread(); len(unknown) > 0 {
			p.unknown = unknownFields(pods.at, unknown)
		}
	}
	for _, err := range errs {
		if err != nil {
			p.unknown = err.Error()
		}
	}
	return p
}

// peerFields are those of all peers.
func peerFields() []string { return []string{"namespaces", "pods", "nodes", "networks", "domainNames"} }

// networks reads ranges by the rules of isCIDR in CEL: stricter than those of
// ipBlocks, but bits beyond the prefix are allowed.
// Source: pkg/cel/library/cidr.go in k8s.io/apiserver.
func (r *clusterReader) networks(f *fields) []*block {
	var blocks []*block
	texts := f.texts("networks", 1, 25)
	for i, text := range texts {
		at := path(f.path("networks"), i)
		prefix, err := netip.ParsePrefix(text)
		if err != nil || prefix.Addr().Is4In6() || len(text) > 43 {
			r.problem(at, "%q is no range of addresses", text)
		}
		r.unique(at, text, texts[:i])
		blocks = append(blocks, &block{cidr: prefix.Masked()})
	}
	return blocks
}

func (r *clusterReader) unique(at, text string, before []string) {
	if r.version != "v1alpha1" && slices.Contains(before, text) {
		r.problem(at, "%q is there twice", text)
	}
}

func (r *clusterReader) domains(f *fields) []string {
	texts := f.texts("domainNames", 1, 25)
	// As the definition has it, "A-z" included.
	valid := regexp.MustCompile(`^(\*\.)?([a-zA-z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.)+[a-zA-z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.?$`)
	for i, text := range texts {
		at := path(f.path("domainNames"), i)
		if !valid.MatchString(text) {
			r.problem(at, "%q is no name of a domain", text)
		}
		r.unique(at, text, texts[:i])
	}
	return texts
}

func (r *clusterReader) portsField() string {
	if r.version == "v1alpha1" {
		return "ports"
	}
	return "protocols"
}

// ports reads protocols, or the ports of v1alpha1.
func (r *clusterReader) ports(f *fields) []portClause {
	read := map[string]func(*fields) portClause{"ports": r.port, "protocols": r.protocol}[r.portsField()]
	var clauses []portClause
	for _, port := range f.objects(r.portsField(), 1, r.most) {
		clauses = append(clauses, read(port))
	}
	return clauses
}

// protocol reads an element of protocols.
func (r *clusterReader) protocol(f *fields) portClause {
	if !f.exactly("tcp", "udp", "sctp", "destinationNamedPort") {
		return portClause{unknown: unknownFields(f.at, f.unread())}
	}
	if f.has("destinationNamedPort") {
		return namedClause(f, "destinationNamedPort")
	}
	for _, protocol := range Protocols() {
		of := f.object(strings.ToLower(string(protocol)))
		if of == nil {
			continue
		}
		if !of.exactly("destinationPort") {
			return portClause{unknown: unknownFields(of.at, of.unread())}
		}
		port := of.object("destinationPort")
		if port == nil {
			break
		}
		return r.number(port, protocol)
	}
	return portClause{}
}

// number reads the number or range of a port.
func (r *clusterReader) number(f *fields, protocol corev1.Protocol) portClause {
	if !f.exactly("number", "range") {
		return portClause{unknown: unknownFields(f.at, f.unread())}
	}
	if span := f.object("range"); span != nil {
		c := r.span(span, protocol)
		if c.from >= c.to && c.from > 0 && c.to > 0 {
			r.problem(span.at, "the start must be less than the end")
		}
		return c
	}
	n := f.number("number", 1, maxPort)
	return portClause{protocol: protocol, from: n, to: n}
}

func (r *clusterReader) span(f *fields, protocol corev1.Protocol) portClause {
	f.require("start", "end")
	return portClause{protocol: protocol, from: f.number("start", 1, maxPort), to: f.number("end", 1, maxPort)}
}

// namedClause reads a name, which is for ports of all protocols.
func namedClause(f *fields, field string) portClause {
	c := portClause{name: f.text(field, 0)}
	if c.name == "" {
		c.unknown = f.path(field) + " is empty"
	}
	return c
}

// port reads an element of ports in v1alpha1, whose definition asks less: a
// protocol may be any word, and a range may end before it begins.
func (r *clusterReader) port(f *fields) portClause {
	if !f.exactly("portNumber", "namedPort", "portRange") {
		return portClause{unknown: unknownFields(f.at, f.unread())}
	}
	switch {
	case f.has("namedPort"):
		return namedClause(f, "namedPort")
	case f.has("portRange"):
		if span := f.object("portRange"); span != nil {
			return r.span(span, protocolOf(corev1.Protocol(span.text("protocol", 0))))
		}
	default:
		if number := f.object("portNumber"); number != nil {
			number.require("port")
			n := number.number("port", 1, maxPort)
			return portClause{protocol: protocolOf(corev1.Protocol(number.text("protocol", 0))), from: n, to: n}
		}
	}
	return portClause{}
}

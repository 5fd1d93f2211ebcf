package netpol

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// gatewayEntries are those of routes that attach to a Gateway.
func (c *Cluster) gatewayEntries() []Entry {
	gateways := map[[2]string]*gateway{}
	for g := range custom[gateway](c.snap, gatewayGroup, "Gateway") {
		gateways[[2]string{g.Metadata.Namespace, g.Metadata.Name}] = g
	}
	var grants []*referenceGrant
	for grant := range custom[referenceGrant](c.snap, gatewayGroup, "ReferenceGrant") {
		grants = append(grants, grant)
	}
	var found []Entry
	for _, kind := range routeKinds() {
		for r := range custom[gatewayRoute](c.snap, gatewayGroup, kind) {
			for _, parent := range r.Spec.ParentRefs {
				if orDefault(parent.Group, gatewayGroup) != gatewayGroup || orDefault(parent.Kind, "Gateway") != "Gateway" {
					continue // as a Service in a mesh
				}
				own := r.Metadata.Namespace
				at := [2]string{orDefault(parent.Namespace, own), parent.Name}
				g, unsure := gateways[at], ""
				switch {
				case g != nil && !c.attaches(kind, own, parent, g), g == nil && !c.mayMiss("gateways", at[0]):
					continue
				case g == nil:
					unsure = "which is not in the input"
				}
				for _, e := range c.routed(r, kind, grants) {
					e.Namespace, e.Name, e.Unsure = at[0], at[1], unsure
					found = append(found, e)
				}
			}
		}
	}
	return found
}

func orDefault(p *string, otherwise string) string {
	if p == nil {
		return otherwise
	}
	return *p
}

// attaches reports whether a listener of the Gateway takes the route.
// Source: AllowedRoutes and ParentReference in sigs.k8s.io/gateway-api/apis/v1:
// without a word only routes of the Gateway's own namespace.
func (c *Cluster) attaches(kind, namespace string, parent objectRef, g *gateway) bool {
	return slices.ContainsFunc(g.Spec.Listeners, func(l listener) bool {
		if parent.SectionName != "" && parent.SectionName != l.Name || parent.Port != 0 && parent.Port != l.Port || !l.takes(kind) {
			return false
		}
		switch from := l.AllowedRoutes.Namespaces; from.From {
		case "All":
			return true
		case "Selector":
			selector, err := metav1.LabelSelectorAsSelector(from.Selector)
			return err == nil && selector.Matches(c.namespaceOf(namespace).labels)
		case "", "Same":
			return namespace == g.Metadata.Namespace
		default:
			return false
		}
	})
}

// takes reports whether routes of the kind are for the listener's protocol, or
// are named.
// Source: ProtocolType and RouteGroupKind in sigs.k8s.io/gateway-api/apis/v1.
func (l listener) takes(kind string) bool {
	if len(l.AllowedRoutes.Kinds) > 0 {
		return slices.Contains(l.AllowedRoutes.Kinds, kindName{kind})
	}
	switch l.Protocol {
	case "HTTP", "HTTPS":
		return kind == "HTTPRoute" || kind == "GRPCRoute"
	case "TLS":
		return kind == "TLSRoute" || kind == "TCPRoute"
	case "TCP":
		return kind == "TCPRoute"
	default: // of an implementation's own
		return true
	}
}

// mayMiss reports whether objects of a type of Gateway API may be there that
// the snapshot does not have.
func (c *Cluster) mayMiss(resource, namespace string) bool {
	return !c.snap.Info().CoverageKnown() || slices.ContainsFunc(c.snap.Gaps(), func(g snapshot.Gap) bool {
		return g.Group == gatewayGroup && g.Resource == resource && g.Hides(namespace)
	})
}

// routed is what a route leads to from a Gateway.
func (c *Cluster) routed(r *gatewayRoute, kind string, grants []*referenceGrant) []Entry {
	var found []Entry
	own := r.Metadata.Namespace
	for _, rule := range r.Spec.Rules {
		for _, backend := range rule.BackendRefs {
			if orDefault(backend.Group, "") != "" || orDefault(backend.Kind, "Service") != "Service" || backend.Weight != nil && *backend.Weight == 0 {
				continue
			}
			e := Entry{
				Kind: "Gateway", Route: kind + " " + own + "/" + r.Metadata.Name, Host: strings.Join(r.Spec.Hostnames, ", "),
				Service: [2]string{orDefault(backend.Namespace, own), backend.Name}, Port: EntryPort{Number: backend.Port},
			}
			granted := slices.ContainsFunc(grants, func(grant *referenceGrant) bool { return grant.allows(kind, own, e.Service) })
			if e.Service[0] != own && !granted {
				e.Refused = fmt.Sprintf("no ReferenceGrant in namespace %s allows that to %ss of namespace %s", e.Service[0], kind, own)
			}
			found = append(found, e)
		}
	}
	return found
}

// allows reports whether routes of the kind and namespace may name the Service.
// Source: ReferenceGrantSpec in sigs.k8s.io/gateway-api/apis/v1beta1.
func (g *referenceGrant) allows(kind, namespace string, service [2]string) bool {
	from, to := false, false
	for _, f := range g.Spec.From {
		from = from || f.Group == gatewayGroup && f.Kind == kind && f.Namespace == namespace
	}
	for _, t := range g.Spec.To {
		to = to || t.Group == "" && t.Kind == "Service" && (t.Name == "" || t.Name == service[1])
	}
	return g.Metadata.Namespace == service[0] && from && to
}

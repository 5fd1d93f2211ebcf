package netpol_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

func serviceOf(name, spec string) string {
	return fmt.Sprintf("---\napiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: x}\nspec: %s\n", name, spec)
}

func customObject(version, kind, namespace, name, spec string) string {
	return fmt.Sprintf("---\napiVersion: %s\nkind: %s\nmetadata: {name: %s, namespace: %s}\nspec: %s\n", version, kind, name, namespace, spec)
}

// exposedPods are a, b and c behind Services of two ports each, a pod of a
// controller, and a policy by which b takes only that one.
func exposedPods() string {
	return abc() + serviceOf("b", "{selector: {pod: b}, ports: [{name: web, port: 80, targetPort: http}, {name: admin, port: 81, targetPort: 9000}]}") +
		serviceOf("c", "{selector: {pod: c}, ports: [{name: web, port: 80, targetPort: 8080}]}") +
		"---\napiVersion: v1\nkind: Pod\nmetadata: {name: proxy, namespace: infra, labels: {app: proxy}}\n" +
		"spec: {nodeName: n2, containers: [{name: c, image: i}]}\nstatus: {phase: Running, podIPs: [{ip: 10.0.9.1}]}\n" +
		policy("b", "{podSelector: {matchLabels: {pod: b}}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: infra}}}], ports: [{port: 80}]}]}")
}

const (
	v1Gateway = "gateway.networking.k8s.io/v1"
	anyone    = "{gatewayClassName: c, listeners: [{name: web, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]}"
)

// entryTexts are the entries as KIND NS/NAME (…) > NS/SERVICE:PORT.
func entryTexts(c *netpol.Cluster) []string {
	var texts []string
	for _, e := range c.Entries() {
		text := fmt.Sprintf("%s > %s/%s:%s", e, e.Service[0], e.Service[1], e.Port)
		for _, more := range []string{e.Refused, e.Unsure} {
			if more != "" {
				text += "; " + more
			}
		}
		texts = append(texts, text)
	}
	return texts
}

func TestEntries(t *testing.T) {
	for _, tt := range []struct {
		name, manifests string
		want            []string
	}{
		{"none", "", nil},
		{
			"an Ingress", customObject("networking.k8s.io/v1", "Ingress", "x", "web", "{defaultBackend: {service: {name: c, port: {name: web}}}, rules: [{host: a.example, http: {paths: "+
				"[{path: /, pathType: Prefix, backend: {service: {name: b, port: {number: 80}}}}, {path: /x, pathType: Prefix, backend: {service: {name: b, port: {number: 80}}}}, "+
				"{path: /y, pathType: Prefix, backend: {resource: {apiGroup: k.example, kind: Bucket, name: b}}}]}}, {host: b.example}]}"),
			[]string{"Ingress x/web (host a.example) > x/b:80", "Ingress x/web > x/c:web"},
		},
		{
			"a Gateway", customObject(v1Gateway, "Gateway", "infra", "public", anyone) +
				customObject(v1Gateway, "HTTPRoute", "x", "web", "{parentRefs: [{name: public, namespace: infra}], hostnames: [a.example, b.example], rules: [{backendRefs: [{name: b, port: 80}, {name: c, port: 80, weight: 0}]}, {}]}"),
			[]string{"Gateway infra/public (HTTPRoute x/web, host a.example, b.example) > x/b:80"},
		},
		{
			"a Gateway for its own namespace", customObject(v1Gateway, "Gateway", "infra", "public", "{listeners: [{name: web, port: 80, protocol: HTTP}]}") +
				customObject(v1Gateway, "HTTPRoute", "x", "web", "{parentRefs: [{name: public, namespace: infra}], rules: [{backendRefs: [{name: b, port: 80}]}]}") +
				customObject(v1Gateway, "HTTPRoute", "infra", "web", "{parentRefs: [{name: public}], rules: [{backendRefs: [{name: i, port: 80}]}]}"),
			[]string{"Gateway infra/public (HTTPRoute infra/web) > infra/i:80"},
		},
		{
			"a Gateway for chosen namespaces", customObject(v1Gateway, "Gateway", "infra", "public", "{listeners: [{name: web, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {kubernetes.io/metadata.name: x}}}}}]}") +
				customObject(v1Gateway, "HTTPRoute", "x", "web", "{parentRefs: [{name: public, namespace: infra}], rules: [{backendRefs: [{name: b, port: 80}]}]}") +
				customObject(v1Gateway, "HTTPRoute", "other", "web", "{parentRefs: [{name: public, namespace: infra}], rules: [{backendRefs: [{name: b, port: 80}]}]}"),
			[]string{"Gateway infra/public (HTTPRoute x/web) > x/b:80"},
		},
		{
			"listeners", customObject(v1Gateway, "Gateway", "x", "g", "{listeners: [{name: web, port: 80, protocol: HTTP}, {name: tls, port: 443, protocol: TLS}, {name: tcp, port: 5432, protocol: TCP}, {name: grpc, port: 81, protocol: HTTP, allowedRoutes: {kinds: [{kind: GRPCRoute}]}}]}") +
				customObject(v1Gateway, "HTTPRoute", "x", "other-section", "{parentRefs: [{name: g, sectionName: nosuch}], rules: [{backendRefs: [{name: b, port: 80}]}]}") +
				customObject(v1Gateway, "HTTPRoute", "x", "other-port", "{parentRefs: [{name: g, port: 82}], rules: [{backendRefs: [{name: b, port: 80}]}]}") +
				customObject(v1Gateway, "HTTPRoute", "x", "other-kind", "{parentRefs: [{name: g, sectionName: grpc}], rules: [{backendRefs: [{name: b, port: 80}]}]}") +
				customObject(v1Gateway, "HTTPRoute", "x", "other-protocol", "{parentRefs: [{name: g, sectionName: tcp}], rules: [{backendRefs: [{name: b, port: 80}]}]}") +
				customObject(v1Gateway, "GRPCRoute", "x", "grpc", "{parentRefs: [{name: g, sectionName: grpc}], rules: [{backendRefs: [{name: b, port: 80}]}]}") +
				customObject("gateway.networking.k8s.io/v1alpha2", "TLSRoute", "x", "tls", "{parentRefs: [{name: g, port: 443}], rules: [{backendRefs: [{name: b, port: 80}]}]}") +
				customObject("gateway.networking.k8s.io/v1alpha2", "TCPRoute", "x", "tcp", "{parentRefs: [{name: g}], rules: [{backendRefs: [{name: b, port: 80}]}]}"),
			[]string{"Gateway x/g (GRPCRoute x/grpc) > x/b:80", "Gateway x/g (TCPRoute x/tcp) > x/b:80", "Gateway x/g (TLSRoute x/tls) > x/b:80"},
		},
		{
			"parents and backends of other kinds", customObject(v1Gateway, "Gateway", "x", "b", anyone) +
				customObject(v1Gateway, "HTTPRoute", "x", "mesh", "{parentRefs: [{group: '', kind: Service, name: b}], rules: [{backendRefs: [{name: b, port: 80}]}]}") +
				customObject(v1Gateway, "HTTPRoute", "x", "bucket", "{parentRefs: [{name: b}], rules: [{backendRefs: [{group: k.example, kind: Bucket, name: b}]}]}"),
			nil,
		},
		{
			"a Service of another namespace", customObject(v1Gateway, "Gateway", "infra", "g", anyone) +
				customObject(v1Gateway, "HTTPRoute", "infra", "one", "{parentRefs: [{name: g}], rules: [{backendRefs: [{name: b, namespace: x, port: 80}, {name: c, namespace: x, port: 80}]}]}") +
				customObject("gateway.networking.k8s.io/v1beta1", "ReferenceGrant", "x", "b", "{from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: infra}], to: [{group: '', kind: Service, name: b}]}") +
				customObject("gateway.networking.k8s.io/v1beta1", "ReferenceGrant", "x", "tcp", "{from: [{group: gateway.networking.k8s.io, kind: TCPRoute, namespace: infra}], to: [{group: '', kind: Service}]}") +
				customObject("gateway.networking.k8s.io/v1beta1", "ReferenceGrant", "other", "all", "{from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: infra}], to: [{group: '', kind: Service}]}"),
			[]string{"Gateway infra/g (HTTPRoute infra/one) > x/b:80", "Gateway infra/g (HTTPRoute infra/one) > x/c:80; no ReferenceGrant in namespace x allows that to HTTPRoutes of namespace infra"},
		},
		{
			"a Gateway that manifests lack", customObject(v1Gateway, "HTTPRoute", "x", "web", "{parentRefs: [{name: public, namespace: infra}], rules: [{backendRefs: [{name: b, port: 80}]}]}"),
			[]string{"Gateway infra/public (HTTPRoute x/web) > x/b:80; which is not in the input"},
		},
		{
			"a Route", customObject("route.openshift.io/v1", "Route", "x", "r", "{host: a.example, to: {kind: Service, name: b, weight: 100}, alternateBackends: [{kind: Service, name: c}, {kind: Service, name: d, weight: 0}], port: {targetPort: 8080}}") +
				customObject("route.openshift.io/v1", "Route", "x", "s", "{host: s.example, to: {kind: Service, name: b}, port: {targetPort: web}}"),
			[]string{"Route x/r (host a.example) > x/b:8080", "Route x/s (host s.example) > x/b:web", "Route x/r (host a.example) > x/c:8080"},
		},
		{"an object of another form", customObject("route.openshift.io/v1", "Route", "x", "r", "{host: [a.example], to: b}"), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := clusterOf(t, exposedPods()+tt.manifests)
			if diff := cmp.Diff(tt.want, entryTexts(c), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// On a cluster that was read, a Gateway that is not there takes no route.
func TestEntriesOfAMissingGateway(t *testing.T) {
	route := customObject(v1Gateway, "HTTPRoute", "x", "web", "{parentRefs: [{name: public, namespace: infra}], rules: [{backendRefs: [{name: b, port: 80}]}]}")
	for _, tt := range []struct {
		gap  *snapshot.Gap
		want int
	}{{nil, 0}, {&snapshot.Gap{Group: "gateway.networking.k8s.io", Resource: "gateways", Reason: snapshot.Forbidden}, 1}} {
		b := snapshot.NewBuilder()
		if err := dir.Decode(t.Context(), b, "in.yaml", strings.NewReader(exposedPods()+route), "x"); err != nil {
			t.Fatal(err)
		}
		if tt.gap != nil {
			b.Gap(*tt.gap)
		}
		s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
		if err != nil {
			t.Fatal(err)
		}
		if got := entryTexts(netpol.NewCluster(s, netpol.ProfileCommon)); len(got) != tt.want {
			t.Errorf("gap %v: %q", tt.gap, got)
		}
	}
}

// askVia asks about what comes in through an entry that via serves.
func askVia(t *testing.T, c *netpol.Cluster, from, to, via string, ports ...string) (*netpol.Answer, error) {
	t.Helper()
	q := netpol.Question{From: reference(t, from), To: reference(t, to)}
	if via != "" {
		q.Via = reference(t, via)
	}
	for _, typed := range ports {
		if err := q.AddPort(typed); err != nil {
			t.Fatal(err)
		}
	}
	a, err := c.Answer(q)
	if err == nil {
		checkAnswer(t, a)
	}
	return a, err
}

// What comes in through an entry is judged as what its controller sends, where
// that is named, and only at what it leads to.
func TestThroughEntry(t *testing.T) {
	c := clusterOf(t, exposedPods()+
		customObject("networking.k8s.io/v1", "Ingress", "x", "web", "{rules: [{host: a.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: b, port: {name: web}}}}]}}]}")+
		customObject("networking.k8s.io/v1", "Ingress", "x", "number", "{defaultBackend: {service: {name: b, port: {number: 81}}}}")+
		customObject("route.openshift.io/v1", "Route", "x", "admin", "{host: b.example, to: {kind: Service, name: b}, port: {targetPort: 9000}}")+
		customObject(v1Gateway, "Gateway", "infra", "g", anyone)+
		customObject(v1Gateway, "HTTPRoute", "infra", "g", "{parentRefs: [{name: g}], rules: [{backendRefs: [{name: c, namespace: x, port: 80}]}]}"))
	const controller = "infra/proxy"
	for _, tt := range []struct {
		name, from, to, via string
		ports               []string
		verdict             netpol.Verdict
		flows               []string
		says                string
	}{
		{"nobody is named", "x/ingress/web", "x/svc/b", "", nil, netpol.Undefined, nil, "policies see the pods that serve x/ingress/web, not its clients, and nothing in the input says which pods those are"},
		{"to the Service", "x/ingress/web", "x/svc/b", controller, nil, netpol.Allowed, []string{"infra/proxy -> x/b 80/TCP Allowed"}, "policies see infra/proxy, not the clients"},
		{"to the pod", "x/ingress/web", "x/b", controller, nil, netpol.Allowed, []string{"infra/proxy -> x/b 80/TCP Allowed"}, ""},
		{"a port by its number", "x/ingress/number", "x/b", controller, nil, netpol.Denied, []string{"infra/proxy -> x/b 9000/TCP Denied"}, ""},
		{"to the namespace", "x/ingress/web", "ns/x", controller, nil, netpol.Allowed, []string{"infra/proxy -> x/b 80/TCP Allowed"}, ""},
		{"served by others", "x/ingress/web", "x/b", "x/a", nil, netpol.Denied, []string{"x/a -> x/b 80/TCP Denied"}, ""},
		{"served from outside", "x/ingress/web", "x/b", "192.0.2.0/24", nil, netpol.Denied, []string{"192.0.2.0/24 -> x/b 80/TCP Denied"}, ""},
		{"to another port", "x/ingress/web", "x/b", controller, []string{"9000"}, netpol.Undefined, nil, "x/ingress/web leads to no endpoint of x/b at such a port"},
		{"to some of the ports", "x/ingress/web", "x/b", controller, []string{"79-90"}, netpol.Allowed, []string{"infra/proxy -> x/b 80/TCP Allowed"}, ""},
		{"to another Service", "x/ingress/web", "x/svc/c", controller, nil, netpol.Undefined, nil, "leads to no endpoint of x/svc/c"},
		{"a port of endpoints", "x/route/admin", "x/svc/b", controller, nil, netpol.Denied, []string{"infra/proxy -> x/b 81/TCP -> 9000/TCP Denied"}, ""},
		{"without a grant", "infra/gateway/g", "x/svc/c", controller, nil, netpol.Undefined, nil, "does not lead to Service x/c: no ReferenceGrant"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := askVia(t, c, tt.from, tt.to, tt.via, tt.ports...)
			if err != nil {
				t.Fatal(err)
			}
			text := answerText(a)
			if a.Verdict != tt.verdict || !strings.Contains(text, tt.says) {
				t.Errorf("want %s, saying %q:\n%s", tt.verdict, tt.says, text)
			}
			if diff := cmp.Diff(tt.flows, flowTexts(a), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, d := range a.Doubts {
				if d.Cause != netpol.ByInput {
					t.Errorf("doubt %+v", d)
				}
			}
		})
	}
	for _, tt := range []struct{ from, to, want string }{
		{"x/ingress/nosuch", "x/b", "there is no ingress nosuch in namespace x"},
		{"x/gateway/web", "x/b", "there is no gateway web in namespace x"},
		{"x/a", "x/ingress/web", "x/ingress/web: an Ingress has no end of its own"},
		{"x/a", "x/route/web", "x/route/web: a Route has no end of its own"},
	} {
		if _, err := askVia(t, c, tt.from, tt.to, controller); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s to %s: error %v, want %q", tt.from, tt.to, err, tt.want)
		}
	}
}

// An EndpointSlice that names addresses only leads to the pods that have them.
func TestThroughEntryToAddresses(t *testing.T) {
	c := clusterOf(t, exposedPods()+
		customObject("networking.k8s.io/v1", "Ingress", "x", "web", "{rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: b, port: {name: web}}}}]}}]}")+`---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: b, namespace: x, labels: {kubernetes.io/service-name: b}}
addressType: IPv4
ports: [{name: web, port: 80, protocol: TCP}]
endpoints: [{addresses: [`+clusterOf(t, exposedPods()).Pod("x", "b").Addresses[0].String()+`]}]
`)
	a, err := askVia(t, c, "x/ingress/web", "x/b", "infra/proxy")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"infra/proxy -> x/b 80/TCP Allowed"}, flowTexts(a)); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, answerText(a))
	}
}

// Answers about clients outside tell of the ways in, to pods and Services.
func TestRemarkEntries(t *testing.T) {
	paths := "http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: b, port: {number: 80}}}}]}"
	c := clusterOf(t, exposedPods()+
		customObject("networking.k8s.io/v1", "Ingress", "x", "web", "{rules: [{host: a.example, "+paths+"}]}")+
		customObject(v1Gateway, "HTTPRoute", "x", "web", "{parentRefs: [{name: public, namespace: infra}], rules: [{backendRefs: [{name: b, port: 80}]}]}")+
		customObject(v1Gateway, "Gateway", "infra", "g", anyone)+
		customObject(v1Gateway, "HTTPRoute", "infra", "g", "{parentRefs: [{name: g}], rules: [{backendRefs: [{name: c, namespace: x, port: 80}]}]}")+
		serviceOf("lb", "{type: LoadBalancer, selector: {pod: c}, ports: [{port: 80, targetPort: 8080}]}"))
	const ingress = "Ingress x/web (host a.example) exposes Service x/b port 80: policies see the address of its controller then, not the client's"
	const gateway = "Gateway infra/public (HTTPRoute x/web), which is not in the input, may expose Service x/b port 80: policies see the address of its controller then, not the client's"
	const refused = "Gateway infra/g (HTTPRoute infra/g) names Service x/c port 80, and no ReferenceGrant in namespace x allows that to HTTPRoutes of namespace infra"
	const balancer = "Service x/lb has addresses for clients outside and leads here: ask about it, too"
	for _, tt := range []struct {
		from, to string
		want     []string
	}{
		{"internet", "x/b", []string{gateway, ingress}},
		{"internet", "x/svc/b", []string{gateway, ingress}},
		{"203.0.113.7", "x/svc/b", []string{gateway, ingress}},
		{"internet", "x/c", []string{balancer}},
		{"internet", "x/svc/c", []string{refused}},
		{"internet", "ns/x", []string{gateway, ingress, balancer}},
		{"internet", "10.0.0.2", []string{gateway, ingress}},
		{"internet", "x/a", nil},
		{"x/a", "x/b", nil},
		{"x/a", "internet", nil},
	} {
		var got []string
		for _, note := range ask(t, c, tt.from, tt.to, 0, "80").Notes {
			for _, known := range []string{ingress, gateway, refused, balancer} {
				if note == known {
					got = append(got, note)
				}
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s to %s (-want +got):\n%s", tt.from, tt.to, diff)
		}
	}
}

// Of many ways in the first are named.
func TestRemarkEntriesIsBounded(t *testing.T) {
	manifests := exposedPods()
	for i := range 9 {
		manifests += customObject("networking.k8s.io/v1", "Ingress", "x", fmt.Sprint("web", i), "{defaultBackend: {service: {name: b, port: {number: 80}}}}")
	}
	notes := strings.Join(ask(t, clusterOf(t, manifests), "internet", "x/b", 0).Notes, "\n")
	if strings.Count(notes, "exposes Service") != 3 || !strings.Contains(notes, "6 more ways lead in from outside") {
		t.Errorf("notes:\n%s", notes)
	}
}

// What is missing of an entry, and of the Services behind, leaves the answer
// incomplete.
func TestGapsOfEntries(t *testing.T) {
	b := snapshot.NewBuilder()
	for _, gap := range [][2]string{{"networking.k8s.io", "ingresses"}, {"gateway.networking.k8s.io", "httproutes"}, {"route.openshift.io", "routes"}, {"", "services"}} {
		b.Gap(snapshot.Gap{Group: gap[0], Resource: gap[1], Reason: snapshot.Forbidden})
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		t.Fatal(err)
	}
	c := netpol.NewCluster(s, netpol.ProfileCommon)
	for from, want := range map[string][]string{
		"x/ingress/a": {"services", "ingresses"}, "x/gateway/a": {"services", "httproutes"}, "x/route/a": {"services", "routes"}, "x/a": nil,
	} {
		var got []string
		for _, gap := range c.GapsFor(netpol.Question{From: reference(t, from), To: reference(t, "x/b")}) {
			got = append(got, gap.Resource)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", from, diff)
		}
	}
}

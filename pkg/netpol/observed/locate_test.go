package observed_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/observed"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

func clusterOf(t *testing.T, manifests string) *netpol.Cluster {
	t.Helper()
	b := snapshot.NewBuilder()
	if err := dir.Decode(t.Context(), b, "in.yaml", strings.NewReader(manifests), "shop"); err != nil {
		t.Fatal(err)
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromFiles})
	if err != nil {
		t.Fatal(err)
	}
	return netpol.NewCluster(s, netpol.ProfileCommon)
}

func pod(name, app, owner string, addresses ...string) string {
	var ips []string
	for _, a := range addresses {
		ips = append(ips, fmt.Sprintf("{ip: %q}", a))
	}
	if owner != "" {
		kind, name, _ := strings.Cut(owner, "/")
		owner = fmt.Sprintf(", ownerReferences: [{apiVersion: apps/v1, kind: %s, name: %s, uid: u, controller: true}]", kind, name)
	}
	return fmt.Sprintf("---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: shop, labels: {app: %s, pod-template-hash: 7c9f}%s}\n"+
		"spec: {nodeName: n1, containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}]}]}\nstatus: {phase: Running, podIPs: [%s]}\n",
		name, app, owner, strings.Join(ips, ", "))
}

func service(name, spec string) string {
	return fmt.Sprintf("---\napiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: shop}\nspec: %s\n", name, spec)
}

// places are two workloads, Services of all kinds and a node with addresses
// for pods.
func places() string {
	return pod("web-7c9f-aaaaa", "web", "ReplicaSet/web-7c9f", "10.1.0.1", "2001:db8::1") + pod("web-7c9f-bbbbb", "web", "ReplicaSet/web-7c9f", "10.1.0.2") +
		pod("db-0", "db", "StatefulSet/db", "10.1.0.3") + pod("lone", "lone", "", "10.9.0.1") +
		"---\napiVersion: v1\nkind: Node\nmetadata: {name: n1}\nspec: {podCIDR: 10.1.0.0/16}\nstatus: {addresses: [{type: InternalIP, address: 172.16.0.1}]}\n" +
		service("web", "{clusterIP: 10.96.0.1, selector: {app: web}, ports: [{port: 80, targetPort: http}]}") +
		service("db", "{clusterIP: None, selector: {app: db}, ports: [{port: 5432}]}") +
		service("front", "{type: NodePort, clusterIP: 10.96.0.2, externalIPs: [203.0.113.1], selector: {app: lone}, ports: [{name: a, port: 80, targetPort: 8080, nodePort: 30080}, {name: b, port: 443, targetPort: 8443, nodePort: 30443}]}") +
		service("none", "{clusterIP: 10.96.0.3, selector: {app: nothing}, ports: [{port: 80}]}")
}

func TestLocate(t *testing.T) {
	l := observed.NewLocator(clusterOf(t, places()), "shop")
	old := observed.End{Namespace: "shop", Pod: "web-5d4e-ccccc"}
	withAddress := func(e observed.End, a string) observed.End {
		e.Address = addr(a)
		return e
	}
	to := func(e observed.End, port int32) observed.Flow {
		return observed.Flow{From: ref("db-0"), To: e, Protocol: "TCP", Port: port}
	}
	from := func(e observed.End) observed.Flow {
		return observed.Flow{From: e, To: ref("lone"), Protocol: "TCP", Port: 80}
	}
	tests := []struct {
		name string
		flow observed.Flow
		want string
	}{
		{"a pod", from(ref("db-0")), "pod/shop/db-0 > pod/shop/lone:80"},
		{"a workload", from(ref("deploy/web")), "pod/shop/web-7c9f-aaaaa > pod/shop/lone:80, pod/shop/web-7c9f-bbbbb > pod/shop/lone:80"},
		{"no such thing", from(ref("deploy/nope")), "unknown: there is no deployment nope in namespace shop"},
		{"no reference", from(ref("a/b/c/d")), `unknown: "a/b/c/d" has too many parts: write TYPE/NAME or NAMESPACE/TYPE/NAME`},
		{"a pod by name, whatever its address was", from(withAddress(observed.End{Namespace: "shop", Pod: "db-0"}, "10.1.0.77")), "pod/shop/db-0 > pod/shop/lone:80"},
		{"a pod that its workload replaced", from(withAddress(observed.End{Namespace: "shop", Pod: "gone", Workload: "StatefulSet/db"}, "10.1.0.1")), "pod/shop/db-0 > pod/shop/lone:80"},
		{"and by its name", from(old), "pod/shop/web-7c9f-aaaaa > pod/shop/lone:80, pod/shop/web-7c9f-bbbbb > pod/shop/lone:80"},
		{"of a StatefulSet", from(observed.End{Namespace: "shop", Pod: "db-9"}), "pod/shop/db-0 > pod/shop/lone:80"},
		{"a pod that is gone, though another has its address", from(withAddress(observed.End{Namespace: "shop", Pod: "gone"}, "10.1.0.1")), "unknown: there is no pod gone in namespace shop any more, nor its workload"},
		{"a workload without pod", from(observed.End{Namespace: "shop", Workload: "StatefulSet/db"}), "pod/shop/db-0 > pod/shop/lone:80"},
		{"another cluster", from(observed.End{Namespace: "shop", Pod: "db-0", Cluster: "two"}), "unknown: shop/db-0 of cluster two is in another cluster"},
		{"an address of a pod", from(at("10.1.0.3")), "pod/shop/db-0 > pod/shop/lone:80"},
		{"of a node", from(at("172.16.0.1")), "node/n1 > pod/shop/lone:80"},
		{"outside", from(at("192.0.2.1")), "192.0.2.1 > pod/shop/lone:80"},
		{"for pods, which none has", from(at("10.1.7.7")), "unknown: 10.1.7.7 is an address for pods, which none has now"},
		{"near that of a pod", from(at("10.9.0.200")), "10.9.0.200 > pod/shop/lone:80 (10.9.0.200 is near the addresses of pods: it may have been one that is gone)"},
		{"a Service sends nothing", from(ref("svc/web")), "unknown: a Service sends nothing: svc/web"},
		{"a Service", to(ref("svc/web"), 80), "pod/shop/db-0 > pod/shop/web-7c9f-aaaaa:8080 through, pod/shop/db-0 > pod/shop/web-7c9f-bbbbb:8080 through"},
		{"by its address", to(at("10.96.0.1"), 80), "pod/shop/db-0 > pod/shop/web-7c9f-aaaaa:8080 through, pod/shop/db-0 > pod/shop/web-7c9f-bbbbb:8080 through"},
		{"a pod by name, though a Service has the address", to(withAddress(observed.End{Namespace: "shop", Pod: "db-0"}, "10.96.0.1"), 80), "pod/shop/db-0 > pod/shop/db-0:80"},
		{"at a port that it lacks", to(at("10.96.0.1"), 81), "unknown: nothing answers at port 81/TCP of Service shop/web"},
		{"without endpoints", to(at("10.96.0.3"), 80), "unknown: Service none has no ready endpoint: nothing answers, whatever policies say"},
		{"by its address for others", to(at("203.0.113.1"), 443), "pod/shop/db-0 > pod/shop/lone:8443 through"},
		{"by a port of a node", to(at("172.16.0.1"), 30443), "pod/shop/db-0 > pod/shop/lone:8443 through"},
		{"another port of a node", to(at("172.16.0.1"), 22), "pod/shop/db-0 > node/n1:22"},
		{"headless", to(ref("svc/db"), 5432), "pod/shop/db-0 > pod/shop/db-0:5432"},
		{"translated already", observed.Flow{From: at("10.1.0.3"), To: at("10.1.0.3"), Protocol: "TCP", Port: 8080, Translated: true}, "pod/shop/db-0 > pod/shop/db-0:8080 through"},
		{"IPv6", observed.Flow{From: at("2001:db8::1"), To: at("2001:db8:1::9"), Protocol: "TCP", Port: 80}, "pod/shop/web-7c9f-aaaaa > 2001:db8:1::9:80 over IPv6"},
		{"no family in common", observed.Flow{From: ref("lone"), To: ref("2001:db8:1::/64"), Protocol: "TCP", Port: 80}, "unknown: lone and 2001:db8:1::/64 have no address of the same family"},
		{"another address is seen", observed.Flow{From: at("192.0.2.1"), To: ref("lone"), Protocol: "TCP", Port: 80, Masked: addr("172.16.0.1")}, "192.0.2.1 > pod/shop/lone:80, node/n1 > pod/shop/lone:80"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, placeText(l.Locate(tt.flow))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.want, placeText(l.Locate(tt.flow))); d != "" {
				t.Errorf("another answer the second time (-want +got):\n%s", d)
			}
		})
	}
}

func placeText(p observed.Place) string {
	if p.Unknown != "" {
		return "unknown: " + p.Unknown
	}
	var texts []string
	for _, f := range p.Flows {
		text := fmt.Sprintf("%s > %s:%d", f.From, f.To, f.Port)
		if f.Family == netpol.IPv6 {
			text += " over IPv6"
		}
		if f.ThroughService {
			text += " through"
		}
		texts = append(texts, text)
	}
	text := strings.Join(texts, ", ")
	if p.Doubtful != "" {
		text += " (" + p.Doubtful + ")"
	}
	return text
}

// What stands for too much is not tried pair by pair.
func TestLocateTooMuch(t *testing.T) {
	var manifests strings.Builder
	for i := range 70 {
		manifests.WriteString(pod(fmt.Sprint("p", i), "a", "", fmt.Sprintf("10.1.0.%d", i+1)))
	}
	l := observed.NewLocator(clusterOf(t, manifests.String()), "shop")
	p := l.Locate(observed.Flow{From: ref("ns/shop"), To: ref("ns/shop"), Protocol: "TCP", Port: 80})
	if p.Unknown != "ns/shop and ns/shop stand for more than 4096 pairs: name workloads" {
		t.Errorf("%+v", p)
	}
}

// TestLocateNowhere has manifests, where pods have no address yet: which flows
// are theirs is not known.
func TestLocateNowhere(t *testing.T) {
	const host = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: agent, namespace: shop}\nspec: {hostNetwork: true, containers: [{name: c, image: i}]}\n"
	const node = "---\napiVersion: v1\nkind: Node\nmetadata: {name: n1}\nspec: {podCIDR: 10.1.0.0/16}\n"
	const lost = "no pod of the input has an address: %s may be that of one"
	tests := []struct{ name, manifests, address, want string }{
		{"a private address", pod("lone", "lone", ""), "10.9.0.1", lost},
		{"a shared one", pod("lone", "lone", ""), "100.64.0.1", lost},
		{"IPv6", pod("lone", "lone", ""), "fd00::1", lost},
		{"a public one", pod("lone", "lone", ""), "198.51.100.1", ""},
		{"a pod has an address", pod("lone", "lone", "") + pod("db-0", "db", "", "10.1.0.3"), "10.9.0.1", ""},
		{"nodes tell", pod("lone", "lone", "") + node, "10.9.0.1", ""},
		{"no pods but of nodes", host, "10.9.0.1", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := strings.ReplaceAll(tt.want, "%s", tt.address)
			l := observed.NewLocator(clusterOf(t, tt.manifests), "shop")
			f := observed.Flow{From: observed.End{Address: addr(tt.address)}, To: observed.End{Address: addr("198.51.100.9")}, Protocol: "TCP", Port: 80}
			if got := l.Locate(f).Unknown; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

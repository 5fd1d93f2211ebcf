package testkit

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// RandomNetwork returns manifests of a small random cluster: nodes, pods of
// workloads, also of the host's network and of both address families,
// templates without pods, and network policies that tell some of them apart.
func RandomNetwork(seed uint64) string {
	n := &network{Rand: rand.New(rand.NewPCG(seed, 11))} //nolint:gosec // the same cluster in every run
	for i := range 3 {
		n.add(`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"ns%d","labels":{"team":"%s"}}}`, i, n.one("red", "blue"))
	}
	for i := range 2 {
		n.add(`{"apiVersion":"v1","kind":"Node","metadata":{"name":"n%d"},"status":{"addresses":[{"type":"InternalIP","address":"192.168.0.%d"}]}}`, i, i)
	}
	for i := range 6 + n.IntN(4) {
		n.pod(i)
	}
	for i := range n.IntN(3) {
		n.add(`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d%d","namespace":"ns%d"},"spec":{"selector":{},"template":{"metadata":{"labels":{"app":"%s"}},"spec":{"containers":[%s]}}}}`,
			i, n.IntN(3), n.one("a", "b"), n.container())
	}
	for i := range 1 + n.IntN(5) {
		n.policy(i)
	}
	return `{"apiVersion":"v1","kind":"List","items":[` + strings.Join(n.objects, ",\n") + "]}\n"
}

type network struct {
	*rand.Rand
	objects []string
}

func (n *network) add(format string, args ...any) {
	n.objects = append(n.objects, fmt.Sprintf(format, args...))
}

func (n *network) one(from ...string) string { return from[n.IntN(len(from))] }

func (n *network) container() string {
	return fmt.Sprintf(`{"name":"c","image":"i","ports":[{"name":"http","containerPort":%s}]}`, n.one("80", "8080"))
}

func (n *network) pod(i int) {
	ns, node := n.IntN(3), n.IntN(2)
	ips := fmt.Sprintf(`{"ip":"10.0.%d.%d"}`, ns, i)
	host := n.IntN(7) == 0
	switch {
	case host:
		ips = fmt.Sprintf(`{"ip":"192.168.0.%d"}`, node)
	case n.IntN(3) == 0:
		ips += fmt.Sprintf(`,{"ip":"fd00::%d:%d"}`, ns, i)
	}
	owner := n.one("", fmt.Sprintf(`,"ownerReferences":[{"apiVersion":"apps/v1","kind":"StatefulSet","name":"s%d","uid":"u","controller":true}]`, n.IntN(2)))
	n.add(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p%d","namespace":"ns%d","labels":{"app":"%s","tier":"%s"}%s},"spec":{"nodeName":"n%d","hostNetwork":%t,"containers":[%s]},"status":{"phase":"Running","podIPs":[%s],"hostIP":"192.168.0.%d"}}`,
		i, ns, n.one("a", "b"), n.one("x", "y"), owner, node, host, n.container(), ips, node)
}

func (n *network) policy(i int) {
	rules := func(peers string) string {
		var list []string
		for range n.IntN(3) {
			list = append(list, fmt.Sprintf(`{"%s":[%s],"ports":[%s]}`, peers, n.peer(), n.one("", `{"port":80}`, `{"port":"http"}`, `{"port":8000,"endPort":8100},{"protocol":"UDP","port":53}`)))
		}
		return strings.Join(list, ",")
	}
	n.add(`{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"np%d","namespace":"ns%d"},"spec":{"podSelector":%s,"policyTypes":[%s],"ingress":[%s],"egress":[%s]}}`,
		i, n.IntN(3), n.one(`{}`, `{"matchLabels":{"app":"a"}}`, `{"matchLabels":{"tier":"x"}}`), n.one(`"Ingress"`, `"Egress"`, `"Ingress","Egress"`), rules("from"), rules("to"))
}

func (n *network) peer() string {
	return n.one(
		`{"podSelector":{"matchLabels":{"app":"a"}}}`, `{"namespaceSelector":{"matchLabels":{"team":"red"}}}`,
		`{"namespaceSelector":{},"podSelector":{"matchLabels":{"tier":"y"}}}`, `{"ipBlock":{"cidr":"0.0.0.0/0","except":["10.0.0.0/8"]}}`,
		`{"ipBlock":{"cidr":"10.0.1.0/24"}}`, `{"ipBlock":{"cidr":"203.0.113.0/24","except":["203.0.113.4/30"]}}`, `{"ipBlock":{"cidr":"fd00::/16"}}`,
	)
}

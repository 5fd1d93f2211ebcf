package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
)

// bigNetwork is a List of pods, 25 to a namespace and 50 to a node, and of
// policies, as "kubectl get … -o json | jq -c" prints them. It is the worst
// case: hardly two pods have the same labels, and policies look at all of them.
func bigNetwork(pods, policies int) []byte {
	n := &network{Rand: rand.New(rand.NewPCG(uint64(pods), 7)), spaces: pods / 25, nodes: pods / 50}
	n.out.WriteString(`{"apiVersion":"v1","kind":"List","items":[`)
	for i := range n.spaces {
		n.add(`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"ns-%d","labels":{"kubernetes.io/metadata.name":"ns-%d","team":"%d","env":"%s"}}}`, i, i, i%20, n.env())
	}
	for i := range n.nodes {
		n.add(`{"apiVersion":"v1","kind":"Node","metadata":{"name":"node-%d"},"status":{"addresses":[{"type":"InternalIP","address":"192.168.%d.%d"}]}}`, i, i/250, i%250)
	}
	for i := range pods {
		n.pod(i)
	}
	for i := range policies {
		n.policy(i)
	}
	n.out.WriteString("]}\n")
	return n.out.Bytes()
}

type network struct {
	*rand.Rand
	out           bytes.Buffer
	spaces, nodes int
	objects       int
}

func (n *network) add(format string, args ...any) {
	if n.objects++; n.objects > 1 {
		n.out.WriteByte(',')
	}
	fmt.Fprintf(&n.out, format, args...)
}

func (n *network) one(from ...string) string { return from[n.IntN(len(from))] }

func (n *network) env() string { return n.one("prod", "test", "dev") }

// some returns up to three values, separated by commas.
func (n *network) some(value func() string) string {
	var list []string
	for range n.IntN(4) {
		list = append(list, value())
	}
	return strings.Join(list, ",")
}

func (n *network) labels() map[string]string {
	return map[string]string{
		"app": fmt.Sprint(n.IntN(40)), "tier": fmt.Sprint(n.IntN(5)), "version": fmt.Sprint(n.IntN(10)),
		"zone": n.one("a", "b", "c"), "instance": fmt.Sprint(n.IntN(200)),
	}
}

func (n *network) pod(i int) {
	l, ns, node := n.labels(), i%n.spaces, n.IntN(n.nodes)
	n.add(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p-%d","namespace":"ns-%d","uid":"%08x-0000-4000-8000-000000000000","labels":{"app":"%s","tier":"%s","version":"%s","zone":"%s","instance":"%s"}},`+
		`"spec":{"nodeName":"node-%d","containers":[{"name":"c","image":"i","ports":[{"name":"http","containerPort":%s,"protocol":"TCP"},{"name":"metrics","containerPort":%s,"protocol":"TCP"},{"name":"dns","containerPort":53,"protocol":"UDP"}]}]},`+
		`"status":{"phase":"Running","podIP":"10.%d.%d.%d","podIPs":[{"ip":"10.%d.%d.%d"}]}}`,
		i, ns, i, l["app"], l["tier"], l["version"], l["zone"], l["instance"], node, n.one("80", "8080", "8000"), n.one("9090", "9100"),
		ns/250, ns%250, i/n.spaces+2, ns/250, ns%250, i/n.spaces+2)
}

func (n *network) policy(i int) {
	ingress := func() string { return fmt.Sprintf(`{"from":[%s],"ports":[%s]}`, n.some(n.peer), n.some(n.port)) }
	egress := func() string { return fmt.Sprintf(`{"to":[%s],"ports":[%s]}`, n.some(n.peer), n.some(n.port)) }
	n.add(`{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"np-%d","namespace":"ns-%d"},"spec":{"podSelector":%s,"policyTypes":[%s],"ingress":[%s],"egress":[%s]}}`,
		i, n.IntN(n.spaces), n.selector(), n.one(`"Ingress"`, `"Ingress"`, `"Egress"`, `"Ingress","Egress"`), n.some(ingress), n.some(egress))
}

func (n *network) selector() string {
	key := n.one("app", "tier", "version", "zone", "instance")
	value := n.labels()[key]
	switch n.IntN(6) {
	case 0:
		return `{}`
	case 1:
		return fmt.Sprintf(`{"matchExpressions":[{"key":"%s","operator":"NotIn","values":["%s","0"]}]}`, key, value)
	default:
		return fmt.Sprintf(`{"matchLabels":{"%s":"%s"}}`, key, value)
	}
}

func (n *network) peer() string {
	namespaces := n.one(fmt.Sprintf(`{"matchLabels":{"team":"%d"}}`, n.IntN(20)), fmt.Sprintf(`{"matchLabels":{"env":"%s"}}`, n.env()))
	first, second := n.one("10", "52", "104", "203"), n.IntN(40)
	return n.one(
		`{"podSelector":`+n.selector()+`}`, `{"namespaceSelector":`+namespaces+`}`,
		`{"namespaceSelector":`+namespaces+`,"podSelector":`+n.selector()+`}`, `{"namespaceSelector":{},"podSelector":`+n.selector()+`}`,
		fmt.Sprintf(`{"ipBlock":{"cidr":"10.%d.0.0/16"}}`, n.IntN(4)),
		fmt.Sprintf(`{"ipBlock":{"cidr":"%s.%d.0.0/16","except":["%s.%d.%d.0/24"]}}`, first, second, first, second, n.IntN(200)),
	)
}

func (n *network) port() string {
	protocol := n.one("TCP", "TCP", "TCP", "UDP")
	switch n.IntN(8) {
	case 0:
		return fmt.Sprintf(`{"protocol":"%s"}`, protocol)
	case 1:
		return fmt.Sprintf(`{"protocol":"%s","port":"%s"}`, protocol, n.one("http", "metrics", "dns"))
	case 2:
		return fmt.Sprintf(`{"protocol":"%s","port":8000,"endPort":%s}`, protocol, n.one("8080", "9000"))
	default:
		return fmt.Sprintf(`{"protocol":"%s","port":%s}`, protocol, n.one("22", "53", "80", "443", "3306", "5432", "6379", "8080", "9090", "9200"))
	}
}

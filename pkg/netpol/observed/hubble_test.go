package observed_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/observed"
)

// hubble is a flow of Hubble with more fields.
func hubble(more string) string {
	return `{"flow":{"IP":{"source":"10.0.0.1","destination":"10.0.0.2","ipVersion":"IPv4"},"source":{},"destination":{}` + more + `},"node_name":"n","time":"2026-01-01T00:00:00Z"}`
}

func TestHubble(t *testing.T) {
	log := parse(t, observed.Hubble, string(golden(t, "hubble.jsonl")))
	cart := observed.End{Namespace: "shop", Pod: "cart-7c9f8d6b5-x2kqp", Workload: "Deployment/cart", Address: addr("10.1.0.5")}
	want := &observed.Log{
		Records: 9,
		Flows: []observed.Flow{
			{
				From: cart, To: observed.End{Namespace: "shop", Pod: "checkout-5d4f-abcde", Workload: "Deployment/checkout", Address: addr("10.1.0.9")},
				Protocol: "TCP", Port: 8080, Count: 2, Line: 1,
			},
			{From: cart, To: at("10.96.0.10"), Protocol: "UDP", Port: 53, Count: 1, Line: 4},
			{From: at("192.0.2.7"), To: cart, Protocol: "TCP", Port: 443, Count: 1, Line: 6},
			{From: cart, To: at("198.51.100.4"), Protocol: netpol.ProtocolICMP, Count: 1, Line: 9},
		},
		Skipped: []observed.Skipped{
			{Reason: observed.Reply, Count: 1, Line: 2},
			{Reason: observed.Dropped, Count: 1, Line: 5},
			{Reason: observed.OtherEvent, Count: 1, Line: 7},
			{Reason: observed.Translation, Count: 1, Line: 10},
		},
		Troubles: 2,
		Problems: []observed.Problem{
			{8, "12 events were lost here, as Hubble says"},
			{11, "flows of these nodes are missing, as Hubble says (NODE_UNAVAILABLE): node-c, node-d"},
		},
	}
	if d := diff(want, log); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func golden(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Which records of Hubble are new connections that came through.
func TestHubbleRoles(t *testing.T) {
	tcp := func(from, to int, flags string) string {
		return fmt.Sprintf(`,"l4":{"TCP":{"source_port":%d,"destination_port":%d%s}}`, from, to, flags)
	}
	const yes = observed.Reason("")
	tests := []struct {
		name, fields string
		want         observed.Reason
	}{
		{"Hubble knows a request", tcp(80, 40000, "") + `,"is_reply":false`, yes},
		{"Hubble knows a reply", tcp(40000, 80, "") + `,"is_reply":true`, observed.Reply},
		{"old versions know a reply", tcp(40000, 80, "") + `,"reply":true`, observed.Reply},
		{"policy verdicts are about new connections", tcp(80, 40000, "") + `,"event_type":{"type":5}`, yes},
		{"SYN", tcp(80, 40000, `,"flags":{"SYN":true}`), yes},
		{"SYN and ACK", tcp(40000, 80, `,"flags":{"SYN":true,"ACK":true}`), observed.Reply},
		{"ACK, from a client's port", tcp(40000, 80, `,"flags":{"ACK":true}`), yes},
		{"ACK, to a client's port", tcp(80, 40000, `,"flags":{"ACK":true}`), observed.Reply},
		{"two clients' ports", tcp(40000, 50000, ""), observed.Unsure},
		{"two servers' ports", tcp(53, 53, ""), observed.Unsure},
		{"a node port", tcp(40000, 32767, ""), yes},
		{"forwarded", tcp(40000, 80, "") + `,"verdict":"FORWARDED"`, yes},
		{"to the proxy", tcp(40000, 80, "") + `,"verdict":"REDIRECTED"`, yes},
		{"let through by audit mode", tcp(40000, 80, "") + `,"verdict":"AUDIT"`, yes},
		{"dropped", tcp(40000, 80, "") + `,"verdict":"DROPPED"`, observed.Dropped},
		{"refused", tcp(40000, 80, "") + `,"verdict":"ERROR"`, observed.Dropped},
		{"a dropped reply", tcp(80, 40000, "") + `,"verdict":"DROPPED","is_reply":true`, observed.Dropped},
		{"UDP", `,"l4":{"UDP":{"source_port":40000,"destination_port":53}}`, yes},
		{"SCTP", `,"l4":{"SCTP":{"source_port":40000,"destination_port":53}}`, yes},
		{"a socket's translation", tcp(40000, 80, "") + `,"Type":"SOCK"`, observed.Translation},
		{"an echo", `,"l4":{"ICMPv4":{"type":8}}`, yes},
		{"its answer", `,"l4":{"ICMPv4":{}}`, observed.Reply},
		{"an error", `,"l4":{"ICMPv4":{"type":3,"code":1}},"is_reply":false`, observed.Reply},
		{"no layer 4", ``, observed.OtherProtocol},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log := parse(t, observed.Auto, hubble(tt.fields))
			got := observed.Reason("")
			if len(log.Skipped) > 0 {
				got = log.Skipped[0].Reason
			}
			if got != tt.want || log.Troubles > 0 || len(log.Flows)+len(log.Skipped) != 1 {
				t.Errorf("skipped: %q, want %q: %+v", got, tt.want, log)
			}
		})
	}
}

func TestHubbleForms(t *testing.T) {
	flow := observed.Flow{From: at("10.0.0.1"), To: at("10.0.0.2"), Protocol: "TCP", Port: 80, Count: 1, Line: 1}
	six := observed.Flow{From: at("2001:db8::1"), To: at("2001:db8::2"), Protocol: netpol.ProtocolICMP, Count: 1, Line: 1}
	named := func(from, to observed.End) observed.Flow {
		from.Address, to.Address = addr("10.0.0.1"), addr("10.0.0.2")
		return observed.Flow{From: from, To: to, Protocol: "TCP", Port: 80, Count: 1, Line: 1}
	}
	const l4 = `,"l4":{"TCP":{"source_port":40000,"destination_port":80}}`
	ends := func(node, from, to string) string {
		return fmt.Sprintf(`{"flow":{"IP":{"source":"10.0.0.1","destination":"10.0.0.2"},"node_name":%q,"source":{%s},"destination":{%s}%s}}`, node, from, to, l4)
	}
	tests := []struct {
		name, text string
		want       []observed.Flow
		problem    string
	}{
		{"the flow by itself, of old versions", `{"verdict":"FORWARDED","IP":{"source":"10.0.0.1","destination":"10.0.0.2"}` + l4 + `}`, []observed.Flow{flow}, ""},
		{"IPv6", `{"flow":{"IP":{"source":"2001:db8::1","destination":"2001:db8::2"},"l4":{"ICMPv6":{"type":128}}}}`, []observed.Flow{six}, ""},
		{"pods and workloads", ends("n", `"namespace":"a","pod_name":"p-1","workloads":[{"name":"p","kind":"StatefulSet"}]`, `"namespace":"b","workloads":[{"name":"w","kind":"Deployment"}]`), []observed.Flow{
			named(observed.End{Namespace: "a", Pod: "p-1", Workload: "StatefulSet/p"}, observed.End{Namespace: "b", Workload: "Deployment/w"}),
		}, ""},
		{"several workloads say nothing", ends("n", `"namespace":"a","pod_name":"p","workloads":[{"name":"p","kind":"Job"},{"name":"q","kind":"Job"}]`, ""), []observed.Flow{
			named(observed.End{Namespace: "a", Pod: "p"}, observed.End{}),
		}, ""},
		{"a mesh, seen by the source", ends("one/n", `"cluster_name":"one","namespace":"a"`, `"cluster_name":"two","namespace":"a"`), []observed.Flow{
			named(observed.End{Namespace: "a"}, observed.End{Namespace: "a", Cluster: "two"}),
		}, ""},
		{"a mesh, seen by the destination", ends("two/n", `"cluster_name":"one"`, `"cluster_name":"two"`), []observed.Flow{
			named(observed.End{Cluster: "one"}, observed.End{}),
		}, ""},
		{"one cluster", ends("one/n", `"cluster_name":"one"`, `"cluster_name":"one"`), []observed.Flow{flow}, ""},
		{"no address", `{"flow":{"IP":{"source":"x","destination":"10.0.0.2"}}}`, nil, `"x" is no address`},
		{"no destination", `{"flow":{"IP":{"source":"10.0.0.1"}}}`, nil, `"" is no address`},
		{"no port", `{"flow":{"IP":{"source":"10.0.0.1","destination":"10.0.0.2"},"l4":{"TCP":{"source_port":1}}}}`, nil, "destination_port is missing or no port"},
		{"a port too large", `{"flow":{"IP":{"source":"10.0.0.1","destination":"10.0.0.2"},"l4":{"TCP":{"destination_port":65536}}}}`, nil, "destination_port is missing or no port"},
		{"something else", `{"level":"info"}`, nil, "it has neither flow, as Hubble writes it, nor from and to"},
		{"a field of another type", `{"flow":{"IP":7}}`, nil, "field flow.IP is a number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log := parse(t, observed.Auto, tt.text)
			if d := diff(&observed.Log{Flows: tt.want}, &observed.Log{Flows: log.Flows}); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			var problems []string
			for _, p := range log.Problems {
				problems = append(problems, p.Detail)
			}
			if d := cmp.Diff(tt.problem, strings.Join(problems, "\n")); d != "" {
				t.Errorf("problem (-want +got):\n%s", d)
			}
		})
	}
	arp := parse(t, observed.Auto, `{"flow":{"verdict":"FORWARDED","ethernet":{"source":"a","destination":"b"}}}`)
	if len(arp.Skipped) != 1 || arp.Skipped[0].Reason != observed.OtherProtocol {
		t.Errorf("without IP: %+v", arp)
	}
}

package observed_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/observed"
)

func TestConntrack(t *testing.T) {
	direct := observed.Flow{From: at("10.1.0.5"), To: at("10.1.0.9"), Protocol: "TCP", Port: 8080, Count: 1, Line: 1}
	flow := func(change func(f *observed.Flow)) []observed.Flow {
		f := direct
		change(&f)
		return []observed.Flow{f}
	}
	tests := []struct {
		name, line string
		want       []observed.Flow
		skipped    observed.Reason
		problem    string
	}{
		{"conntrack -L", "tcp      6 431999 ESTABLISHED src=10.1.0.5 dst=10.1.0.9 sport=47252 dport=8080 src=10.1.0.9 dst=10.1.0.5 sport=8080 dport=47252 [ASSURED] mark=0 use=1", []observed.Flow{direct}, "", ""},
		{"/proc/net/nf_conntrack", "ipv4     2 tcp      6 86393 ESTABLISHED src=10.1.0.5 dst=10.1.0.9 sport=47252 dport=8080 packets=6 bytes=420 src=10.1.0.9 dst=10.1.0.5 sport=8080 dport=47252 packets=5 bytes=600 [ASSURED] mark=0 zone=0 use=2", []observed.Flow{direct}, "", ""},
		{"conntrack -E -o timestamp", "[1698765432.123456]\t [UPDATE] tcp      6 60 SYN_RECV src=10.1.0.5 dst=10.1.0.9 sport=47252 dport=8080 src=10.1.0.9 dst=10.1.0.5 sport=8080 dport=47252", []observed.Flow{direct}, "", ""},
		{"through a Service", "tcp 6 9 ESTABLISHED src=10.1.0.5 dst=10.96.0.7 sport=47252 dport=80 src=10.1.0.9 dst=10.1.0.5 sport=8080 dport=47252 [ASSURED]", flow(func(f *observed.Flow) { f.Translated = true }), "", ""},
		{"of a Service with one port only", "tcp 6 9 ESTABLISHED src=10.1.0.5 dst=10.1.0.9 sport=47252 dport=80 src=10.1.0.9 dst=10.1.0.5 sport=8080 dport=47252", flow(func(f *observed.Flow) { f.Translated = true }), "", ""},
		{"through a node port", "tcp 6 9 ESTABLISHED src=192.0.2.7 dst=10.0.0.1 sport=50447 dport=30000 src=10.1.0.9 dst=10.0.0.1 sport=8080 dport=13174 [ASSURED]", flow(func(f *observed.Flow) { f.From, f.Translated, f.Masked = at("192.0.2.7"), true, addr("10.0.0.1") }), "", ""},
		{"out of the cluster", "udp 17 29 src=10.1.0.5 dst=198.51.100.4 sport=123 dport=123 src=198.51.100.4 dst=10.0.0.1 sport=123 dport=61234 [ASSURED]", flow(func(f *observed.Flow) {
			f.To, f.Protocol, f.Port, f.Masked = at("198.51.100.4"), "UDP", 123, addr("10.0.0.1")
		}), "", ""},
		{"IPv6", "ipv6 10 sctp 132 9 ESTABLISHED src=2001:db8::5 dst=2001:db8::9 sport=47252 dport=8080 src=2001:db8::9 dst=2001:db8::5 sport=8080 dport=47252", flow(func(f *observed.Flow) {
			f.From, f.To, f.Protocol = at("2001:db8::5"), at("2001:db8::9"), "SCTP"
		}), "", ""},
		{"an echo", "icmp 1 29 src=10.1.0.5 dst=10.1.0.9 type=8 code=0 id=1234 src=10.1.0.9 dst=10.1.0.5 type=0 code=0 id=1234 mark=0", flow(func(f *observed.Flow) { f.Protocol, f.Port = netpol.ProtocolICMP, 0 }), "", ""},
		{"an echo of IPv6", "icmpv6 58 29 src=2001:db8::5 dst=2001:db8::9 type=128 code=0 id=1 src=2001:db8::9 dst=2001:db8::5 type=129 code=0 id=1", flow(func(f *observed.Flow) {
			f.From, f.To, f.Protocol, f.Port = at("2001:db8::5"), at("2001:db8::9"), netpol.ProtocolICMP, 0
		}), "", ""},
		{"another message of ICMP", "icmp 1 29 src=10.1.0.5 dst=10.1.0.9 type=13 code=0 id=1 src=10.1.0.9 dst=10.1.0.5 type=14 code=0 id=1", nil, observed.Reply, ""},
		{"nobody answered", "tcp 6 115 SYN_SENT src=10.1.0.5 dst=10.1.0.9 sport=52476 dport=7 [UNREPLIED] src=10.1.0.9 dst=10.1.0.5 sport=7 dport=52476", nil, observed.NoAnswer, ""},
		{"UDP needs no answer", "udp 17 25 src=10.1.0.5 dst=10.1.0.9 sport=43052 dport=8080 [UNREPLIED] src=10.1.0.9 dst=10.1.0.5 sport=8080 dport=43052", flow(func(f *observed.Flow) { f.Protocol, f.Unanswered = "UDP", true }), "", ""},
		{"a reply that was picked up alone", "udp 17 25 src=10.1.0.5 dst=10.1.0.9 sport=53 dport=43052 [UNREPLIED] src=10.1.0.9 dst=10.1.0.5 sport=43052 dport=53", nil, observed.Reply, ""},
		{"GRE", "unknown 47 599 src=10.1.0.5 dst=10.1.0.9 src=10.1.0.9 dst=10.1.0.5 [ASSURED]", nil, observed.OtherProtocol, ""},
		{"loopback", "tcp 6 9 ESTABLISHED src=127.0.0.1 dst=127.0.0.1 sport=47252 dport=80 src=127.0.0.1 dst=127.0.0.1 sport=80 dport=47252", nil, observed.Loopback, ""},
		{"what the tool says at the end", "conntrack v1.4.6 (conntrack-tools): 2 flow entries have been shown.", nil, observed.OtherEvent, ""},
		{"one direction only", "tcp 6 9 src=10.1.0.5 dst=10.1.0.9 sport=1 dport=2", nil, "", "an address is missing: src= and dst= belong to both directions"},
		{"no address", "tcp 6 9 src=x dst=10.1.0.9 sport=1 dport=2", nil, "", `src: "x" is no address`},
		{"no port", "tcp 6 9 src=10.1.0.5 dst=10.1.0.9 sport=1 dport=99999", nil, "", `dport: "99999" is no port: it must be between 1 and 65535`},
		{"cut", "tcp 6 9 src=10.1.0.5 dst=10.1.0.9 sport=1 dport=2 src=10.1.0.9 dst=10.1.0.5", nil, "", "a port is missing: sport= and dport= belong to both directions"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log := parse(t, observed.Auto, tt.line)
			want := &observed.Log{Flows: tt.want}
			if tt.skipped != "" {
				want.Skipped = []observed.Skipped{{Reason: tt.skipped, Count: 1, Line: 1}}
			}
			if want.Records = 1; tt.problem != "" {
				want.Records, want.Troubles, want.Problems = 0, 1, []observed.Problem{{Line: 1, Detail: tt.problem}}
			}
			if d := diff(want, log); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// Where one of several packets was answered, the flow was.
func TestUnanswered(t *testing.T) {
	const never = "udp 17 25 src=10.1.0.5 dst=10.1.0.9 sport=43052 dport=53 [UNREPLIED] src=10.1.0.9 dst=10.1.0.5 sport=53 dport=43052\n"
	const once = "udp 17 25 src=10.1.0.5 dst=10.1.0.9 sport=43053 dport=53 src=10.1.0.9 dst=10.1.0.5 sport=53 dport=43053\n"
	for text, want := range map[string]bool{never + never: true, never + once: false, once + never: false} {
		log := parse(t, observed.Auto, text)
		if len(log.Flows) != 1 || cmp.Diff(want, log.Flows[0].Unanswered) != "" {
			t.Errorf("%s%+v", text, log.Flows)
		}
	}
}

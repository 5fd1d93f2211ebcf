package lab

import (
	"net/netip"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	corev1 "k8s.io/api/core/v1"
)

// small is a router between two hosts that listen on port 80.
func small(t *testing.T) (l *Lab, a, b *Host) {
	t.Helper()
	Need(t)
	host := func(name string, v4, v6 string) *Host {
		return &Host{Name: name, Addresses: []netip.Addr{netip.MustParseAddr(v4), netip.MustParseAddr(v6)}, Ports: []int{80}}
	}
	a, b = host("a", "10.64.1.1", "fd00:64:1::1"), host("b", "10.64.1.2", "fd00:64:1::2")
	l, err := New(host("router", "192.168.0.1", "fd01::1"), a, b)
	t.Cleanup(l.Close)
	if err != nil {
		t.Fatal(err)
	}
	return l, a, b
}

func protocols() []corev1.Protocol {
	return []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP}
}

// TestFates: what is answered, what nobody listens to, what a router refuses
// and what is lost are four things, for each protocol and family.
func TestFates(t *testing.T) {
	l, a, b := small(t)
	const begin = "table inet t { chain f { type filter hook forward priority 0; ct state established,related accept; "
	const drop = begin + "ip daddr 10.64.1.2 drop; ip6 daddr fd00:64:1::2 drop; }; }"
	const reject = begin + "ip daddr 10.64.1.2 reject with icmpx admin-prohibited; ip6 daddr fd00:64:1::2 reject with icmpx admin-prohibited; }; }"
	for _, tt := range []struct {
		name, rules     string
		from, to        *Host
		listened, other Fate
	}{
		{"nothing in between", "", a, b, Answered, Refused},
		{"from the router", "", l.Router, b, Answered, Refused},
		{"to the router", "", a, l.Router, Answered, Refused},
		{"to itself", "", a, a, Answered, Refused},
		{"rejected", reject, a, b, Rejected, Rejected},
		{"not for others", reject, b, a, Answered, Refused},
		{"dropped", drop, a, b, Lost, Lost},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := l.Router.ns.Run("flush ruleset\n"+tt.rules, "nft", "-f", "-"); err != nil {
				t.Fatal(err)
			}
			patience := 10 * time.Second
			if tt.listened == Lost {
				patience = 100 * time.Millisecond
			}
			for _, protocol := range protocols() {
				for i, source := range tt.from.Addresses {
					results := l.TryFor([]Probe{
						{tt.from, source, tt.to.Addresses[i], protocol, 80},
						{tt.from, source, tt.to.Addresses[i], protocol, 81},
					}, patience, 1)
					want := []Fate{tt.listened, tt.other}
					if protocol == corev1.ProtocolSCTP && want[1] == Refused {
						want[1] = Answered
					}
					for j, r := range results {
						if r.Fate != want[j] || r.Fate == Answered && r.Answer != tt.to.Name {
							t.Errorf("%s from %s to port %d: %+v, want %s", protocol, source, 80+j, r, want[j])
						}
						if r.Reached() != (want[j] == Answered || want[j] == Refused) {
							t.Errorf("%+v: reached is %t", r, r.Reached())
						}
					}
				}
			}
		})
	}
}

// TestTryAgain: silence is asked again, from another port.
func TestTryAgain(t *testing.T) {
	l, a, b := small(t)
	const rules = "table inet t { chain f { type filter hook forward priority 0; ip daddr 10.64.1.2 drop; }; }"
	if err := l.Router.ns.Run(rules, "nft", "-f", "-"); err != nil {
		t.Fatal(err)
	}
	before := l.Try([]Probe{{a, a.Addresses[1], b.Addresses[1], corev1.ProtocolUDP, 80}})[0]
	lost := l.TryFor([]Probe{{a, a.Addresses[0], b.Addresses[0], corev1.ProtocolUDP, 80}}, 10*time.Millisecond, 3)[0]
	if lost.Tries != 3 || lost.SourcePort != before.SourcePort+3 {
		t.Errorf("first %+v, then %+v", before, lost)
	}
}

// TestMany: as many probes at a time as there are give each its own answer.
func TestMany(t *testing.T) {
	l, a, b := small(t)
	var probes []Probe
	for i := range 600 {
		from, to := a, b
		if i%2 == 0 {
			from, to = b, a
		}
		probes = append(probes, Probe{from, from.Addresses[i/2%2], to.Addresses[i/2%2], protocols()[i%3], 80})
	}
	ports := map[*Host]map[uint16]bool{a: {}, b: {}}
	for i, r := range l.Try(probes) {
		want := "b"
		if i%2 == 0 {
			want = "a"
		}
		if r.Fate != Answered || r.Answer != want {
			t.Errorf("%+v: %+v, want %s", probes[i], r, want)
		}
		if ports[probes[i].From][r.SourcePort] {
			t.Errorf("port %d twice", r.SourcePort)
		}
		ports[probes[i].From][r.SourcePort] = true
	}
}

// TestInterrupted: signals to the threads that wait do not matter.
func TestInterrupted(t *testing.T) {
	l, a, b := small(t)
	done := make(chan struct{})
	var sender sync.WaitGroup
	defer sender.Wait()
	defer close(done)
	sender.Go(func() {
		for {
			threads, err := os.ReadDir("/proc/self/task")
			if err != nil {
				t.Error(err)
			}
			for _, thread := range threads {
				id, _ := strconv.Atoi(thread.Name())
				_ = unix.Tgkill(os.Getpid(), id, unix.SIGURG) // it may have ended
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	var probes []Probe
	for i := range 2000 {
		probes = append(probes, Probe{a, a.Addresses[i%2], b.Addresses[i%2], protocols()[i%2], 80})
	}
	for i, r := range l.Try(probes) {
		if r.Fate != Answered {
			t.Fatalf("%+v: %+v", probes[i], r)
		}
	}
}

// TestFlush: a connection that is forgotten is new again.
func TestFlush(t *testing.T) {
	l, a, b := small(t)
	const rules = `table inet t {
 chain f {
  type filter hook forward priority 0; policy drop;
  ct state established,related accept
  udp dport 80 ct mark set 1 limit rate 1/hour burst 1 packets accept
 }
}`
	if err := l.Router.ns.Run(rules, "nft", "-f", "-"); err != nil {
		t.Fatal(err)
	}
	a.last = 6
	again := func(patience time.Duration) Fate {
		a.last-- // the same source port
		return l.TryFor([]Probe{{a, a.Addresses[0], b.Addresses[0], corev1.ProtocolUDP, 80}}, patience, 1)[0].Fate
	}
	if first, second := again(10*time.Second), again(10*time.Second); first != Answered || second != Answered {
		t.Fatalf("before: %s, then %s", first, second)
	}
	if err := l.Router.Flush(); err != nil {
		t.Fatal(err)
	}
	if got := again(100 * time.Millisecond); got != Lost {
		t.Errorf("after: %s", got)
	}
}

func TestNewRefuses(t *testing.T) {
	Need(t)
	twice := []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.1")}
	l, err := New(&Host{Name: "router"}, &Host{Name: "a", Addresses: twice})
	if err == nil {
		t.Error("an address twice is taken")
	}
	l.Close()
}

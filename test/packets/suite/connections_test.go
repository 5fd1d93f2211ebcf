package suite

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/kubectl-secure/kubectl-secure/test/packets/lab"
)

// TestReplies: whoever may not begin a connection may still answer (case 50).
func TestReplies(t *testing.T) {
	withEnforcers(t, newWorld, func(t *testing.T, l *lab.Lab, ends []end, e enforcer) {
		w := newWorld()
		w.apply(policies(t, `[
			{metadata: {namespace: x, name: no-egress}, spec: {podSelector: {matchLabels: {pod: b}}, policyTypes: [Egress]}},
			{metadata: {namespace: x, name: no-ingress}, spec: {podSelector: {matchLabels: {pod: a}}, policyTypes: [Ingress]}}]`)...)
		enforce(t, l, e, w)
		c := w.engine(t)
		var wants []want
		for _, k := range kinds() {
			for _, names := range [][2]string{{"x/a", "x/b"}, {"x/b", "x/a"}} {
				from, to := named(ends, names[0]), named(ends, names[1])
				allowed := names[0] == "x/a"
				if got := c.Verdict(flow(c, from, to, k)); got != verdict(allowed) {
					t.Errorf("%s -> %s: the engine says %s", from.name, to.name, got)
				}
				wants = append(wants, want{probe: probe(from, to, k), to: to.host, allowed: allowed})
			}
		}
		results := l.Try(probesOf(wants))
		report(t, "packets", differences(wants, results))
		report(t, "decisions", e.decisions(wants, results))
	})
}

// TestEstablished: the API leaves it to networks what a change of policies does
// to connections that are there (case 51). Both networks here let them live, so
// that this proves nothing of others: verdicts are about new connections.
func TestEstablished(t *testing.T) {
	withEnforcers(t, newWorld, func(t *testing.T, l *lab.Lab, ends []end, e enforcer) {
		if err := e.enforce(newWorld()); err != nil {
			t.Fatal(err)
		}
		from, to := named(ends, "x/a"), named(ends, "x/b")
		var old []net.Conn
		for _, network := range []string{"tcp", "udp"} {
			for _, a := range to.host.Addresses {
				conn := dial(t, from.host, network, netip.AddrPortFrom(a, 80))
				if network == "udp" {
					ask(t, conn)
				}
				if name := read(t, conn); name != to.host.Name {
					t.Errorf("%s answers at %s", name, a)
				}
				old = append(old, conn)
			}
		}
		w := newWorld()
		w.apply(policies(t, `[{metadata: {namespace: x, name: deny-all}, spec: {podSelector: {}, policyTypes: [Ingress, Egress]}}]`)...)
		if err := e.enforce(w); err != nil {
			t.Fatal(err)
		}
		for _, conn := range old {
			ask(t, conn)
			if name := read(t, conn); name != to.host.Name {
				t.Errorf("%s answers at %s", name, conn.RemoteAddr())
			}
		}
		var wants []want
		for _, k := range kinds() {
			wants = append(wants, want{probe: probe(from, to, k), to: to.host})
		}
		report(t, "new connections", differences(wants, l.Try(probesOf(wants))))
	})
}

func dial(t *testing.T, from *lab.Host, network string, to netip.AddrPort) (conn net.Conn) {
	t.Helper()
	err := from.Namespace().Do(func() (err error) {
		conn, err = net.Dial(network, to.String())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func ask(t *testing.T, conn net.Conn) {
	t.Helper()
	if _, err := conn.Write([]byte("?")); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, conn net.Conn) string {
	t.Helper()
	name := make([]byte, 64)
	n, err := conn.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(name[:n])
}

package lab

import (
	"net/netip"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

func TestTry(t *testing.T) {
	at := netip.MustParseAddr
	router := &Host{Name: "router", Addresses: []netip.Addr{at("192.168.0.1"), at("fd01::1")}}
	a := &Host{Name: "a", Addresses: []netip.Addr{at("10.64.1.1"), at("fd00:64:1::1")}, Ports: []int{80}}
	b := &Host{Name: "b", Addresses: []netip.Addr{at("10.64.1.2"), at("fd00:64:1::2")}, Ports: []int{80}}
	started := time.Now()
	l, err := New(router, a, b)
	defer l.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(started))
	var probes []Probe
	for _, from := range l.Hosts {
		for _, to := range l.Hosts {
			for i := range 2 {
				for _, proto := range []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP} {
					for _, port := range []int32{80, 81} {
						probes = append(probes, Probe{from, from.Addresses[i], to.Addresses[i], proto, port})
					}
				}
			}
		}
	}
	for i, r := range l.Try(probes) {
		t.Log(probes[i].From.Name, probes[i].Destination, probes[i].Protocol, probes[i].Port, r)
	}
}

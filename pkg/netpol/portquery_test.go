package netpol

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
)

func TestAddPort(t *testing.T) {
	for _, tt := range []struct {
		typed string
		ports []PortRange
		names []PortName
		err   string
	}{
		{"80", []PortRange{{corev1.ProtocolTCP, 80, 80}}, nil, ""},
		{"53/udp", []PortRange{{corev1.ProtocolUDP, 53, 53}}, nil, ""},
		{"1000-1099/SCTP", []PortRange{{corev1.ProtocolSCTP, 1000, 1099}}, nil, ""},
		{"http", nil, []PortName{{"http", ""}}, ""},
		{"dns/UDP", nil, []PortName{{"dns", corev1.ProtocolUDP}}, ""},
		{"icmp", []PortRange{{Protocol: ProtocolICMP}}, nil, ""},
		{"", nil, nil, "is no port"},
		{"0", nil, nil, "between 1 and 65535"},
		{"65536", nil, nil, "between 1 and 65535"},
		{"90-80", nil, nil, "ends before it begins"},
		{"80-", nil, nil, "is no port"},
		{"80/", nil, nil, "none of TCP, UDP and SCTP"},
		{"80/tpc", nil, nil, "none of TCP, UDP and SCTP"},
		{"HTTP", nil, nil, "is no name of a port"},
		{"a-name-that-is-too-long", nil, nil, "is no name of a port"},
	} {
		t.Run(tt.typed, func(t *testing.T) {
			var q Question
			err := q.AddPort(tt.typed)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(Question{Ports: tt.ports, Names: tt.names}.Ports, q.Ports); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.names, q.Names); diff != "" {
				t.Error(diff)
			}
		})
	}
}

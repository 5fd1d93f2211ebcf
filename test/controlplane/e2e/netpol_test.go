package e2e

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// netpolPods are three pods of the namespace default.
const netpolPods = `
apiVersion: v1
kind: Namespace
metadata: {name: default}
---
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: default, labels: {pod: a}}
spec: {nodeName: n1, containers: [{name: c, image: i}]}
status: {phase: Running, podIPs: [{ip: 10.0.1.1}, {ip: 'fd00::1'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: b, namespace: default, labels: {pod: b}}
spec: {nodeName: n1, containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}, {name: dns, containerPort: 53, protocol: UDP}]}]}
status: {phase: Running, podIPs: [{ip: 10.0.1.2}, {ip: 'fd00::2'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: c, namespace: default}
spec: {nodeName: n2, containers: [{name: c, image: i, ports: [{name: http, containerPort: 80}]}]}
status: {phase: Running, podIPs: [{ip: 172.17.5.9}, {ip: 'fd01::3'}]}
`

// TestNetpolDefaultsAndRefusals: the engine refuses the policies that the API
// server refuses, and reads the others from a file as the server stores them.
func TestNetpolDefaultsAndRefusals(t *testing.T) {
	t.Parallel()
	cp := harness.Start(t, harness.Options{Binary: shared.controlPlane, Logf: logf})
	// Untyped, so that the server gets what is written and nothing else.
	config := cp.Client(harness.Admin)
	config.WarningHandler = rest.NoWarnings{}
	writer, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	reader := clientOf(t, cp, harness.Admin).NetworkingV1().NetworkPolicies(metav1.NamespaceDefault)
	open := verdictsOf(newNetwork(t, "", nil))
	for i, tt := range netpolCases() {
		t.Run(tt.name, func(t *testing.T) {
			text := fmt.Sprintf("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: case-%d, namespace: default}\n", i)
			if tt.spec != "" {
				text += "spec: " + tt.spec + "\n"
			}
			file := newNetwork(t, text, nil)
			for outcome, found := range map[netpolOutcome]int{
				netpolRefused: len(file.Rejected()), netpolLegacy: len(file.Remarks()),
				netpolMalformed: len(file.Snapshot().Gaps()), netpolIgnored: len(file.Snapshot().Warnings()),
			} {
				if found > 0 != (outcome == tt.outcome) {
					t.Errorf("%d times %s in the file, want it to be %s: %+v", found, outcome, tt.outcome, file.Rejected())
				}
			}
			objects, err := harness.Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			sent := objects[0].(*unstructured.Unstructured)
			_, err = writer.Resource(networkingv1.SchemeGroupVersion.WithResource("networkpolicies")).
				Namespace(metav1.NamespaceDefault).Create(t.Context(), sent, metav1.CreateOptions{})
			if tt.outcome != netpolTaken && tt.outcome != netpolIgnored {
				if malformed := tt.outcome == netpolMalformed; malformed && !apierrors.IsBadRequest(err) || !malformed && !apierrors.IsInvalid(err) {
					t.Errorf("the API server says %v, want %s", err, tt.outcome)
				}
				if tt.outcome != netpolLegacy && !cmp.Equal(open, verdictsOf(file)) {
					t.Error("a policy that is refused counts")
				}
				return
			}
			if err != nil {
				t.Fatalf("the API server refuses it: %v", err)
			}
			stored, err := reader.Get(t.Context(), sent.GetName(), metav1.GetOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(verdictsOf(newNetwork(t, "", stored)), verdictsOf(file)); diff != "" {
				t.Errorf("verdicts (-stored +file), stored as %+v:\n%s", stored.Spec, diff)
			}
		})
	}
}

// newNetwork makes a cluster of netpolPods and a policy, as a file has it or
// as the API server stored it.
func newNetwork(t *testing.T, file string, stored *networkingv1.NetworkPolicy) *netpol.Cluster {
	t.Helper()
	b := snapshot.NewBuilder()
	if err := dir.Decode(t.Context(), b, "in.yaml", strings.NewReader(netpolPods+"---\n"+file), metav1.NamespaceDefault); err != nil {
		t.Fatal(err)
	}
	if stored != nil {
		b.Add(stored)
	}
	s, err := b.Build(snapshot.Info{Source: snapshot.FromFiles})
	if err != nil {
		t.Fatal(err)
	}
	return netpol.NewCluster(s, netpol.ProfileCommon)
}

// verdictsOf returns the verdicts for every port between every two ends: the
// pods and an address outside, in both families.
func verdictsOf(c *netpol.Cluster) map[string][]netpol.OpenPorts {
	ends := []*netpol.Endpoint{c.At(netip.MustParseAddr("198.51.100.7")), c.At(netip.MustParseAddr("2001:db8::7"))}
	for _, name := range []string{"a", "b", "c"} {
		ends = append(ends, c.Pod(metav1.NamespaceDefault, name))
	}
	verdicts := map[string][]netpol.OpenPorts{}
	for _, from := range ends {
		for _, to := range ends {
			for _, family := range []netpol.Family{netpol.IPv4, netpol.IPv6} {
				if from.Address(family).IsValid() && to.Address(family).IsValid() {
					verdicts[fmt.Sprintf("%s to %s over IPv%d", from, to, family)] = c.Ports(netpol.Flow{From: from, To: to, Family: family})
				}
			}
		}
	}
	return verdicts
}

package demo_test

import (
	"io/fs"
	"net/netip"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/demo"
)

func TestObjectsAreUniqueAndInPlace(t *testing.T) {
	docs := readTree(t)
	namespaces := all[*corev1.Namespace](docs)
	seen, uids := map[string]string{}, map[types.UID]string{}
	for _, doc := range docs {
		id := doc.gvk.GroupKind().String() + " " + key(doc.object.GetNamespace(), doc.object.GetName())
		if other, ok := seen[id]; ok {
			t.Errorf("%s is both in %s and in %s", id, other, doc.file)
		}
		seen[id] = doc.file
		if uid := doc.object.GetUID(); uid != "" {
			if other, ok := uids[uid]; ok {
				t.Errorf("%s and %s have the same uid", id, other)
			}
			uids[uid] = id
		}
		folder, _, _ := strings.Cut(doc.file, "/")
		if namespace := doc.object.GetNamespace(); namespace == "" {
			if folder != "_cluster" {
				t.Errorf("%s is cluster-scoped, but in folder %s", id, folder)
			}
		} else {
			if folder != namespace {
				t.Errorf("%s is in folder %s", id, folder)
			}
			if _, ok := namespaces[namespace]; !ok {
				t.Errorf("%s: there is no namespace %s", id, namespace)
			}
		}
	}
}

func TestCounts(t *testing.T) {
	docs := readTree(t)
	counts := map[string]int{}
	for _, doc := range docs {
		counts[doc.gvk.Kind]++
	}
	for kind, least := range map[string]int{
		"Namespace": 10, "ServiceAccount": 20, "Node": 3, "Pod": 30, "Deployment": 10, "ReplicaSet": 10,
		"StatefulSet": 3, "DaemonSet": 3, "CronJob": 3, "Job": 3, "Service": 15, "Ingress": 2, "NetworkPolicy": 10,
		"Secret": 20, "ConfigMap": 5, "ClusterRole": 30, "ClusterRoleBinding": 25, "Role": 15, "RoleBinding": 25,
		"CustomResourceDefinition": 5, "Certificate": 3, "ExternalSecret": 3, "ValidatingAdmissionPolicy": 3,
		"ValidatingAdmissionPolicyBinding": 2, "ValidatingWebhookConfiguration": 3, "MutatingWebhookConfiguration": 1,
	} {
		if counts[kind] < least {
			t.Errorf("%d objects of kind %s, want at least %d", counts[kind], kind, least)
		}
	}
	if _, ok := all[*corev1.Namespace](docs)[demo.Namespace]; !ok {
		t.Errorf("the default namespace %q is not in the cluster", demo.Namespace)
	}
}

// Every --demo command parses the whole tree, so that its size is start-up time.
func TestSize(t *testing.T) {
	const limit = 180 << 10
	size := 0
	err := fs.WalkDir(demo.FS(), ".", func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += int(info.Size())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if size > limit {
		t.Errorf("the tree has %d bytes, more than %d", size, limit)
	}
}

// Secrets hold nothing that a scanner, or a person, could take for real.
func TestSecretsHoldPlaceholders(t *testing.T) {
	shaped := map[string]bool{ // types and keys whose values the API server checks
		".dockerconfigjson": true, "token-id": true, "usage-bootstrap-authentication": true,
	}
	for name, secret := range all[*corev1.Secret](readTree(t)) {
		if len(secret.Data) > 0 {
			t.Errorf("%s has data", name)
		}
		if len(secret.StringData) == 0 {
			t.Errorf("%s has no key names", name)
		}
		for k, v := range secret.StringData {
			if !shaped[k] && !strings.HasSuffix(v, "demo-not-a-secret") {
				t.Errorf("%s: key %s holds %q", name, k, v)
			}
		}
	}
}

func TestAddressesAreConsistent(t *testing.T) {
	docs := readTree(t)
	nodes := all[*corev1.Node](docs)
	pods := map[string]string{}
	for name, pod := range all[*corev1.Pod](docs) {
		node, ok := nodes[pod.Spec.NodeName]
		if !ok {
			t.Errorf("%s is on the node %q, which does not exist", name, pod.Spec.NodeName)
			continue
		}
		ip := pod.Status.PodIP
		if len(pod.Status.PodIPs) != 1 || pod.Status.PodIPs[0].IP != ip {
			t.Errorf("%s: podIP %s differs from podIPs %v", name, ip, pod.Status.PodIPs)
		}
		if pod.Spec.HostNetwork {
			if ip != node.Status.Addresses[0].Address {
				t.Errorf("%s is on the host network, but has the address %s", name, ip)
			}
			continue
		}
		if !netip.MustParsePrefix(node.Spec.PodCIDR).Contains(netip.MustParseAddr(ip)) {
			t.Errorf("%s: %s is outside of its node's %s", name, ip, node.Spec.PodCIDR)
		}
		if other, ok := pods[ip]; ok {
			t.Errorf("%s and %s share %s", name, other, ip)
		}
		pods[ip] = name
	}
	services, serviceRange := map[string]string{}, netip.MustParsePrefix("10.96.0.0/16")
	for name, service := range all[*corev1.Service](docs) {
		ip := service.Spec.ClusterIP
		if ip == corev1.ClusterIPNone {
			continue
		}
		if !serviceRange.Contains(netip.MustParseAddr(ip)) || services[ip] != "" {
			t.Errorf("%s: cluster IP %s is taken (%q) or out of range", name, ip, services[ip])
		}
		services[ip] = name
	}
}

// What is not in client-go's scheme is a CustomResourceDefinition or served by one.
func TestCustomResourcesAreServed(t *testing.T) {
	docs := readTree(t)
	served := map[string]bool{"apiextensions.k8s.io/v1 CustomResourceDefinition cluster": true}
	for name, crd := range custom(docs, "CustomResourceDefinition") {
		group, _, _ := unstructured.NestedString(crd, "spec", "group")
		plural, _, _ := unstructured.NestedString(crd, "spec", "names", "plural")
		kind, _, _ := unstructured.NestedString(crd, "spec", "names", "kind")
		scope, _, _ := unstructured.NestedString(crd, "spec", "scope")
		versions, _, _ := unstructured.NestedSlice(crd, "spec", "versions")
		if name != plural+"."+group || len(versions) != 1 {
			t.Errorf("%s: names %s.%s, %d versions", name, plural, group, len(versions))
			continue
		}
		version, ok := versions[0].(map[string]any)
		if !ok || version["storage"] != true || version["served"] != true {
			t.Errorf("%s: version %v is not served and stored", name, versions[0])
			continue
		}
		served[group+"/"+version["name"].(string)+" "+kind+" "+strings.ToLower(strings.TrimSuffix(scope, "d"))] = true
	}
	for _, doc := range docs {
		if scheme.Scheme.Recognizes(doc.gvk) {
			continue
		}
		scope := "namespace"
		if doc.object.GetNamespace() == "" {
			scope = "cluster"
		}
		if id := doc.gvk.GroupVersion().String() + " " + doc.gvk.Kind + " " + scope; !served[id] {
			t.Errorf("%s: %s is not served (%s)", doc.file, doc.object.GetName(), id)
		}
	}
}

func TestTaken(t *testing.T) {
	if got, want := demo.Taken().Format(time.RFC3339), "2026-10-05T09:00:00Z"; got != want {
		t.Errorf("Taken() is %s, want %s: documentation shows ages that count from it", got, want)
	}
	for _, doc := range readTree(t) {
		if created := doc.object.GetCreationTimestamp(); created.After(demo.Taken()) {
			t.Errorf("%s %s is younger than the moment of reading", doc.gvk.Kind, doc.object.GetName())
		}
		if pod, ok := doc.typed.(*corev1.Pod); ok && (pod.Status.StartTime == nil || pod.Status.StartTime.After(demo.Taken())) {
			t.Errorf("pod %s started at %v", pod.Name, pod.Status.StartTime)
		}
	}
}

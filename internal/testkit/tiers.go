package testkit

import (
	"fmt"
	"math/rand/v2"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Tiers returns one to three random ClusterNetworkPolicies about the pods of
// Workloads.
func Tiers(r *rand.Rand) []Object {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	peer := func() map[string]any {
		namespaces := map[string]any{}
		if r.IntN(2) == 0 {
			namespaces["matchLabels"] = map[string]any{"kubernetes.io/metadata.name": pick("x", "y", "kube-system")}
		}
		if r.IntN(2) == 0 {
			return map[string]any{"namespaces": namespaces}
		}
		return map[string]any{"pods": map[string]any{"namespaceSelector": namespaces, "podSelector": map[string]any{"matchLabels": map[string]any{"app": pick("a", "b", "c")}}}}
	}
	var objects []Object
	for i := range 1 + r.IntN(3) {
		spec := map[string]any{"tier": pick("Admin", "Baseline", "Baseline"), "priority": int64(i), "subject": peer()}
		for _, fields := range [][2]string{{"ingress", "from"}, {"egress", "to"}} {
			direction, peers := fields[0], fields[1]
			var rules []any
			for range r.IntN(3) {
				to := peer()
				if direction == "egress" && r.IntN(3) == 0 {
					to = map[string]any{"networks": []any{pick("0.0.0.0/0", "203.0.113.0/28")}}
				}
				rule := map[string]any{"action": pick("Accept", "Deny", "Deny", "Pass"), peers: []any{to}}
				if r.IntN(3) == 0 {
					rule["protocols"] = []any{map[string]any{"tcp": map[string]any{"destinationPort": map[string]any{"number": int64([]int{80, 443, 8080}[r.IntN(3)])}}}}
				}
				rules = append(rules, rule)
			}
			if len(rules) > 0 {
				spec[direction] = rules
			}
		}
		objects = append(objects, &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "policy.networking.k8s.io/v1alpha2", "kind": "ClusterNetworkPolicy",
			"metadata": map[string]any{"name": fmt.Sprintf("tier%d", i)}, "spec": spec,
		}})
	}
	return objects
}

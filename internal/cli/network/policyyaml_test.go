package network

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"
)

const odd = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: p
  namespace: "y"
  labels:
    name: "1"
    port: "true"
spec:
  podSelector:
    matchLabels:
      a: "null"
      b: 1e3x
      port: "0x1"
  policyTypes:
    - Ingress
    - Egress
  ingress:
    # from the web
    # and more
    - from:
        - namespaceSelector: {}
          podSelector: {}
        - ipBlock:
            cidr: ::/0
            except:
              - fd00::/8
      ports:
        - protocol: TCP
          port: http
        - protocol: UDP
          port: 80
          endPort: 90
  egress:
    - {}
    # the second
    - to:
        - podSelector:
            matchExpressions:
              - key: app
                operator: In
                values:
                  - a
                  - b
`

// TestPolicyYAML writes a policy in the order in which people do, and reads it
// back.
func TestPolicyYAML(t *testing.T) {
	var np networkingv1.NetworkPolicy
	if err := yaml.UnmarshalStrict([]byte(odd), &np); err != nil {
		t.Fatal(err)
	}
	text, err := PolicyYAML(&np, Comments{Head: []string{"for CI", "a\nb: \x1b[31m\u202e"}, Rules: map[string][]string{
		"spec.ingress[0]": {"from the web", "and more"}, "spec.egress[1]": {"the second"}, "spec.egress[7]": {"no such rule"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("# for CI\n# a�b: �[31m�\n"+odd, text); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var back networkingv1.NetworkPolicy
	if err := yaml.UnmarshalStrict([]byte(text), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(np, back); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
}

func TestPartYAML(t *testing.T) {
	var np networkingv1.NetworkPolicy
	if err := yaml.UnmarshalStrict([]byte(odd), &np); err != nil {
		t.Fatal(err)
	}
	text, err := PartYAML(np.Spec.Ingress[0].Ports)
	if err != nil {
		t.Fatal(err)
	}
	if want := "- protocol: TCP\n  port: http\n- protocol: UDP\n  port: 80\n  endPort: 90\n"; text != want {
		t.Errorf("%s, want\n%s", text, want)
	}
	if _, err := PartYAML(func() {}); err == nil || !strings.HasPrefix(err.Error(), "write a part") {
		t.Errorf("error %v", err)
	}
}

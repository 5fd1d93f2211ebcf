package check

import (
	"bytes"
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// The proof is whole on a narrow terminal: what is asserted, who breaks it by
// which binding, and what is noted.
func TestNarrowView(t *testing.T) {
	binding := v1alpha1.ObjectRef{Kind: "RoleBinding", Namespace: "payments", Name: "controller-manager-of-payments-reads-secrets"}
	role := v1alpha1.ObjectRef{Kind: "ClusterRole", Name: "controller-manager-of-payments-and-shop"}
	who := v1alpha1.Subject{Kind: "ServiceAccount", Namespace: "payments", Name: "controller-manager"}
	r := &v1alpha1.CheckReport{Assertions: []v1alpha1.Assertion{{
		Text: "nobody except " + strings.Repeat("group/oidc:operators, ", 4) + "sa/kube-system/* can get secrets in payments",
		Why:  "cards are in them, and the auditors want to know of everyone who reads them, with a date",
		Violations: []v1alpha1.Violation{{
			Query: v1alpha1.Query{Verb: "get", Resource: "secrets", Namespace: "payments"}, Subject: who,
			Scopes: []v1alpha1.Scope{{Namespace: "payments", Via: []v1alpha1.Via{{Binding: &binding, Role: &role}}}},
		}},
		Notes: []string{"list and watch reveal the values too, and so does a pod that mounts them: ask about these as well"},
	}}}
	var b bytes.Buffer
	if err := printer.Stack(&b, printer.Style{Width: 80}, view(r)...); err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(strings.NewReplacer("│", " ", "├─", " ", "└─", " ").Replace(b.String()))
	got := strings.Join(words, " ")
	for _, want := range []string{
		r.Assertions[0].Text, "why: " + r.Assertions[0].Why, "note: " + r.Assertions[0].Notes[0],
		"sa/payments/controller-manager can get secrets in payments: RoleBinding/" + binding.Name + " → ClusterRole/" + role.Name,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not whole in\n%s", want, b.String())
		}
	}
}

package diff

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPolicies(t *testing.T) {
	const spec = "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]}"
	const whole = "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}], ports: [{port: 80, protocol: TCP}]}]}"
	const refused = "{podSelector: {}, ingress: [{from: [{}]}]}"
	tests := []struct {
		name, before, after string
		want                []string
	}{
		{"the same", np("p", spec), np("p", spec), nil},
		{"the same with what the API server fills in", np("p", spec), np("p", whole), nil},
		{"another port", np("p", spec), np("p", "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {}}], ports: [{port: 81}]}]}"), []string{"Changed shop/p"}},
		{"added and removed", np("b", spec), np("a", spec) + np("c", spec), []string{"Added shop/a", "Removed shop/b", "Added shop/c"}},
		{"refused both times", np("p", refused), np("p", refused), nil},
		{"refused now", np("p", spec), np("p", refused), []string{"Changed shop/p"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range compare(t, &Options{}, shop+tt.before, shop+tt.after).report().Policies {
				got = append(got, fmt.Sprintf("%s %s/%s", p.Change, p.Namespace, p.Name))
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// What causes say of the ways in which policies come, change and go.
func TestCauses(t *testing.T) {
	allow := "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{podSelector: {}}]}]}"
	deny := "{podSelector: {matchLabels: {app: api}}}"
	tests := []struct {
		name, before, after, want string
	}{
		{"isolated", "", np("p", deny), "ingress: shop/p isolates the destination and has no rules"},
		{"isolated, with rules for others", "", np("p", "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{podSelector: {matchLabels: {app: x}}}]}]}"), "ingress: shop/p isolates the destination, and no rule lets it pass"},
		{"the new one of several", np("a", deny), np("a", deny) + np("b", "{podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]}"), "ingress: shop/b, spec.ingress[0] lets it pass"},
		{"not isolated any more", np("p", deny), "", "ingress: shop/p no more isolates the destination"},
		{"a rule was taken away", np("p", allow), np("p", deny), "ingress: shop/p, spec.ingress[0] let it pass before"},
		{"a policy that allowed it is gone", np("a", deny) + np("p", allow), np("a", deny), "ingress: shop/p is gone, whose spec.ingress[0] let it pass"},
		{"egress", "", np("p", "{podSelector: {}, policyTypes: [Egress]}"), "egress: shop/p isolates the source and has no rules"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := compare(t, &Options{}, shop+tt.before, shop+tt.after).report()
			for _, c := range r.Changes {
				for _, p := range c.Ports {
					for _, cause := range p.Causes {
						cause.Origin = ""
						if got := phrase(cause); got != tt.want {
							t.Errorf("%q, want %q", got, tt.want)
						}
					}
				}
			}
			if len(r.Changes) == 0 {
				t.Error("nothing changes")
			}
		})
	}
}

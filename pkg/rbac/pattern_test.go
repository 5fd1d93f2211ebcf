package rbac_test

import (
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

func TestMatchesSubject(t *testing.T) {
	account := rbac.ServiceAccount("shop", "web")
	tests := []struct {
		pattern string
		subject rbac.Subject
		want    bool
	}{
		{"*", account, true},
		{"user/ann", rbac.User("ann"), true},
		{"user/ann", rbac.User("anna"), false},
		{"user/ann", rbac.Group("ann"), false},
		{"user/*@example.org", rbac.User("ann@example.org"), true},
		{"user/*@example.org", rbac.User("ann@example.org.evil"), false},
		{"user/a*a", rbac.User("a"), false}, // the ends do not share a letter
		{"group/oidc:*:admins", rbac.Group("oidc:eu:admins"), true},
		{"group/oidc:*:*", rbac.Group("oidc:eu"), false},
		{"group/*b*a*", rbac.Group("ab"), false}, // in order
		{"sa/shop/*", account, true},
		{"sa/*/web", account, true},
		{"sa/shop/we", account, false},
		{"sa/sho/*", account, false},
		{"sa/*", rbac.User("sa/shop/web"), false},
	}
	for _, tt := range tests {
		t.Run(tt.pattern+" "+tt.subject.String(), func(t *testing.T) {
			if got := rbac.MatchesSubject(tt.pattern, tt.subject); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestParsePattern(t *testing.T) {
	tests := []struct{ typed, want, err string }{
		{"*", "*", ""},
		{"u/ann", "user/ann", ""},
		{"Group/oidc:*", "group/oidc:*", ""},
		{"serviceaccounts/shop/*", "sa/shop/*", ""},
		{"user/CN=ann,O=ops/x", "user/CN=ann,O=ops/x", ""},
		{"ann", "", "does not say whether it is"},
		{"user/", "", "does not say whether it is"},
		{"sa/web", "", "names no namespace"},
		{"pod/web", "", "is not a subject"},
		{"users*/x", "", "is not a subject"},
	}
	for _, tt := range tests {
		t.Run(tt.typed, func(t *testing.T) {
			got, err := rbac.ParsePattern(tt.typed)
			if got != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %q, error %v; want %q, error %q", got, err, tt.want, tt.err)
			}
		})
	}
}

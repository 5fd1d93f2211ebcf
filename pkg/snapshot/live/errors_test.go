package live_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/internal/testkit/apiserver"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/live"
)

func TestLoadRefusedImpersonation(t *testing.T) {
	server := apiserver.Start(t)
	refusal := apierrors.NewForbidden(schema.GroupResource{Resource: "users"}, "root",
		errors.New(`User "alice" cannot impersonate resource "users" in API group "" at the cluster scope`)).Status()
	refusal.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}
	body, err := json.Marshal(refusal)
	if err != nil {
		t.Fatal(err)
	}
	server.Inject("/*", apiserver.Text(http.StatusForbidden, -1, "application/json", string(body)))
	_, err = live.Load(t.Context(), live.Options{Config: server.Config(), Needs: []snapshot.Need{{Type: rbacv1.SchemeGroupVersion.WithResource("clusterroles")}}})
	var refused *live.ImpersonationError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "cannot impersonate") {
		t.Errorf("Load = %v, want an ImpersonationError", err)
	}
}

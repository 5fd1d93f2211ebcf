package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
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

func TestRequestTimedOut(t *testing.T) {
	const text = "the API server https://s did not answer in time: "
	tests := []struct {
		name string
		err  error
		want bool
	}{
		{"the time limit of a request", fmt.Errorf("list: %w", context.DeadlineExceeded), true},
		{"a connection that is not made in time", &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}, false},
		{"a dial that the context ended", &net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded}, false},
		{"something else", errors.New("certificate signed by unknown authority"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := &live.ConnectError{Server: "https://s", Err: tt.err}
			if got := err.RequestTimedOut(); got != tt.want {
				t.Errorf("RequestTimedOut() = %v, want %v", got, tt.want)
			}
			if got := strings.HasPrefix(err.Error(), text); got != tt.want {
				t.Errorf("Error() = %q", err)
			}
		})
	}
}

package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// nothingByDefault takes from everybody what Kubernetes allows everybody, so
// that a command has nothing but its role: not even discovery.
const nothingByDefault = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: "system:discovery"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:discovery"}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: "system:basic-user"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:basic-user"}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: "system:public-info-viewer"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:public-info-viewer"}
`

// launchAudited starts a control plane with an audit log, with the content of
// testdata/cluster.yaml and testdata/audited.yaml. Its users are those of the
// scenarios: each may do what "permissions" prints for its command, no more.
func (s *suite) launchAudited(ctx context.Context) (*harness.ControlPlane, error) {
	users := []harness.User{{Name: explorer}}
	for _, sc := range scenarios() {
		users = append(users, harness.User{Name: sc.user()})
	}
	cp, err := s.keep(harness.Launch(ctx, harness.Options{
		Binary: s.controlPlane, Users: users, AuditPolicy: auditPolicy, Logf: logf,
	}))
	if err != nil {
		return nil, err
	}
	for _, file := range []string{"testdata/cluster.yaml", "testdata/audited.yaml"} {
		manifests, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if err := cp.ApplyYAML(ctx, manifests); err != nil {
			return nil, fmt.Errorf("load %s: %w", file, err)
		}
	}
	roles, err := s.rolesOfCommands(ctx)
	if err != nil {
		return nil, err
	}
	return cp, cp.ApplyYAML(ctx, []byte(nothingByDefault+roles))
}

// rolesOfCommands returns the roles that "permissions" prints and a binding to
// one of them for each scenario.
func (s *suite) rolesOfCommands(ctx context.Context) (string, error) {
	var out strings.Builder
	printed := map[string]bool{}
	for _, sc := range scenarios() {
		role := "kubectl-secure-" + strings.ReplaceAll(sc.command, " ", "-")
		if !printed[role] {
			printed[role] = true
			args := append([]string{"permissions", "--demo", "-o", "yaml"}, strings.Fields(sc.command)...)
			manifest, err := exec.CommandContext(ctx, s.product, args...).Output()
			if err != nil {
				return "", fmt.Errorf("kubectl-secure %q: %w", args, err)
			}
			fmt.Fprintf(&out, "---\n%s", manifest)
		}
		fmt.Fprintf(&out, `---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: %q}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %q}]
`, sc.user(), role, sc.user())
	}
	return out.String(), nil
}

// auditedCluster returns the control plane of launchAudited.
func auditedCluster(t *testing.T) *harness.ControlPlane {
	t.Helper()
	cp, err := shared.audited()
	if err != nil {
		t.Fatalf("start the audited cluster: %v", err)
	}
	return cp
}

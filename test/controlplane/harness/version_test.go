package harness_test

import (
	"os"
	"regexp"
	"testing"
)

// kubernetesVersion reads the version of Kubernetes from the go.mod of the
// control plane program.
func kubernetesVersion(t *testing.T) string {
	t.Helper()
	return requiredVersion(t, "../cmd/controlplane/go.mod")
}

func requiredVersion(t *testing.T, goMod string) string {
	t.Helper()
	data, err := os.ReadFile(goMod)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^\s*k8s\.io/(?:kubernetes v1|client-go v0)(\.\S+)`).FindSubmatch(data)
	if m == nil {
		t.Fatalf("%s requires no version of Kubernetes", goMod)
	}
	return "v1" + string(m[1])
}

// TestModulesAreOfOneRelease: what is tested in this module, the upstream
// authorizer for one, must be of the release that the API server is.
func TestModulesAreOfOneRelease(t *testing.T) {
	t.Parallel()
	if program, module := kubernetesVersion(t), requiredVersion(t, "../go.mod"); program != module {
		t.Errorf("the control plane is %s, this module uses %s", program, module)
	}
}

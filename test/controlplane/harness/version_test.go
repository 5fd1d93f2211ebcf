package harness_test

import (
	"os"
	"regexp"
	"testing"
)

// kubernetesVersion reads the version of Kubernetes from this module's go.mod.
func kubernetesVersion(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^\s*k8s\.io/kubernetes (v\S+)`).FindSubmatch(data)
	if m == nil {
		t.Fatal("go.mod does not require k8s.io/kubernetes")
	}
	return string(m[1])
}

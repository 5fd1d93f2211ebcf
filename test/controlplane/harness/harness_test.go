package harness_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// client returns a clientset from a kubeconfig file, the way every tool reads
// it.
func client(t *testing.T, kubeconfig string) *kubernetes.Clientset {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	c, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestUsersHaveOnlyTheirRights(t *testing.T) {
	t.Parallel()
	cp := harness.Start(t, harness.Options{Users: []harness.User{
		{Name: "alice", Groups: []string{"dev", "ops"}},
		{Name: "Alice", Groups: []string{"system:masters"}},
		{Name: "https://issuer.example/bob,jr"},
	}})
	tests := []struct {
		user    string
		allowed bool
	}{
		{harness.Admin, true},
		{"alice", false},
		{"Alice", true},
		{"https://issuer.example/bob,jr", false},
	}
	for _, tt := range tests {
		t.Run(tt.user, func(t *testing.T) {
			c := client(t, cp.Kubeconfig(tt.user))
			_, err := c.CoreV1().Secrets("kube-system").List(t.Context(), metav1.ListOptions{})
			switch {
			case tt.allowed && err != nil:
				t.Errorf("list secrets: %v, want no error", err)
			case !tt.allowed && !apierrors.IsForbidden(err):
				t.Errorf("list secrets: %v, want forbidden", err)
			case !tt.allowed && !strings.Contains(err.Error(), fmt.Sprintf("User %q", tt.user)):
				t.Errorf("list secrets: %v, want it to name user %q", err, tt.user)
			}
		})
	}
}

func TestVersionIsTheReleases(t *testing.T) {
	t.Parallel()
	cp := harness.Start(t, harness.Options{})
	info, err := client(t, cp.Kubeconfig(harness.Admin)).Discovery().ServerVersion()
	if err != nil {
		t.Fatal(err)
	}
	if want := kubernetesVersion(t); info.GitVersion != want || info.Major+"."+info.Minor != strings.TrimPrefix(want[:strings.LastIndex(want, ".")], "v") {
		t.Errorf("version %s (%s.%s), want %s of go.mod", info.GitVersion, info.Major, info.Minor, want)
	}
}

func TestUnknownTokenIsUnauthorized(t *testing.T) {
	t.Parallel()
	cp := harness.Start(t, harness.Options{})
	config := cp.Client(harness.Admin)
	config.BearerToken = "wrong"
	c, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{}); !apierrors.IsUnauthorized(err) {
		t.Errorf("got %v, want unauthorized", err)
	}
}

func TestStopLeavesNothing(t *testing.T) {
	t.Parallel()
	cp, err := harness.Launch(t.Context(), harness.Options{ControllerManager: true, Logf: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	pids := harness.Pids(cp)
	if len(pids) != 3 {
		t.Fatalf("%d programs run, want etcd, kube-apiserver and kube-controller-manager", len(pids))
	}
	if err := cp.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if err := cp.Stop(); err != nil {
		t.Errorf("second stop: %v", err)
	}
	for name, pid := range pids {
		if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("%s (process %d) is still there: %v", name, pid, err)
		}
	}
	if _, err := os.Stat(cp.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("directory %s is still there: %v", cp.Dir, err)
	}
	c := &http.Client{Timeout: time.Second}
	if _, err := c.Get(cp.URL); !errors.Is(err, syscall.ECONNREFUSED) { //nolint:bodyclose // there is no answer
		t.Errorf("address %s: %v, want connection refused", cp.URL, err)
	}
}

func TestStopReportsProgramThatEnded(t *testing.T) {
	t.Parallel()
	cp, err := harness.Launch(t.Context(), harness.Options{Logf: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(harness.Pids(cp)["kube-apiserver"], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	harness.WaitEnded(cp, "kube-apiserver")
	if err := cp.Stop(); err == nil || !strings.Contains(err.Error(), "kube-apiserver ended unexpectedly") {
		t.Errorf("stop: %v, want it to name kube-apiserver", err)
	}
}

func TestLaunchReportsWhyTheServerRefuses(t *testing.T) {
	t.Parallel()
	cp, err := harness.Launch(t.Context(), harness.Options{APIServerFlags: []string{"--no-such-flag"}, Logf: t.Logf})
	if err == nil {
		t.Fatalf("started with an unknown flag: %v", cp.Stop())
	}
	if !strings.Contains(err.Error(), "no-such-flag") {
		t.Errorf("error %v does not name the flag", err)
	}
}

func TestLaunchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	binary, err := harness.Build(t.Context(), t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	// It takes a second at least until the API server is ready.
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := harness.Launch(ctx, harness.Options{Binary: binary}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want context.DeadlineExceeded", err)
	}
}

func TestServiceAccountKubeconfig(t *testing.T) {
	t.Parallel()
	cp := harness.Start(t, harness.Options{})
	sa := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "robot"}}
	if err := cp.Apply(t.Context(), sa); err != nil {
		t.Fatal(err)
	}
	kubeconfig, err := cp.ServiceAccountKubeconfig(t.Context(), "default", "robot")
	if err != nil {
		t.Fatal(err)
	}
	_, err = client(t, kubeconfig).CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{})
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), `"system:serviceaccount:default:robot"`) {
		t.Errorf("list pods: %v, want forbidden to the service account", err)
	}
}

// Package harness starts the real Kubernetes control plane for tests: etcd,
// kube-apiserver and, on request, kube-controller-manager, compiled from the
// module versions in this module's go.mod. Nothing is mocked: authentication,
// authorization, admission, storage and discovery are the released code.
//
// Every control plane has its own directory, its own certificate authority
// and its own port of the loopback interface, so tests may start any number
// of them at once. etcd listens on unix sockets inside that directory only.
//
//	cp := harness.Start(t, harness.Options{
//		Users: []harness.User{{Name: "alice", Groups: []string{"dev"}}},
//	})
//	err := cp.ApplyYAML(t.Context(), manifests)
//	cmd := exec.Command("kubectl-secure", "--kubeconfig", cp.Kubeconfig("alice"), "who-can", "get", "pods")
//
// Programs and TestMain functions, which have no [testing.TB], call [Launch]
// and [ControlPlane.Stop].
package harness

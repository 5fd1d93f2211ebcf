// Command playground starts a real control plane to try the product on: it
// loads the manifests that its arguments name, prints the kubeconfigs of its
// users and runs until it is interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(paths []string) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	logf := func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
	users := []harness.User{
		{Name: "alice@example.org", Groups: []string{"oidc:oncall"}},
		{Name: "bob@example.org", Groups: []string{"oidc:shop-leads"}},
		{Name: "nobody@example.org"},
	}
	cp, err := harness.Launch(ctx, harness.Options{
		Users: users, ControllerManager: true, Logf: logf,
		APIServerFlags: []string{"--service-cluster-ip-range=10.96.0.0/16"},
		// Not the controllers of workloads: they would make pods of their own
		// beside those of the manifests.
		ControllerManagerFlags: []string{"--controllers=clusterrole-aggregation-controller,serviceaccount-controller,namespace-controller"},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cp.Stop()) }()
	for _, path := range paths {
		if err := load(ctx, cp, path); err != nil {
			return err
		}
	}
	for _, user := range append([]harness.User{{Name: harness.Admin}}, users...) {
		fmt.Printf("export KUBECONFIG=%s   # %s\n", cp.Kubeconfig(user.Name), user.Name)
	}
	<-ctx.Done()
	return nil
}

// leftOut are objects that this control plane must not get: webhooks that
// nothing serves would refuse what comes after, and the Service of the API
// server is its own.
func leftOut(document string) bool {
	return strings.Contains(document, "kind: ValidatingWebhookConfiguration") ||
		strings.Contains(document, "kind: MutatingWebhookConfiguration") ||
		strings.Contains(document, "kind: Service\nmetadata: {name: kubernetes,")
}

// load applies the YAML files below path, all as one input: the harness
// orders objects by what they need.
func load(ctx context.Context, cp *harness.ControlPlane, path string) error {
	var documents []string
	err := filepath.WalkDir(path, func(file string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(file) != ".yaml" {
			return err
		}
		data, err := os.ReadFile(file)
		for document := range strings.SplitSeq(string(data), "\n---") {
			if strings.Contains(document, "kind:") && !leftOut(document) {
				documents = append(documents, document)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return cp.ApplyYAML(ctx, []byte(strings.Join(documents, "\n---\n")))
}

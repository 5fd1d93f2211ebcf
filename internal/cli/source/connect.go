package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"syscall"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/live"
)

// connectFault adds what to do when no cluster could be reached.
func connectFault(err error) error {
	var connect *live.ConnectError
	var unauthorized *live.UnauthorizedError
	var missing *fs.PathError
	var impersonation *live.ImpersonationError
	const offline = "to work without a cluster: --demo, or --filename FILE on manifests or a saved snapshot"
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case clientcmd.IsEmptyConfig(err):
		return fault.WithHelp(errors.New("no cluster to connect to: there is no kubeconfig, or it names none"),
			"kubectl config get-contexts", offline)
	case clientcmd.IsContextNotFound(err):
		return fault.WithHelp(err, "kubectl config get-contexts")
	case errors.As(err, &missing):
		return fault.WithHelp(fmt.Errorf("the kubeconfig %s cannot be read: %w", missing.Path, missing.Err), offline)
	case errors.As(err, &impersonation):
		return fault.WithHelp(err, "without --as the question is asked as yourself")
	case errors.As(err, &unauthorized):
		return fault.WithHelp(err, "log in again; check with: kubectl auth whoami")
	case errors.As(err, &connect) && (errors.Is(err, syscall.ECONNREFUSED) || isDNS(err)):
		return fault.WithHelp(err, "is this the right cluster? --context NAME chooses another one: kubectl config get-contexts", offline)
	case errors.As(err, &connect):
		return fault.WithHelp(err, "check with: kubectl version")
	default:
		return err
	}
}

func isDNS(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns)
}

package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"syscall"

	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/live"
)

const offlineHelp = "to work without a cluster: --demo, or --filename FILE on manifests or a saved snapshot"

// kubeconfigFault says that the kubeconfig files cannot be used, and which.
func kubeconfigFault(err error) error {
	if files, ok := errors.AsType[utilerrors.Aggregate](err); ok && len(files.Errors()) == 1 {
		err = files.Errors()[0] // of one file; an Aggregate hides its errors from errors.As
	}
	if missing, ok := errors.AsType[*fs.PathError](err); ok {
		err = fmt.Errorf("the kubeconfig %s cannot be read: %w", missing.Path, missing.Err)
	} else {
		err = fmt.Errorf("the kubeconfig cannot be read: %w", err)
	}
	return fault.WithHelp(err, offlineHelp)
}

// connectFault adds what to do when no cluster could be reached.
func connectFault(err error) error {
	var connect *live.ConnectError
	var unauthorized *live.UnauthorizedError
	var impersonation *live.ImpersonationError
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case clientcmd.IsEmptyConfig(err):
		return fault.WithHelp(errors.New("no cluster to connect to: there is no kubeconfig, or it names none"),
			"kubectl config get-contexts", offlineHelp)
	case errors.As(err, &impersonation):
		return fault.WithHelp(err, "without --as the question is asked as yourself")
	case errors.As(err, &unauthorized):
		return fault.WithHelp(err, "log in again; check with: kubectl auth whoami")
	case errors.As(err, &connect) && (errors.Is(err, syscall.ECONNREFUSED) || isDNS(err)):
		return fault.WithHelp(err, "is this the right cluster? --context NAME chooses another one: kubectl config get-contexts", offlineHelp)
	case errors.As(err, &connect) && connect.RequestTimedOut():
		return fault.WithHelp(err, "to wait longer: --request-timeout 2m", "check with: kubectl version")
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

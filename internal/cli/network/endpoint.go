package network

import (
	"errors"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// EndpointForms are the ways to name an endpoint, for help and errors.
const EndpointForms = "POD, [NAMESPACE/]TYPE/NAME (pod, deployment, statefulset, daemonset, replicaset, job, cronjob, service, node, namespace), " +
	"an IP address or CIDR, internet, or labels:ns=NAMESPACE,KEY=VALUE for a pod that does not exist yet"

// ParseEndpoint reads a reference; errors are usage errors.
func ParseEndpoint(typed, namespace string) (netpol.Reference, error) {
	ref, err := netpol.ParseReference(typed, namespace)
	if err != nil {
		return ref, fault.WithHelp(fault.Usage("%w", err), "an endpoint is "+EndpointForms)
	}
	return ref, nil
}

// ProfileNames names the profiles, for help and errors.
func ProfileNames() string {
	var names []string
	for _, p := range netpol.Profiles() {
		names = append(names, string(p))
	}
	return strings.Join(names, " or ")
}

// Fault adds to an error of an answer what may have been meant.
func Fault(err error) error {
	missing, ok := errors.AsType[*netpol.NotFoundError](err)
	if !ok {
		return err
	}
	var help []string
	for _, ref := range missing.Similar {
		help = append(help, "did you mean "+ref+"?")
	}
	return fault.WithHelp(err, help...)
}

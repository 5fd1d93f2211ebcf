package network

import (
	"errors"
	"fmt"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// EndpointForms are the ways to name an endpoint, for help and errors.
const EndpointForms = "POD, [NAMESPACE/]TYPE/NAME (pod, deployment, statefulset, daemonset, replicaset, job, cronjob, service, node, namespace), " +
	"an IP address or CIDR, internet, labels:ns=NAMESPACE,KEY=VALUE for a pod that does not exist yet, " +
	"or as a source ingress/NAME, gateway/NAME or route/NAME for what comes in through it"

// ParseEndpoint reads a reference; errors are usage errors.
func ParseEndpoint(typed, namespace string) (netpol.Reference, error) {
	ref, err := netpol.ParseReference(typed, namespace)
	if err != nil {
		return ref, fault.WithHelp(fault.Usage("%w", err), "an endpoint is "+EndpointForms)
	}
	return ref, nil
}

// CheckEnds refuses what is no source or no destination; errors are usage
// errors.
func CheckEnds(from, to netpol.Reference) error {
	switch {
	case from.Type == "Service":
		return fault.WithHelp(fault.Usage("%s: a Service sends nothing: it cannot be the source", from), "name the workload behind it, as deploy/NAME")
	case to.IsEntry():
		help := []string{"name the Service behind it, as svc/NAME"}
		if namespace, name, _ := strings.Cut(to.String(), "/"); name == to.Name {
			help = append(help, fmt.Sprintf("the pod %s of a namespace %s is %[2]s/pod/%[1]s", name, namespace))
		}
		return fault.WithHelp(fault.Usage("%s stands for what comes in through it: it cannot be the destination", to), help...)
	}
	return nil
}

// Namespaces are those of the references, to be read where not all may be.
func Namespaces(refs ...netpol.Reference) []string {
	var names []string
	for _, r := range refs {
		switch {
		case r.Type == "Namespace":
			names = append(names, r.Name)
		case r.Namespace != "":
			names = append(names, r.Namespace)
		}
	}
	return names
}

// ProfileNames names the profiles, for help and errors.
func ProfileNames() string {
	var names []string
	for _, p := range netpol.Profiles() {
		names = append(names, string(p))
	}
	return strings.Join(names, " or ")
}

// RightsHelp says what to do where the input lacks what may not be read.
const RightsHelp = "the rights that it takes: kubectl secure permissions netpol-sim"

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
	if len(missing.Unread) > 0 {
		help = append(help, RightsHelp)
	}
	return fault.WithHelp(err, help...)
}

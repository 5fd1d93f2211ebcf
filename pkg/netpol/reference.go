package netpol

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Reference names the endpoints at one end of a question.
type Reference struct {
	// Type is that of an object: "Pod", "Deployment", "Service", "Node",
	// "Namespace", …; "" for addresses and labels.
	Type            string
	Namespace, Name string
	// Range is an address (as a range of one) or a range of addresses.
	Range netip.Prefix
	// Internet stands for every public address.
	Internet bool
	// Labels are those of a pod in Namespace that does not exist yet.
	Labels labels.Set

	typed string
}

// String returns the reference as it was typed.
func (r Reference) String() string { return r.typed }

// typeOf returns the type of objects that a reference may name, by what people
// type for it and what kubectl prints; "" for other words.
func typeOf(word string) string {
	switch strings.ToLower(word) {
	case "pod", "pods", "po":
		return "Pod"
	case "deployment", "deployments", "deploy", "deployment.apps", "deployments.apps":
		return "Deployment"
	case "statefulset", "statefulsets", "sts", "statefulset.apps", "statefulsets.apps":
		return "StatefulSet"
	case "daemonset", "daemonsets", "ds", "daemonset.apps", "daemonsets.apps":
		return "DaemonSet"
	case "replicaset", "replicasets", "rs", "replicaset.apps", "replicasets.apps":
		return "ReplicaSet"
	case "job", "jobs", "job.batch", "jobs.batch":
		return "Job"
	case "cronjob", "cronjobs", "cj", "cronjob.batch", "cronjobs.batch":
		return "CronJob"
	case "service", "services", "svc":
		return "Service"
	case "node", "nodes", "no":
		return "Node"
	case "namespace", "namespaces", "ns":
		return "Namespace"
	case "ingress", "ingresses", "ing", "ingress.networking.k8s.io", "ingresses.networking.k8s.io":
		return "Ingress"
	case "gateway", "gateways", "gtw", "gateway.gateway.networking.k8s.io", "gateways.gateway.networking.k8s.io":
		return "Gateway"
	case "route", "routes", "route.route.openshift.io", "routes.route.openshift.io":
		return "Route"
	default:
		return ""
	}
}

// ParseReference reads what a user typed: an address, a range, "internet",
// labels:ns=NAME,KEY=VALUE,…, POD, TYPE/NAME, NAMESPACE/POD,
// NAMESPACE/TYPE/NAME or TYPE/NAMESPACE/NAME. With two parts a known type wins
// over a namespace of that name, with three the type in the middle. namespace
// is that of objects that name none.
func ParseReference(typed, namespace string) (Reference, error) {
	r := Reference{typed: typed}
	rest, isLabels := strings.CutPrefix(typed, "labels:")
	switch {
	case isLabels:
		return r.withLabels(rest, namespace)
	case typed == "internet":
		r.Internet = true
		return r, nil
	case strings.Trim(typed, "0123456789./-") == "" && strings.ContainsAny(typed, "./"), strings.Contains(typed, ":"):
		return r.withRange()
	default:
		return r.withObject(strings.Split(typed, "/"), namespace)
	}
}

// withRange reads an address or range. IPv4 addresses mapped into IPv6 are
// those of IPv4, as everywhere.
func (r Reference) withRange() (Reference, error) {
	if addr, err := netip.ParseAddr(r.typed); err == nil && addr.Zone() == "" {
		if addr.Unmap().IsLoopback() {
			return r, fmt.Errorf("%s is the loopback of every pod and node: what is sent there never leaves it, and no policy sees it", r.typed)
		}
		r.Range = netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen())
		return r, nil
	}
	prefix, err := netip.ParsePrefix(r.typed)
	if err != nil {
		return r, fmt.Errorf("%q is no address or range: write 10.0.0.1, 10.0.0.0/24, 2001:db8::1 or 2001:db8::/64", r.typed)
	}
	const mapped = 96 // bits before the IPv4 address
	if prefix.Addr().Is4In6() && prefix.Bits() >= mapped {
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-mapped)
	}
	r.Range = prefix.Masked()
	return r, nil
}

func (r Reference) withObject(parts []string, namespace string) (Reference, error) {
	known := func(i int) string { return typeOf(parts[i]) }
	r.Namespace = namespace
	switch {
	case len(parts) == 1:
		r.Type, r.Name = "Pod", parts[0]
	case len(parts) == 2 && known(0) != "":
		r.Type, r.Name = known(0), parts[1]
	case len(parts) == 2:
		r.Type, r.Namespace, r.Name = "Pod", parts[0], parts[1]
	case len(parts) == 3 && known(1) != "":
		r.Type, r.Namespace, r.Name = known(1), parts[0], parts[2]
	case len(parts) == 3 && known(0) != "":
		r.Type, r.Namespace, r.Name = known(0), parts[1], parts[2]
	case len(parts) == 3:
		return r, fmt.Errorf("%q: there is no type %q: write NAMESPACE/TYPE/NAME, as %s/deploy/%s", r.typed, parts[1], parts[0], parts[2])
	default:
		return r, fmt.Errorf("%q has too many parts: write TYPE/NAME or NAMESPACE/TYPE/NAME", r.typed)
	}
	if r.clusterScoped() {
		if len(parts) == 3 {
			return r, fmt.Errorf("%q: a %s is in no namespace: write %s/%s", r.typed, strings.ToLower(r.Type), strings.ToLower(r.Type), r.Name)
		}
		r.Namespace = ""
	}
	return r, r.checkNames()
}

// clusterScoped reports whether objects of the type are in no namespace.
func (r Reference) clusterScoped() bool { return r.Type == "Node" || r.Type == "Namespace" }

// checkNames finds what no API server would take as a name.
func (r Reference) checkNames() error {
	switch {
	case r.Name == "":
		return fmt.Errorf("%q lacks a name: write TYPE/NAME or NAMESPACE/TYPE/NAME", r.typed)
	case len(validation.IsDNS1123Subdomain(r.Name)) > 0:
		return fmt.Errorf("%q: %q is no name of an object: names have lower case letters, digits, dashes and dots", r.typed, r.Name)
	case !r.clusterScoped() && len(validation.IsDNS1123Label(r.Namespace)) > 0:
		return fmt.Errorf("%q: %q is no name of a namespace", r.typed, r.Namespace)
	}
	return nil
}

// withLabels reads NAME=VALUE pairs; that of ns is the namespace, not a label.
func (r Reference) withLabels(list, namespace string) (Reference, error) {
	r.Labels = labels.Set{}
	for pair := range strings.SplitSeq(list, ",") {
		key, value, ok := strings.Cut(pair, "=")
		_, twice := r.Labels[key]
		switch {
		case !ok || key == "":
			return r, fmt.Errorf("%q: %q is not KEY=VALUE: write labels:ns=NAMESPACE,KEY=VALUE,…", r.typed, pair)
		case twice || key == "ns" && r.Namespace != "":
			return r, fmt.Errorf("%q names %s twice", r.typed, key)
		case key == "ns":
			if len(validation.IsDNS1123Label(value)) > 0 {
				return r, fmt.Errorf("%q: %q is no name of a namespace", r.typed, value)
			}
			r.Namespace = value
		default:
			if problems := slices.Concat(validation.IsQualifiedName(key), validation.IsValidLabelValue(value)); len(problems) > 0 {
				return r, fmt.Errorf("%q: %s is no label: %s", r.typed, pair, problems[0])
			}
			r.Labels[key] = value
		}
	}
	if r.Namespace == "" {
		r.Namespace = namespace
	}
	if r.Namespace == "" {
		return r, fmt.Errorf("%q names no namespace: add ns=NAMESPACE", r.typed)
	}
	return r, nil
}

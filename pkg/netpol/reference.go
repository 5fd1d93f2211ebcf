package netpol

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
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

// referenceTypes are the types of objects that a reference may name, by what
// people type for them.
func referenceTypes() map[string]string {
	types := map[string]string{}
	for kind, words := range map[string]string{
		"Pod":         "pod pods po",
		"Deployment":  "deployment deployments deploy",
		"StatefulSet": "statefulset statefulsets sts",
		"DaemonSet":   "daemonset daemonsets ds",
		"ReplicaSet":  "replicaset replicasets rs",
		"Job":         "job jobs",
		"CronJob":     "cronjob cronjobs cj",
		"Service":     "service services svc",
		"Node":        "node nodes no",
		"Namespace":   "namespace namespaces ns",
	} {
		for word := range strings.FieldsSeq(words) {
			types[word] = kind
		}
	}
	return types
}

// ParseReference reads what a user typed: an address, a range, "internet",
// labels:ns=NAME,KEY=VALUE,…, POD, TYPE/NAME, NAMESPACE/POD or
// NAMESPACE/TYPE/NAME. With two parts a known type wins over a namespace of
// that name. namespace is that of objects that name none.
func ParseReference(typed, namespace string) (Reference, error) {
	r := Reference{typed: typed}
	if rest, ok := strings.CutPrefix(typed, "labels:"); ok {
		return r.withLabels(rest, namespace)
	}
	if typed == "internet" {
		r.Internet = true
		return r, nil
	}
	if addr, err := netip.ParseAddr(typed); err == nil {
		r.Range = netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen())
		return r, nil
	}
	if prefix, err := netip.ParsePrefix(typed); err == nil {
		r.Range = prefix.Masked()
		return r, nil
	}
	return r.withObject(strings.Split(typed, "/"), namespace)
}

func (r Reference) withObject(parts []string, namespace string) (Reference, error) {
	types := referenceTypes()
	known := func(i int) string { return types[strings.ToLower(parts[i])] }
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
		return r, fmt.Errorf("unknown type %q in %q", parts[1], r.typed)
	default:
		return r, fmt.Errorf("%q is no address, and no object: name one as TYPE/NAME or NAMESPACE/TYPE/NAME", r.typed)
	}
	if r.Type == "Node" || r.Type == "Namespace" {
		if len(parts) == 3 {
			return r, fmt.Errorf("%q: a %s is in no namespace", r.typed, strings.ToLower(r.Type))
		}
		r.Namespace = ""
	}
	if r.Name == "" || r.Namespace == "" && r.Type != "Node" && r.Type != "Namespace" {
		return r, fmt.Errorf("%q lacks a name", r.typed)
	}
	return r, nil
}

func (r Reference) withLabels(list, namespace string) (Reference, error) {
	r.Namespace, r.Labels = namespace, labels.Set{}
	for pair := range strings.SplitSeq(list, ",") {
		key, value, ok := strings.Cut(pair, "=")
		switch {
		case !ok || key == "":
			return r, fmt.Errorf("%q: %q is not KEY=VALUE", r.typed, pair)
		case key == "ns":
			r.Namespace = value
		default:
			if _, twice := r.Labels[key]; twice {
				return r, fmt.Errorf("%q names the label %s twice", r.typed, key)
			}
			r.Labels[key] = value
		}
	}
	if r.Namespace == "" {
		return r, errors.New("labels: name the namespace with ns=NAME")
	}
	return r, nil
}

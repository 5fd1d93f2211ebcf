package observed

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// ends are the endpoints that an End may be.
type ends struct {
	found    []*netpol.Endpoint
	ports    []int32 // of destinations, for each
	service  *corev1.Service
	unknown  string
	doubtful string
}

func unknown(format string, args ...any) ends { return ends{unknown: fmt.Sprintf(format, args...)} }

// end finds an end, once.
func (l *Locator) end(e End) ends {
	found, ok := l.known[e]
	if !ok {
		found = l.find(e)
		l.known[e] = found
	}
	return found
}

func (l *Locator) find(e End) ends {
	switch {
	case e.Cluster != "":
		return unknown("%s is in another cluster", e)
	case e.Reference != "":
		ref, err := netpol.ParseReference(e.Reference, l.namespace)
		if err != nil {
			return unknown("%v", err)
		}
		if ref.Type == "Service" {
			s, err := l.cluster.Service(ref)
			if err != nil {
				return unknown("%v", err)
			}
			return ends{service: s}
		}
		return l.resolve(ref)
	case e.Pod != "":
		return l.pod(e)
	case e.Workload != "":
		return l.workload(e.Namespace, e.Workload)
	default:
		return l.address(e.Address)
	}
}

func (l *Locator) resolve(ref netpol.Reference) ends {
	found, err := l.cluster.Resolve(ref)
	if err != nil {
		return unknown("%v", err)
	}
	return ends{found: found}
}

func (l *Locator) workload(namespace, workload string) ends {
	kind, name, _ := strings.Cut(workload, "/")
	return l.resolve(netpol.Reference{Type: kind, Namespace: namespace, Name: name})
}

// pod finds a pod, or for one that is gone the others of its workload: what
// made them makes them alike.
func (l *Locator) pod(e End) ends {
	if pod := l.cluster.Pod(e.Namespace, e.Pod); pod != nil {
		return ends{found: []*netpol.Endpoint{pod}}
	}
	workloads := []string{e.Workload}
	if e.Workload == "" {
		workloads = makers(e.Pod)
	}
	for _, workload := range workloads {
		if found := l.workload(e.Namespace, workload); found.unknown == "" {
			return found
		}
	}
	return unknown("there is no pod %s in namespace %s any more, nor its workload", e.Pod, e.Namespace)
}

// makers are the workloads that may have made a pod, by its name: a controller
// adds a suffix to its own, a Deployment two.
// Source: generateName in "Generated values" of the API concepts; StatefulSets
// add a number, Deployments a hash that their ReplicaSet adds to.
func makers(pod string) []string {
	cut := func(name string) string { return name[:max(0, strings.LastIndex(name, "-"))] }
	own := cut(pod)
	if own == "" {
		return nil
	}
	kinds := []string{"StatefulSet/" + own, "DaemonSet/" + own, "ReplicaSet/" + own, "Job/" + own}
	if above := cut(own); above != "" {
		kinds = append(kinds, "Deployment/"+above, "CronJob/"+above)
	}
	return kinds
}

// address finds who has the address now. One that nobody has is outside of the
// cluster, unless it is where pods are.
func (l *Locator) address(addr netip.Addr) ends {
	e := l.cluster.At(addr)
	if e.Kind != netpol.ExternalEndpoint {
		return ends{found: []*netpol.Endpoint{e}}
	}
	if slices.ContainsFunc(l.pods, func(p netip.Prefix) bool { return p.Contains(addr) }) {
		return unknown("%s is an address for pods, which none has now", addr)
	}
	if l.nowhere && private(addr) {
		return unknown("no pod of the input has an address: %s may be that of one", addr)
	}
	found := ends{found: []*netpol.Endpoint{e}}
	if l.around[vicinity(addr)] {
		found.doubtful = fmt.Sprintf("%s is near the addresses of pods: it may have been one that is gone", addr)
	}
	return found
}

// target finds where a flow ends, behind the Service that it may go through.
func (l *Locator) target(f Flow) ends {
	to := ends{}
	if addr := f.To.Address; addr.IsValid() && f.To.Pod == "" && f.To.Workload == "" && f.To.Cluster == "" {
		to.service = l.cluster.ServiceAt(addr, f.Protocol, f.Port)
	}
	if to.service == nil {
		to = l.end(f.To)
	}
	if to.service == nil || to.unknown != "" {
		to.ports = slices.Repeat([]int32{f.Port}, len(to.found))
		return to
	}
	return l.behind(to.service, f)
}

// behind finds the endpoints of a Service's port.
func (l *Locator) behind(s *corev1.Service, f Flow) ends {
	to := ends{service: s}
	backends, doubts := l.cluster.Backends(s)
	asked := netpol.PortRange{Protocol: f.Protocol, From: f.Port, To: f.Port}
	for i := range backends {
		b := &backends[i]
		fits := b.ServicePort.Protocol == asked.Protocol && b.ServicePort.From <= f.Port && f.Port <= b.ServicePort.To
		for _, p := range s.Spec.Ports {
			fits = fits || p.NodePort == f.Port && f.Port > 0 && p.Name == b.Name && b.ServicePort.Protocol == asked.Protocol
		}
		if !fits {
			continue
		}
		port := b.Port.From
		if b.Port.To > b.Port.From { // a headless Service without ports is any of its endpoints'
			port = f.Port
		}
		to.found, to.ports = append(to.found, b.Endpoint), append(to.ports, port)
	}
	switch {
	case len(to.found) > 0:
		return to
	case len(doubts) > 0:
		return unknown("%s", doubts[0].Detail)
	default:
		return unknown("nothing answers at port %s of Service %s/%s", asked, s.Namespace, s.Name)
	}
}

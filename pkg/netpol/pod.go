package netpol

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

func newPod(pod *corev1.Pod) *Endpoint {
	e := newTemplate(pod.Namespace, pod.Labels, &pod.Spec)
	e.Name, e.Node, e.Ready = pod.Name, pod.Spec.NodeName, ready(pod)
	for _, ip := range pod.Status.PodIPs {
		e.addAddress(ip.IP)
	}
	if len(e.Addresses) == 0 { // manifests and old servers
		e.addAddress(pod.Status.PodIP)
	}
	return e
}

// ready reports whether Services send to the pod. Manifests say nothing of
// it: it will be.
func ready(pod *corev1.Pod) bool {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.Status == corev1.ConditionTrue && pod.DeletionTimestamp == nil
		}
	}
	return len(pod.Status.Conditions) == 0 && pod.DeletionTimestamp == nil
}

// newTemplate is what is known of a pod before it is made.
func newTemplate(namespace string, set map[string]string, spec *corev1.PodSpec) *Endpoint {
	e := &Endpoint{Kind: PodEndpoint, Namespace: namespace, Labels: set, HostNetwork: spec.HostNetwork, Ready: true}
	for i := range spec.Containers {
		e.addPorts(spec.Containers[i].Ports, NamedPort{})
	}
	for i := range spec.InitContainers {
		// A restartable init container is a sidecar: it runs as long as the pod.
		c := &spec.InitContainers[i]
		sidecar := c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
		e.addPorts(c.Ports, NamedPort{Init: !sidecar, Sidecar: sidecar})
	}
	return e
}

func (e *Endpoint) addAddress(s string) {
	if addr, err := netip.ParseAddr(s); err == nil && !slices.Contains(e.Addresses, addr.Unmap()) {
		e.Addresses = append(e.Addresses, addr.Unmap())
	}
}

// addPorts adds ports of a container, which are otherwise as the one that is
// given.
func (e *Endpoint) addPorts(ports []corev1.ContainerPort, like NamedPort) {
	for _, p := range ports {
		like.Name, like.Protocol, like.Number = p.Name, protocolOf(p.Protocol), p.ContainerPort
		e.Ports = append(e.Ports, like)
	}
}

package netpol

import (
	"fmt"
	"iter"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Cluster is a snapshot prepared for questions about its network. It is
// immutable and safe for concurrent use.
type Cluster struct {
	snap       *snapshot.Snapshot
	profile    Profile
	namespaces map[string]*namespace
	endpoints  []*Endpoint // pods and nodes
	pods       map[[2]string]*Endpoint
	nodes      map[string]*Endpoint
	byAddress  map[netip.Addr]*Endpoint
	index
	policies        []*Policy
	clusterPolicies []*Policy // in the order in which they are asked
	rejected        []Rejected
	gaps            []snapshot.Gap    // of NetworkPolicies
	unreadTiers     map[Tier][]string // kinds of cluster-wide policies that may be missing
	notUnderstood   []snapshot.Gap    // cluster-wide policies that are there and not understood
	remarks         []string
}

// namespace is what selectors see of a namespace.
type namespace struct {
	name   string
	labels labels.Set
	// known is false for a namespace that is not in the snapshot: the API
	// server gives every namespace the label of its name, others may be there.
	known bool
}

// Rejected is a policy that the API server refuses: it counts for nothing.
type Rejected struct {
	Kind, Namespace, Name string
	Origin                snapshot.Origin
	Problems              []Problem // never empty
}

// NewCluster prepares a snapshot. The profile decides what the API leaves to
// network implementations.
func NewCluster(s *snapshot.Snapshot, profile Profile) *Cluster {
	c := &Cluster{
		snap: s, profile: profile,
		namespaces: map[string]*namespace{}, pods: map[[2]string]*Endpoint{},
		nodes: map[string]*Endpoint{}, byAddress: map[netip.Addr]*Endpoint{}, index: newIndex(),
		unreadTiers: map[Tier][]string{},
	}
	for ns := range snapshot.Each[corev1.Namespace](s) {
		c.namespaces[ns.Name] = newNamespace(ns.Name, ns.Labels, true)
	}
	c.collectPolicies()
	c.collectClusterPolicies()
	for _, gap := range s.Gaps() {
		// A manifest that cannot be read, API servers refuse: it counts for nothing.
		refused := gap.Reason == snapshot.Unparsable && s.Info().Source == snapshot.FromFiles
		if gap.Group == "networking.k8s.io" && gap.Resource == "networkpolicies" && !refused {
			c.gaps = append(c.gaps, gap)
		}
	}
	c.collectNodes()
	c.collectPods()
	c.collectWorkloads()
	c.collectServices()
	c.sortAddresses()
	c.byNames()
	return c
}

func newNamespace(name string, own map[string]string, known bool) *namespace {
	set := labels.Set{corev1.LabelMetadataName: name}
	for key, value := range own {
		if key != corev1.LabelMetadataName { // the API server keeps it true
			set[key] = value
		}
	}
	return &namespace{name: name, labels: set, known: known}
}

// namespaceOf returns a namespace that may not be in the snapshot.
func (c *Cluster) namespaceOf(name string) *namespace {
	if ns := c.namespaces[name]; ns != nil {
		return ns
	}
	return newNamespace(name, nil, false)
}

func (c *Cluster) collectPolicies() {
	origins := map[*networkingv1.NetworkPolicy]snapshot.Origin{}
	for object, origin := range c.snap.All() {
		if np, ok := object.(*networkingv1.NetworkPolicy); ok {
			origins[np] = origin
		}
	}
	for np := range snapshot.Each[networkingv1.NetworkPolicy](c.snap) {
		p, remarks, problems := newPolicy(np, origins[np])
		if len(problems) > 0 {
			c.rejected = append(c.rejected, Rejected{"NetworkPolicy", np.Namespace, np.Name, origins[np], problems})
			continue
		}
		c.policies = append(c.policies, p)
		for _, remark := range remarks {
			c.remarks = append(c.remarks, fmt.Sprintf("NetworkPolicy %s/%s: %s", np.Namespace, np.Name, remark))
		}
	}
	slices.SortFunc(c.policies, comparePolicies)
}

func (c *Cluster) collectNodes() {
	for node := range snapshot.Each[corev1.Node](c.snap) {
		e := c.node(node.Name)
		e.Labels, e.known = node.Labels, true
		for _, a := range node.Status.Addresses {
			if a.Type == corev1.NodeInternalIP || a.Type == corev1.NodeExternalIP {
				e.addAddress(a.Address)
			}
		}
		c.address(e)
	}
}

// node returns the node, a new one where it was not seen before.
func (c *Cluster) node(name string) *Endpoint {
	e := c.nodes[name]
	if e == nil {
		e = &Endpoint{Kind: NodeEndpoint, Name: name, Node: name}
		c.nodes[name] = e
		c.endpoints = append(c.endpoints, e)
	}
	return e
}

// address makes the endpoint the one with its addresses.
func (c *Cluster) address(e *Endpoint) {
	for _, addr := range e.Addresses {
		c.byAddress[addr] = e
	}
}

// collectPods takes the pods that can send or receive: one that has ended is
// no peer and no subject, and its address may be another's.
func (c *Cluster) collectPods() {
	for pod := range snapshot.Each[corev1.Pod](c.snap) {
		if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
			continue
		}
		c.addHost(pod)
		c.addPod(newPod(pod), c.controllers(pod))
	}
}

// addHost takes from a pod what it tells of its node: files often hold no
// nodes.
func (c *Cluster) addHost(pod *corev1.Pod) {
	if pod.Spec.NodeName == "" {
		return
	}
	host := c.node(pod.Spec.NodeName)
	host.addAddress(pod.Status.HostIP)
	for _, ip := range pod.Status.HostIPs {
		host.addAddress(ip.IP)
	}
	c.address(host)
}

func (c *Cluster) addPod(e *Endpoint, controllers []string) {
	if len(controllers) > 0 {
		e.Workload = controllers[len(controllers)-1]
	}
	c.selectPolicies(e)
	c.pods[[2]string{e.Namespace, e.Name}] = e
	c.addEndpoint(e, controllers...)
	if !e.HostNetwork { // the address of the others is their node's
		c.address(e)
	}
}

// selectPolicies finds the policies that select the endpoint, whatever it may
// be selected for: see isolation.
func (c *Cluster) selectPolicies(e *Endpoint) {
	e.policies = nil
	first, _ := slices.BinarySearchFunc(c.policies, e.Namespace, func(p *Policy, ns string) int {
		return slices.Compare([]string{p.Namespace}, []string{ns})
	})
	for i := first; i < len(c.policies) && c.policies[i].Namespace == e.Namespace; i++ {
		if c.policies[i].selects(e) {
			e.policies = append(e.policies, int32(i))
		}
	}
	e.cluster = nil
	w := walk{Cluster: c}
	for i, p := range c.clusterPolicies {
		if w.matchPeer(&p.pods, e) != No {
			e.cluster = append(e.cluster, int32(i))
		}
	}
}

// policiesOf yields all policies that select the endpoint, or may.
func (c *Cluster) policiesOf(e *Endpoint) iter.Seq[*Policy] {
	return func(yield func(*Policy) bool) {
		for _, i := range e.policies {
			if !yield(c.policies[i]) {
				return
			}
		}
		for _, i := range e.cluster {
			if !yield(c.clusterPolicies[i]) {
				return
			}
		}
	}
}

// allPolicies returns those of namespaces, then the others.
func (c *Cluster) allPolicies() []*Policy { return slices.Concat(c.policies, c.clusterPolicies) }

// Snapshot returns the snapshot that the cluster was made of.
func (c *Cluster) Snapshot() *snapshot.Snapshot { return c.snap }

// Policies returns the policies that count, by namespace and name. The slice
// must not be changed.
func (c *Cluster) Policies() []*Policy { return c.policies }

// ClusterPolicies returns the policies about all namespaces that count, in the
// order in which they are asked. The slice must not be changed.
func (c *Cluster) ClusterPolicies() []*Policy { return c.clusterPolicies }

// Rejected returns the policies that the API server refuses.
func (c *Cluster) Rejected() []Rejected { return c.rejected }

// Remarks returns what is unusual about policies that count.
func (c *Cluster) Remarks() []string { return c.remarks }

// Pod returns the pod, nil where there is none that runs or waits to.
func (c *Cluster) Pod(namespace, name string) *Endpoint { return c.pods[[2]string{namespace, name}] }

// Node returns the node, nil where neither it nor a pod on it is known.
func (c *Cluster) Node(name string) *Endpoint { return c.nodes[name] }

// At returns the endpoint with the address, without others that it may have: a
// pod, a node, or an External endpoint.
func (c *Cluster) At(addr netip.Addr) *Endpoint {
	if e := c.byAddress[addr.Unmap()]; e != nil {
		one := *e
		one.Addresses = []netip.Addr{addr.Unmap()}
		return &one
	}
	return &Endpoint{Kind: ExternalEndpoint, Addresses: []netip.Addr{addr.Unmap()}}
}

// Hypothetical returns a pod that does not exist yet, with the labels.
func (c *Cluster) Hypothetical(namespace string, set labels.Set) *Endpoint {
	e := &Endpoint{Kind: PodEndpoint, Namespace: namespace, Labels: set, PortsUnknown: true}
	c.selectPolicies(e)
	return e
}

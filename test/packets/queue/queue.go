// Package queue is kube-network-policies of the Kubernetes project as the judge
// of real packets: the kernel queues the first packet of each connection that a
// host forwards or gets, and its engine decides.
package queue

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/florianl/go-nfqueue/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/kube-network-policies/pkg/api"
	"sigs.k8s.io/kube-network-policies/pkg/network"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
	"sigs.k8s.io/kube-network-policies/pkg/podinfo"

	"github.com/kubectl-secure/kubectl-secure/test/packets/lab"
)

const number = 100

// rules queue what is new, and send an error back where the engine has marked
// it as denied. Without anybody at the queue nothing passes.
const rules = `*mangle
-A FORWARD -m conntrack --ctstate NEW -j NFQUEUE --queue-num 100
-A INPUT ! -i lo -m conntrack --ctstate NEW -j NFQUEUE --queue-num 100
COMMIT
*filter
:FORWARD DROP
-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A FORWARD -m mark --mark 1 -j ACCEPT
-A FORWARD -m mark --mark 2 -j REJECT --reject-with %[1]s
-A INPUT -m mark --mark 2 -j REJECT --reject-with %[1]s
COMMIT
`

// The marks of the rules.
const (
	allowed = 1
	denied  = 2
)

// Queue is the engine behind the queue of one host.
type Queue struct {
	stores   [3]cache.Indexer // pods, namespaces, policies
	engine   *networkpolicy.PolicyEngine
	override atomic.Pointer[bool]
	stop     context.CancelFunc
	nf       *nfqueue.Nfqueue

	mu   sync.Mutex
	seen map[Connection][]bool
	errs []error
}

// Connection is what identifies the first packet of a connection.
type Connection struct {
	Protocol   corev1.Protocol
	Source     netip.AddrPort
	To         netip.Addr
	TargetPort uint16
}

// Load writes the rules only: with nobody at the queue.
func Load(ns *lab.Namespace) error {
	if err := ns.Run(fmt.Sprintf(rules, "icmp-admin-prohibited"), "iptables-restore"); err != nil {
		return err
	}
	if err := ns.Run(fmt.Sprintf(rules, "icmp6-adm-prohibited"), "ip6tables-restore"); err != nil {
		return err
	}
	// Connections that were forgotten must not be taken up again in the middle.
	return ns.Set("0", "net/netfilter/nf_conntrack_tcp_loose")
}

// newQueue is the engine with an empty cluster, and nothing to judge.
func newQueue() (*Queue, error) {
	factory := informers.NewSharedInformerFactory(nil, 0) // is never started: objects are put into its stores
	pods, namespaces, policies := factory.Core().V1().Pods(), factory.Core().V1().Namespaces(), factory.Networking().V1().NetworkPolicies()
	resolver, err := podinfo.NewInformerResolver(pods.Informer())
	if err != nil {
		return nil, err
	}
	return &Queue{
		seen:   map[Connection][]bool{},
		stores: [3]cache.Indexer{pods.Informer().GetIndexer(), namespaces.Informer().GetIndexer(), policies.Informer().GetIndexer()},
		engine: networkpolicy.NewPolicyEngine(
			podinfo.NewInformerProvider(pods, namespaces, nil, []podinfo.IPResolver{resolver}),
			[]api.PolicyEvaluator{networkpolicy.NewStandardNetworkPolicy("node", namespaces, pods, policies)}),
	}, nil
}

// Open loads the rules and starts to judge, with an empty cluster.
func Open(ns *lab.Namespace) (*Queue, error) {
	q, err := newQueue()
	if err != nil {
		return nil, err
	}
	if err := Load(ns); err != nil {
		return nil, err
	}
	q.nf, err = nfqueue.Open(&nfqueue.Config{
		NetNS: ns.Fd(), NfQueue: number, MaxPacketLen: 128, MaxQueueLen: 4096,
		Copymode: nfqueue.NfQnlCopyPacket, Flags: nfqueue.NfQaCfgFlagGSO,
	})
	if err != nil {
		return nil, err
	}
	var ctx context.Context
	ctx, q.stop = context.WithCancel(context.Background())
	err = q.nf.RegisterWithErrorFunc(ctx, func(a nfqueue.Attribute) int { q.judge(ctx, a); return 0 }, func(err error) int {
		if ctx.Err() != nil {
			return 1
		}
		q.mu.Lock()
		defer q.mu.Unlock()
		q.errs = append(q.errs, err)
		return 0
	})
	if err != nil {
		q.stop()
		return nil, err
	}
	return q, nil
}

// Replace makes others the objects of the cluster, from the next packet on, and
// forgets what was seen. Objects are stored as API servers do; namespaces must
// have the label of their name.
func (q *Queue) Replace(pods []*corev1.Pod, namespaces []*corev1.Namespace, policies []*networkingv1.NetworkPolicy) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	clear(q.seen)
	for i, list := range [][]any{anys(pods, StoredPod), anys(namespaces, (*corev1.Namespace).DeepCopy), anys(policies, Stored)} {
		if err := q.stores[i].Replace(list, ""); err != nil {
			return err
		}
	}
	return nil
}

// Override makes the queue decide one way whatever the engine says; nil ends
// that. It is for tests of whoever compares.
func (q *Queue) Override(allow *bool) { q.override.Store(allow) }

func anys[T any](list []T, stored func(T) T) []any {
	all := make([]any, len(list))
	for i, v := range list {
		all[i] = stored(v)
	}
	return all
}

func (q *Queue) judge(ctx context.Context, a nfqueue.Attribute) {
	packet, err := network.ParsePacket(*a.Payload)
	allow := false
	if err == nil {
		allow, err = q.engine.EvaluatePacket(ctx, &packet)
	}
	if forced := q.override.Load(); forced != nil {
		allow = *forced
	}
	mark := denied
	if allow && err == nil {
		mark = allowed
	}
	q.mu.Lock()
	if err != nil {
		q.errs = append(q.errs, err)
	}
	c := connectionOf(&packet)
	q.seen[c] = append(q.seen[c], mark == allowed)
	q.mu.Unlock()
	if err := q.nf.SetVerdictWithOption(*a.PacketID, nfqueue.NfAccept, nfqueue.WithMark(uint32(mark))); err != nil {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.errs = append(q.errs, err)
	}
}

func connectionOf(p *network.Packet) Connection {
	source, _ := netip.AddrFromSlice(p.SrcIP)
	destination, _ := netip.AddrFromSlice(p.DstIP)
	return Connection{p.Proto, netip.AddrPortFrom(source.Unmap(), uint16(p.SrcPort)), destination.Unmap(), uint16(p.DstPort)}
}

// Take returns what was decided about each connection since the last Replace
// or Take, once for each of its packets, and what went wrong.
func (q *Queue) Take() (map[Connection][]bool, []error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	seen, errs := q.seen, q.errs
	q.seen, q.errs = map[Connection][]bool{}, nil
	return seen, errs
}

// Close stops judging; the rules stay.
func (q *Queue) Close() error {
	q.stop()
	return q.nf.Close()
}

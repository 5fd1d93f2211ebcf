package observed

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// hubbleFlow is what is read of a flow of Hubble, as `hubble observe -o json`
// and its exporter write it: {"flow": …, "node_name": …, "time": …}.
// Source: message Flow in api/v1/flow/flow.proto of Cilium, in the JSON form of
// protocol buffers with the names of the fields: what is zero is left out.
type hubbleFlow struct {
	Verdict     string      `json:"verdict"`
	IP          *hubbleIP   `json:"IP"`
	L4          hubblePorts `json:"l4"`
	Source      hubbleEnd   `json:"source"`
	Destination hubbleEnd   `json:"destination"`
	Type        string      `json:"Type"`
	Node        string      `json:"node_name"`
	EventType   struct {
		Type int `json:"type"`
	} `json:"event_type"`
	IsReply *bool `json:"is_reply"`
	Reply   bool  `json:"reply"` // of old versions, which leave out false
}

type hubbleIP struct {
	Source      string `json:"source"`
	Destination string `json:"destination"`
}

type hubblePorts struct {
	TCP    *transport `json:"TCP"`
	UDP    *transport `json:"UDP"`
	SCTP   *transport `json:"SCTP"`
	ICMPv4 *icmp      `json:"ICMPv4"`
	ICMPv6 *icmp      `json:"ICMPv6"`
}

type transport struct {
	Source      int32  `json:"source_port"`
	Destination int32  `json:"destination_port"`
	Flags       *flags `json:"flags"`
}

type flags struct{ SYN, ACK bool }

type icmp struct {
	Type int32 `json:"type"`
}

type hubbleEnd struct {
	Cluster   string `json:"cluster_name"`
	Namespace string `json:"namespace"`
	Pod       string `json:"pod_name"`
	Workloads []struct {
		Name string `json:"name"`
		Kind string `json:"kind"`
	} `json:"workloads"`
}

// lost tells that Hubble could not keep up.
type lost struct {
	Count word `json:"num_events_lost"`
}

// nodeStatus tells which nodes Hubble's relay has reached, and lost.
type nodeStatus struct {
	Change string   `json:"state_change"`
	Nodes  []string `json:"node_names"`
}

// hubble understands a response of Hubble.
func (p *parser) hubble(r *record) error {
	switch {
	case r.Lost != nil:
		n, _ := strconv.ParseInt(string(r.Lost.Count), 10, 64)
		return fmt.Errorf("%d events were lost here, as Hubble says", max(1, n))
	case r.Status != nil && r.Status.Change != "NODE_CONNECTED":
		return fmt.Errorf("flows of these nodes are missing, as Hubble says (%s): %s", r.Status.Change, strings.Join(r.Status.Nodes, ", "))
	case r.Flow != nil:
		return p.hubbleFlow(r.Flow)
	case r.IP != nil:
		return p.hubbleFlow(&r.hubbleFlow)
	}
	p.skip(OtherEvent, 1)
	return nil
}

func (p *parser) hubbleFlow(h *hubbleFlow) error {
	if h.IP == nil {
		p.skip(OtherProtocol, 1) // of layer 2, as ARP
		return nil
	}
	from, err := address(h.IP.Source)
	if err != nil {
		return err
	}
	to, err := address(h.IP.Destination)
	if err != nil {
		return err
	}
	f := Flow{From: h.Source.end(from), To: h.Destination.end(to), Count: 1}
	h.separate(&f)
	switch protocol, ports := h.L4.protocol(); {
	case h.L4.ICMPv4 != nil || h.L4.ICMPv6 != nil:
		f.Protocol = netpol.ProtocolICMP
	case ports == nil:
		p.skip(OtherProtocol, 1)
		return nil
	case ports.Destination < 1 || ports.Destination > 65535:
		return errors.New("destination_port is missing or no port")
	default:
		f.Protocol, f.Port = protocol, ports.Destination
	}
	if reason := h.skipped(to); reason != "" {
		p.skip(reason, 1)
		return nil
	}
	p.add(f)
	return nil
}

// skipped tells why a flow is no new connection that came through; "" for one
// that is. AUDIT is for what came through although policies deny it.
func (h *hubbleFlow) skipped(to netip.Addr) Reason {
	switch role := h.role(to); {
	case h.Verdict == "DROPPED" || h.Verdict == "ERROR":
		return Dropped
	case h.Type == "SOCK":
		return Translation
	case role == asReply:
		return Reply
	case role == asUnknown:
		return Unsure
	}
	return ""
}

// role tells requests from replies: by what Hubble says, or where it does not
// know by the kind of event, the flags and at last the ports.
func (h *hubbleFlow) role(to netip.Addr) role {
	const policyVerdict = 5 // MessageTypePolicyVerdict in pkg/monitor/api: about new connections
	_, ports := h.L4.protocol()
	switch {
	case h.IsReply != nil && *h.IsReply || h.Reply:
		return asReply
	case h.L4.ICMPv4 != nil:
		return roleOfICMP(h.L4.ICMPv4, to)
	case h.L4.ICMPv6 != nil:
		return roleOfICMP(h.L4.ICMPv6, to)
	case h.IsReply != nil, h.EventType.Type == policyVerdict:
		return asRequest
	case ports.Flags != nil && ports.Flags.SYN && ports.Flags.ACK:
		return asReply
	case ports.Flags != nil && ports.Flags.SYN:
		return asRequest
	default:
		return roleOf(ports.Source, ports.Destination)
	}
}

func roleOfICMP(i *icmp, to netip.Addr) role {
	if isEcho(i.Type, to) {
		return asRequest
	}
	return asReply
}

// protocol returns the protocol and its ports; nil for all that has none.
func (l *hubblePorts) protocol() (corev1.Protocol, *transport) {
	switch {
	case l.TCP != nil:
		return corev1.ProtocolTCP, l.TCP
	case l.UDP != nil:
		return corev1.ProtocolUDP, l.UDP
	case l.SCTP != nil:
		return corev1.ProtocolSCTP, l.SCTP
	default:
		return "", nil
	}
}

func (e *hubbleEnd) end(addr netip.Addr) End {
	end := End{Namespace: e.Namespace, Pod: e.Pod, Address: addr}
	if len(e.Workloads) == 1 && e.Workloads[0].Kind != "" && e.Workloads[0].Name != "" {
		end.Workload = e.Workloads[0].Kind + "/" + e.Workloads[0].Name
	}
	return end
}

// separate marks ends in another cluster of a mesh: names are not unique
// there. The node that saw the flow is named with its own cluster in front.
func (h *hubbleFlow) separate(f *Flow) {
	if h.Source.Cluster == h.Destination.Cluster || h.Source.Cluster == "" || h.Destination.Cluster == "" {
		return
	}
	own, _, _ := strings.Cut(h.Node, "/")
	if own != h.Source.Cluster {
		f.From.Cluster = h.Source.Cluster
	}
	if own != h.Destination.Cluster {
		f.To.Cluster = h.Destination.Cluster
	}
}

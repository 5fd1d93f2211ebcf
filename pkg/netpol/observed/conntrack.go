package observed

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// isConntrack recognizes a line of the table or of its events, and what the
// tool says beside them.
func isConntrack(text []byte) bool {
	return bytes.Contains(text, []byte("src=")) && bytes.Contains(text, []byte("dst=")) || bytes.HasPrefix(text, []byte("conntrack v"))
}

// tuple is how packets of one direction look.
type tuple struct {
	src, dst     netip.Addr
	sport, dport int32
	icmp         int32 // the type
}

// conntrack understands a line of `conntrack -L` or /proc/net/nf_conntrack:
//
//	tcp 6 431999 ESTABLISHED src=A dst=B sport=1 dport=2 [UNREPLIED] src=C dst=D sport=3 dport=4 [ASSURED] …
//
// and of `conntrack -E`, with [NEW], [UPDATE] or [DESTROY] in front. The first
// tuple is what the side that opened the connection sends, the second what it
// gets: its source is who really answers, its destination what that sees.
// Source: seq_print_acct and ct_seq_show in net/netfilter/nf_conntrack_standalone.c
// of Linux; __snprintf_conntrack_default in libnetfilter_conntrack.
func (p *parser) conntrack(text []byte) error {
	if bytes.HasPrefix(text, []byte("conntrack v")) {
		p.skip(OtherEvent, 1)
		return nil
	}
	fields := strings.Fields(string(text))
	tuples, unanswered, err := tuplesOf(fields)
	if err != nil {
		return err
	}
	f := Flow{Protocol: protocolOf(fields), Count: 1}
	sent, got := tuples[0], tuples[1]
	switch {
	case f.Protocol == "":
		p.skip(OtherProtocol, 1)
		return nil
	case f.Protocol == netpol.ProtocolICMP:
		if !isEcho(sent.icmp, sent.src) {
			p.skip(Reply, 1)
			return nil
		}
	case got.sport == 0 || sent.dport == 0:
		return errors.New("a port is missing: sport= and dport= belong to both directions")
	}
	if unanswered {
		if reason, skipped := ofUnanswered(f.Protocol, sent); skipped {
			p.skip(reason, 1)
			return nil
		}
	}
	f.From.Address, f.To.Address, f.Port = sent.src, got.src, got.sport
	f.Translated = sent.dst != got.src || sent.dport != got.sport
	if got.dst != sent.src {
		f.Masked = got.dst
	}
	f.Unanswered = unanswered
	p.add(f)
	return nil
}

// ofUnanswered tells what becomes of traffic that got no reply. UDP needs none;
// but what the table has picked up in the middle may be a reply itself.
func ofUnanswered(protocol corev1.Protocol, sent tuple) (Reason, bool) {
	switch {
	case protocol != corev1.ProtocolUDP:
		return NoAnswer, true
	case roleOf(sent.sport, sent.dport) == asReply:
		return Reply, true
	}
	return "", false
}

// tuplesOf reads the KEY=VALUE fields of both directions: each begins with
// src.
func tuplesOf(fields []string) (tuples [2]tuple, unanswered bool, err error) {
	at := -1
	for _, field := range fields {
		unanswered = unanswered || field == "[UNREPLIED]"
		key, value, _ := strings.Cut(field, "=")
		if key == "src" {
			at++
		}
		if at < 0 || at >= len(tuples) {
			continue
		}
		t := &tuples[at]
		switch key {
		case "src":
			t.src, err = address(value)
		case "dst":
			t.dst, err = address(value)
		case "sport":
			t.sport, err = port(value)
		case "dport":
			t.dport, err = port(value)
		case "type":
			t.icmp, err = number(value)
		}
		if err != nil {
			return tuples, false, fmt.Errorf("%s: %w", key, err)
		}
	}
	for _, t := range tuples {
		if !t.src.IsValid() || !t.dst.IsValid() {
			return tuples, false, errors.New("an address is missing: src= and dst= belong to both directions")
		}
	}
	return tuples, unanswered, nil
}

// protocolOf returns the protocol, whose name stands before all KEY=VALUE
// fields; "" for one that policies do not know.
func protocolOf(fields []string) corev1.Protocol {
	end := slices.IndexFunc(fields, func(f string) bool { return strings.Contains(f, "=") })
	for _, field := range fields[:end] {
		switch field {
		case "tcp":
			return corev1.ProtocolTCP
		case "udp":
			return corev1.ProtocolUDP
		case "sctp":
			return corev1.ProtocolSCTP
		case "icmp", "icmpv6":
			return netpol.ProtocolICMP
		}
	}
	return ""
}

// address reads an address; one of IPv4 within IPv6 is that of IPv4.
func address(text string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("%q is no address", text)
	}
	return addr.Unmap(), nil
}

func broadcast() netip.Addr { return netip.AddrFrom4([4]byte{255, 255, 255, 255}) }

func port(text string) (int32, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%q is no port: it must be between 1 and 65535", text)
	}
	return int32(n), nil
}

func number(text string) (int32, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("%q is no number", text)
	}
	return int32(n), nil
}

package observed

import (
	"net/netip"

	corev1 "k8s.io/api/core/v1"
)

// Flow is connections of one kind that were seen, however often.
type Flow struct {
	From, To End
	// Protocol is TCP, UDP, SCTP or netpol.ProtocolICMP.
	Protocol corev1.Protocol
	// Port is that of the destination, after any translation; 0 for ICMP.
	Port int32
	// Translated is set where the source sent to another address or port, which
	// was replaced by that of To: a Service's, mostly.
	Translated bool
	// Masked is the address that the destination saw in place of the source's;
	// the zero Addr where that was its own, as far as the record tells.
	Masked netip.Addr
	// Unanswered is set for UDP of which no record saw a reply: it may have been
	// lost on the way. What else was not answered is no Flow, but Skipped.
	Unanswered bool

	Count int64 // of the records, or what they count
	Line  int   // of the first record, from 1
}

// End is what a record tells of one end of a flow. What is known best comes
// first: a Reference excludes all others, and a pod is more than its address,
// which another pod may have by now.
type End struct {
	// Reference is what a person wrote: see netpol.ParseReference.
	Reference string
	// Namespace and Pod name a pod. Workload is its controller, as
	// Deployment/web; it is there without a pod too.
	Namespace, Pod, Workload string
	// Cluster is the name of another cluster of a mesh, which the end is in.
	Cluster string
	Address netip.Addr
}

// Log is what was read.
type Log struct {
	Flows   []Flow // by their first line
	Records int    // that were understood, those that are Skipped included
	Skipped []Skipped
	// Problems are records that were not understood, and whatever else may be
	// missing from Flows: the first MaxProblems of Troubles.
	Problems []Problem
	Troubles int
	// Ignored are fields of CSV and JSONL that mean nothing to this program, in
	// the order of their first use.
	Ignored []string
}

// Skipped counts records that were understood and are no new connections that
// came through.
type Skipped struct {
	Reason Reason
	Count  int64
	Line   int // of the first
}

// Reason says why records are skipped.
type Reason string

// The reasons. They go on after a number, as in "12 replies".
const (
	Reply         Reason = "replies"
	Dropped       Reason = "dropped on their way"
	NoAnswer      Reason = "without an answer"
	Unsure        Reason = "that may be requests or replies"
	Loopback      Reason = "within a pod or node (loopback)"
	Multicast     Reason = "to multicast or broadcast addresses"
	OtherProtocol Reason = "of other protocols than TCP, UDP, SCTP and ICMP"
	Translation   Reason = "about translated addresses, which others tell of too"
	OtherEvent    Reason = "about something else than flows"
)

// Problem is something of the input that is not used.
type Problem struct {
	Line   int
	Detail string
}

// MaxProblems bounds Log.Problems.
const MaxProblems = 20

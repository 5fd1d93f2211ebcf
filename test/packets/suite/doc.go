// Package suite holds the answers of pkg/netpol against real packets: TCP and
// UDP connections, and INIT and INIT ACK chunks of SCTP, over IPv4 and IPv6, in
// a cluster of network namespaces. A node forwards for its nine pods; another
// node and a host outside are there too.
//
// Two implementations of NetworkPolicy decide about the packets, and neither
// shares code with the engine: kube-network-policies behind an NFQUEUE, and
// rules that nftcompile writes for nftables from the words of the API alone.
//
//   - TestUpstream: the 49 situations of Kubernetes' end-to-end tests. What each
//     means is written down by hand, and must be what the engine says; what the
//     engine says must be what packets do.
//   - TestSituations, TestHostNetwork: nodes, blocks that hold pods, families,
//     ranges and names of ports, defaults, pods of the host's network.
//   - TestRandom: random clusters of test/netpol/generate. Their input has
//     holes, the network has none: what the engine is sure of must hold.
//   - TestService, TestReplies: policies count after DNAT, and not for replies.
//   - TestControls, TestDecisions, TestDifferences, TestTablesCount: the
//     comparison fails where anything that it compares is broken.
//
// TestHairpin and TestEstablished only show what the networks here do where the
// API leaves it open: the engine has no verdict there.
package suite

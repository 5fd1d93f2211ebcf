// Package suite holds the answers of pkg/netpol against real packets, in a
// cluster of network namespaces. Two implementations of NetworkPolicy, neither
// of which shares code with the engine, decide about the packets:
// kube-network-policies behind an NFQUEUE, and rules that nftcompile writes
// for the kernel.
package suite

// Package netpol answers whether the network policies of a cluster let one
// endpoint reach another, and why, from a snapshot. It decides by the words
// of the API (k8s.io/api/networking/v1 and sigs.k8s.io/network-policy-api):
// where they leave a question to the implementation, or where the snapshot
// lacks what the answer needs, the answer is Undefined and says so.
//
// The package is pure: it reads a snapshot and nothing else.
package netpol

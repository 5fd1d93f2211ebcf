// Package netpol answers whether the network policies of a cluster let one
// endpoint reach another, and why, from a snapshot. It decides by the words
// of the API (k8s.io/api/networking/v1 and sigs.k8s.io/network-policy-api):
// where they leave a question to the implementation, or where the snapshot
// lacks what the answer needs, the answer is Undefined and says so.
//
// The package is pure: it reads a snapshot and nothing else.
//
// Where to look:
//
//   - what there is: cluster, endpoint, pod, workload, index; policy, validate,
//     selector, cidr, port; clusterpolicy and clusterrule for cluster-wide ones
//   - one flow: flow, match, truth, profile; tier and tierwalk; open for all
//     ports; proof, miss and tierproof for why
//   - what users ask: reference, resolve, external; answer, answering,
//     portquery; service and throughservice; entry and throughentry for ways
//     into the cluster; check for assertions; gaps for what is missing
//   - all flows: matrix, with field, classes, cells and bitset below it, and
//     bundle, crossing, party and tally for sums; matrixdiff for two of them
//   - what policies are made of: inspect and inspector; cover and surplus for
//     parts that make no difference; decided for what closes a pod
package netpol

// Package oracle compares the answers of pkg/netpol with those of two other
// implementations of the NetworkPolicy API: kube-network-policies of the
// Kubernetes project, and the matcher of cyclonus, with its own test cases
// too. Where one of them differs from the words of the API, the table in
// settled_test.go says how, and the difference must be gone once just that is
// put right.
package oracle

// Package snapshot holds the state of a cluster that every analysis reads: an
// immutable, sorted set of Kubernetes objects, what is known about its origin,
// and the Gaps in it. The subpackages do the reading: live (an API server),
// dir (manifests), file (saved snapshots), demo (the embedded cluster).
package snapshot

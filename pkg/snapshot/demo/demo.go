// Package demo holds a demonstration cluster: a small online shop with its
// operators, pipelines and monitoring, and the mistakes that real clusters
// have. It lets every analysis run with no cluster at all (--demo), and gives
// documentation and tests one state to talk about.
//
// The cluster is a tree of YAML files, as `kubectl get -o yaml` would show the
// objects, without fields that no analysis reads. README.md beside this file
// says who is who and lists the mistakes; each is marked in the YAML by a
// comment "mistake: NAME: why".
package demo

import (
	"embed"
	"io/fs"
	"time"
)

// Namespace is the namespace of a --demo command that names none: the shop.
const Namespace = "shop"

// ServerVersion is the version of the demonstration cluster's API server, in
// the form of its /version endpoint's gitVersion.
const ServerVersion = "v1.36.1"

// "all:" includes _cluster, which embed would leave out for its underscore.
//
//go:embed all:cluster
var cluster embed.FS

// FS returns the demonstration cluster as a read-only file system: one folder
// of YAML files for each namespace, and _cluster for cluster-scoped objects.
// Secrets hold placeholders in stringData, never anything that looks like a
// credential.
func FS() fs.FS {
	root, err := fs.Sub(cluster, "cluster")
	if err != nil {
		// fs.Sub refuses only malformed paths, and this one is a constant.
		panic("demonstration cluster: " + err.Error())
	}
	return root
}

// Taken is the moment at which the demonstration cluster is said to have been
// read. Ages and expiries are counted from it, so that answers never change.
func Taken() time.Time {
	return time.Date(2026, time.October, 5, 9, 0, 0, 0, time.UTC)
}

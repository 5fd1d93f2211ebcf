// Package rbac answers questions about Kubernetes role-based access control
// from a snapshot: who may do something, what a subject may do, and why or
// why not. It decides exactly as the RBAC authorizer of kube-apiserver does
// (plugin/pkg/auth/authorizer/rbac); differential tests hold it to that.
//
// The package is pure: it reads a snapshot and nothing else.
package rbac

// Package apiresource knows the API types of Kubernetes: it turns what a
// person types (a plural, kind, short name or TYPE.GROUP) into a resource,
// without asking a server for the built-in ones.
package apiresource

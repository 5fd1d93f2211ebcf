// Package live reads a snapshot from an API server: only the types that are
// needed, all in parallel, page by page. What the server refuses or cannot
// give becomes a Gap of the snapshot; only a server that gives nothing at all
// is an error.
package live

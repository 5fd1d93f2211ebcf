// Package apiserver is a loopback API server for tests: it serves given
// objects as a real one does (TLS, HTTP/2, pages, JSON, protobuf, metadata
// only, discovery), with faults where a test wants them, and records every
// request. It has no storage, no authentication and no authorization.
package apiserver

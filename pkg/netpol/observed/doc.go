// Package observed reads records of connections that were seen in a cluster:
// of Hubble, of the kernel's connection tracking, and in two plain formats for
// all others. It is pure: text in, flows out.
package observed

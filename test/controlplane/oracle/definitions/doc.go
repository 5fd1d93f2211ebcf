// Package definitions holds what the network engine says of cluster-wide
// policies against their definitions, with the validation of API servers.
package definitions

package netpol

// Profile decides questions that the API leaves to network implementations.
type Profile string

// The profiles.
const (
	// ProfileCommon takes what the Kubernetes documentation calls the most
	// common implementation: pods of the host's network are not selected, as
	// subjects or as peers, and their traffic is that of their node.
	// Source: "Host network" in
	// kubernetes.io/docs/concepts/services-networking/network-policies.
	ProfileCommon Profile = "common"
	// ProfileSpec decides nothing that the API does not: such answers are
	// Undefined.
	ProfileSpec Profile = "spec"
)

// Profiles returns all of them, the default first.
func Profiles() []Profile { return []Profile{ProfileCommon, ProfileSpec} }

package snapshot

import (
	"time"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
)

// SourceKind names where a snapshot came from.
type SourceKind string

// The sources of snapshots.
const (
	FromServer SourceKind = "server" // read from an API server in this run
	FromFiles  SourceKind = "files"  // manifests or dumps: what is not in them may exist all the same
	FromSaved  SourceKind = "saved"  // written by "snapshot save", with the gaps of that time
	FromDemo   SourceKind = "demo"   // the built-in demonstration cluster
)

// Info is what is known about a snapshot as a whole.
type Info struct {
	Source        SourceKind
	Taken         time.Time // when it was read from the cluster; zero when not known
	ServerVersion string    // the server's gitVersion, as v1.36.1; "" when not known
	ClusterID     string    // uid of the namespace kube-system; "" when not known
	User          string    // user name that read it; "" when not known
	// Saved says that it was read from a file of "snapshot save". Of manifests
	// that were saved so the Source is still FromFiles.
	Saved bool
	// Redacted says that configuration was left out when the snapshot was
	// saved: ConfigMap data, environment values, arguments, free annotations
	// and every other field that package file does not list. What is empty
	// then may not have been.
	Redacted bool
	// Resources are the API types that the server serves beside the built-in
	// ones, where discovery was asked.
	Resources []apiresource.Resource
}

// CoverageKnown reports whether an object that is not in the snapshot, and in
// none of its Gaps, does not exist. Manifests cannot say that.
func (i Info) CoverageKnown() bool { return i.Source != FromFiles }

// Stored reports whether the objects are as an API server stores them, after
// its controllers have filled what they fill (as rules of aggregated
// ClusterRoles).
func (i Info) Stored() bool { return i.Source == FromServer || i.Source == FromSaved }

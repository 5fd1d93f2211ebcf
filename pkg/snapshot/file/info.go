package file

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// The type of the item that makes a List a saved snapshot.
const (
	InfoGroup      = "kubectl-secure.io"
	InfoAPIVersion = InfoGroup + "/v1alpha1"
	InfoKind       = "SnapshotInfo"
)

// Info is the SnapshotInfo of a saved snapshot.
type Info struct {
	metav1.TypeMeta `json:",inline"`
	Metadata        Metadata `json:"metadata"`
	// Source is where the objects came from before they were saved: "server",
	// "files" or "demo".
	Source        snapshot.SourceKind `json:"source"`
	Taken         time.Time           `json:"taken,omitzero"`
	ServerVersion string              `json:"serverVersion,omitempty"`
	ClusterID     string              `json:"clusterID,omitempty"`
	User          string              `json:"user,omitempty"`
	// Redacted says that configuration was left out.
	Redacted  bool                   `json:"redacted"`
	Resources []apiresource.Resource `json:"resources"`
	Gaps      []snapshot.Gap         `json:"gaps"`
	Warnings  []string               `json:"warnings"`
}

// Metadata holds the name that every item of a List has.
type Metadata struct {
	Name string `json:"name"`
}

// infoOf returns the SnapshotInfo of a snapshot. Its arrays are never nil.
func infoOf(s *snapshot.Snapshot, redacted bool) Info {
	info := s.Info()
	source := info.Source
	if source == snapshot.FromSaved {
		source = snapshot.FromServer // that is where it came from at first
	}
	return Info{
		TypeMeta:      metav1.TypeMeta{APIVersion: InfoAPIVersion, Kind: InfoKind},
		Metadata:      Metadata{Name: "snapshot"},
		Source:        source,
		Taken:         info.Taken.UTC(),
		ServerVersion: info.ServerVersion,
		ClusterID:     info.ClusterID,
		User:          info.User,
		Redacted:      redacted || info.Redacted,
		Resources:     append([]apiresource.Resource{}, info.Resources...),
		Gaps:          append([]snapshot.Gap{}, s.Gaps()...),
		Warnings:      append([]string{}, s.Warnings()...),
	}
}

// VersionError says that a saved snapshot has a format that this version does
// not read.
type VersionError struct{ APIVersion string }

// Error names both versions.
func (e *VersionError) Error() string {
	return fmt.Sprintf("the saved snapshot has the version %q and this program reads %q: it was written by another version of the program",
		e.APIVersion, InfoAPIVersion)
}

// errBadInfo says that a SnapshotInfo cannot be understood.
var errBadInfo = errors.New("malformed SnapshotInfo")

// ParseInfo reads the SnapshotInfo item of a saved snapshot. The error is a
// *VersionError when another version of the program wrote it.
func ParseInfo(text []byte) (Info, error) {
	var meta metav1.TypeMeta
	if err := json.Unmarshal(text, &meta); err != nil {
		return Info{}, fmt.Errorf("%w: %w", errBadInfo, err)
	}
	if meta.APIVersion != InfoAPIVersion {
		return Info{}, &VersionError{APIVersion: meta.APIVersion}
	}
	var info Info
	if err := json.Unmarshal(text, &info); err != nil {
		return Info{}, fmt.Errorf("%w: %w", errBadInfo, err)
	}
	return info, nil
}

// Snapshot returns the info as the snapshot that is read back has it. What
// was read from files before it was saved still has unknown coverage.
func (i Info) Snapshot() snapshot.Info {
	source := snapshot.FromSaved
	if i.Source == snapshot.FromFiles || i.Source == snapshot.FromDemo {
		source = i.Source
	}
	info := snapshot.Info{
		Source:        source,
		Taken:         i.Taken,
		ServerVersion: i.ServerVersion,
		ClusterID:     i.ClusterID,
		User:          i.User,
		Redacted:      i.Redacted,
	}
	if len(i.Resources) > 0 {
		info.Resources = i.Resources
	}
	return info
}

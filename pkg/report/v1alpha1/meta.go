package v1alpha1

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// APIVersion is the apiVersion of every report.
const APIVersion = "kubectl-secure.io/v1alpha1"

// Report is an answer that can be printed in every machine format.
type Report interface {
	runtime.Object
	// IsIncomplete reports whether parts of the cluster that the answer needs
	// could not be read.
	IsIncomplete() bool
}

// Meta is what every report begins with.
type Meta struct {
	metav1.TypeMeta `json:",inline"`
}

// NewMeta returns the apiVersion and kind of a report.
func NewMeta(kind string) Meta {
	return Meta{metav1.TypeMeta{APIVersion: APIVersion, Kind: kind}}
}

// GetObjectKind gives printers the apiVersion and kind.
func (m *Meta) GetObjectKind() schema.ObjectKind { return &m.TypeMeta }

// Coverage is what every report says of the data that it was made from.
type Coverage struct {
	// Incomplete says that a part of the cluster which the answer needs could
	// not be read: the answer is "at least this".
	Incomplete bool           `json:"incomplete"`
	Gaps       []snapshot.Gap `json:"gaps"`
	Source     Source         `json:"source"`
	// Notes are remarks on the question and on what else bears on the answer.
	Notes []string `json:"notes"`
}

// IsIncomplete reports whether the answer has a hole.
func (c *Coverage) IsIncomplete() bool { return c.Incomplete }

// Source is where the data of a report came from.
type Source struct {
	Kind          snapshot.SourceKind `json:"kind"`
	ServerVersion string              `json:"serverVersion"`   // "" when not known
	Taken         *metav1.Time        `json:"taken,omitempty"` // only of saved snapshots
	// CoverageKnown is false for manifests: what is not in them may exist.
	CoverageKnown bool `json:"coverageKnown"`
}

// NewCoverage describes the snapshot that a report is made from; gaps are
// those of the snapshot that matter for the question.
func NewCoverage(s *snapshot.Snapshot, gaps []snapshot.Gap, notes []string) Coverage {
	info := s.Info()
	source := Source{Kind: info.Source, ServerVersion: info.ServerVersion, CoverageKnown: info.CoverageKnown()}
	if info.Source == snapshot.FromSaved && !info.Taken.IsZero() {
		source.Taken = &metav1.Time{Time: info.Taken.In(time.UTC)}
	}
	return Coverage{Incomplete: len(gaps) > 0, Gaps: orEmpty(gaps), Source: source, Notes: orEmpty(notes)}
}

// orEmpty keeps JSON arrays from being null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

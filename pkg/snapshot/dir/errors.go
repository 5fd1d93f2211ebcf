package dir

import (
	"errors"
	"fmt"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Reasons for an input that is refused or used in part only.
var (
	// ErrTooLarge says that an input or an object exceeds the limits of this
	// package.
	ErrTooLarge = errors.New("too large")
	// ErrBinary says that an input is no text.
	ErrBinary = errors.New("binary data, neither YAML nor JSON")
)

// NoObjectsError says that the input holds no Kubernetes object at all.
type NoObjectsError struct {
	Inputs  []string       // what was read, as the user named it
	Skipped int            // documents that are no Kubernetes objects
	Gaps    []snapshot.Gap // what could not be understood
}

// Error names the inputs and the first thing that is wrong in them.
func (e *NoObjectsError) Error() string {
	text := "no Kubernetes object in " + strings.Join(e.Inputs, ", ")
	switch {
	case len(e.Gaps) == 1:
		text += ": " + e.Gaps[0].Detail
	case len(e.Gaps) > 1:
		text += fmt.Sprintf(": %s, and %d more", e.Gaps[0].Detail, len(e.Gaps)-1)
	case e.Skipped > 0:
		text += fmt.Sprintf(": documents without apiVersion and kind: %d", e.Skipped)
	}
	return text
}

// MixedInputError says that a saved snapshot was given together with other
// input. A snapshot is a whole; what is to change in it goes into an overlay.
type MixedInputError struct {
	Snapshot snapshot.Origin // where the snapshot begins
	Other    snapshot.Origin // another snapshot, or an object that is in none
}

// Error names both.
func (e *MixedInputError) Error() string {
	return fmt.Sprintf("%s is a saved snapshot and %s is not in it: a snapshot cannot be mixed with other input", e.Snapshot, e.Other)
}

// Package finding is what every check of the program reports: the shape of a
// finding, how severe it is, and what identifies it from one run to the next.
package finding

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// Object is what a finding is about.
type Object struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
}

// String returns Kind NAMESPACE/NAME.
func (o Object) String() string {
	if o.Namespace == "" {
		return o.Kind + " " + o.Name
	}
	return o.Kind + " " + o.Namespace + "/" + o.Name
}

// Home returns the namespace that the object is in, or is; "" for objects of
// the cluster.
func (o Object) Home() string {
	if o.Kind == "Namespace" {
		return o.Name
	}
	return o.Namespace
}

// Finding is one thing that a check has to say about an object.
type Finding struct {
	// ID is that of the check among those of all commands, as
	// netpol/selects-nothing; Check is its last part, as users type it.
	ID       string   `json:"id"`
	Check    string   `json:"check"`
	Severity Severity `json:"severity"`
	Object   Object   `json:"object"`
	Path     string   `json:"path,omitempty"` // in the object, as spec.ingress[0].from[1]
	File     string   `json:"file,omitempty"` // that the object was read from, with the line on which it begins
	Line     int      `json:"line,omitempty"`
	Message  string   `json:"message"` // a sentence without a final stop
	Remedy   string   `json:"remedy"`  // what to do, "" where nothing has to be
	// Evidence are the facts that the message rests on.
	Evidence []string `json:"evidence"`
	// Fingerprint stays the same while the check says the same of the same part
	// of the object: wherever the object is in a file, and the part in the object.
	Fingerprint string `json:"fingerprint"`
}

// Seal sorts the findings by severity, object and place, and finishes them: a
// Fingerprint holds, before, what tells findings of one check about one object
// apart, such as the text of the part of the object. Of those that nothing
// tells apart it is their order.
func Seal(findings []Finding) {
	slices.SortStableFunc(findings, compare)
	seen := map[string]int{}
	for i := range findings {
		f := &findings[i]
		if f.Evidence == nil {
			f.Evidence = []string{}
		}
		parts := strings.Join([]string{f.ID, f.Object.Kind, f.Object.Namespace, f.Object.Name, f.Fingerprint}, "\x00")
		again := seen[parts]
		seen[parts]++
		sum := sha256.Sum256([]byte(parts + "\x00" + strconv.Itoa(again)))
		f.Fingerprint = hex.EncodeToString(sum[:8])
	}
}

func compare(a, b Finding) int {
	return cmp.Or(
		b.Severity.rank()-a.Severity.rank(),
		cmp.Compare(a.Object.Home(), b.Object.Home()), cmp.Compare(a.Object.Kind, b.Object.Kind), cmp.Compare(a.Object.Name, b.Object.Name),
		cmp.Compare(a.Path, b.Path), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Message, b.Message),
	)
}

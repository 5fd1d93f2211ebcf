package snapshot

import (
	"context"
	"fmt"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func (o *diffOptions) run(ctx context.Context) error {
	typed, err := access.ReadGroups(o.groupsFile)
	if err != nil {
		return err
	}
	from, to, err := o.load(ctx)
	if err != nil {
		return err
	}
	before, beforeNotes := access.Index(from, typed)
	after, afterNotes := access.Index(to, typed)
	r, err := o.report(before, after)
	if err != nil {
		return err
	}
	r.Notes = append(r.Notes, sideNotes(o.from.name, beforeNotes)...)
	r.Notes = append(r.Notes, sideNotes(o.to.name, afterNotes)...)
	if err := o.printer.Report(r, r.Coverage, func() []printer.Printable { return renderDiff(r, o.printer.Wide()) }); err != nil {
		return err
	}
	if r.Identical && !o.printer.Machine() {
		return o.printer.Hints(printer.Note(printer.Plain(fmt.Sprintf("%s and %s do not differ: no permission, no object", o.from.name, o.to.name))))
	}
	return nil
}

// report compares the two states.
func (o *diffOptions) report(before, after *rbac.Index) (*v1alpha1.SnapshotDiffReport, error) {
	from, to := before.Snapshot(), after.Snapshot()
	objects, err := compareObjects(from, to)
	if err != nil {
		return nil, err
	}
	gaps := append(before.RelevantGaps(""), after.RelevantGaps("")...)
	d := rbac.Compare(before, after)
	r := &v1alpha1.SnapshotDiffReport{
		Meta:     v1alpha1.NewMeta("SnapshotDiffReport"),
		From:     v1alpha1.NewDiffSide(o.from.name, from),
		To:       v1alpha1.NewDiffSide(o.to.name, to),
		Coverage: v1alpha1.NewCoverage(to, gaps, nil),
		Objects:  objects,
	}
	r.SetDiff(d)
	r.Identical = d.Empty() && len(r.Objects) == 0
	if from.Info().Redacted != to.Info().Redacted {
		r.Notes = append(r.Notes, "configuration was left out of one of the states: it is not compared")
	}
	if a, b := from.Info().ClusterID, to.Info().ClusterID; a != "" && b != "" && a != b {
		r.Notes = append(r.Notes, "these are two different clusters")
	}
	for _, s := range []struct {
		name string
		x    *rbac.Index
	}{{o.from.name, before}, {o.to.name, after}} {
		if note := danglingNote(s.name, s.x); note != "" {
			r.Notes = append(r.Notes, note)
		}
		if n := len(s.x.Snapshot().Gaps()); n > 0 {
			r.Notes = append(r.Notes, fmt.Sprintf("%s has %s: what could not be read cannot be compared", s.name, count(n, "gap")))
		}
	}
	return r, nil
}

const maxDangling = 3 // roles named in a note

// danglingNote tells of roles that are bound and are not there: in manifests
// they are mostly those that every cluster has.
func danglingNote(name string, x *rbac.Index) string {
	if x.Snapshot().Info().Source != snapshot.FromFiles {
		return ""
	}
	var roles []string
	seen := map[string]bool{}
	for _, b := range x.Dangling("") {
		role := b.RoleRef.Kind + "/" + b.RoleRef.Name
		if !seen[role] && !x.RoleUnread(b) {
			seen[role] = true
			roles = append(roles, role)
		}
	}
	switch n := len(roles); {
	case n == 0:
		return ""
	case n > maxDangling:
		roles = append(roles[:maxDangling], fmt.Sprintf("%d more", n-maxDangling))
	}
	return fmt.Sprintf("%s binds roles that are not in it, which grant nothing here: %s (--assume-bootstrap adds the default roles)", name, strings.Join(roles, ", "))
}

func sideNotes(name string, notes []string) []string {
	out := make([]string, 0, len(notes))
	for _, note := range notes {
		out = append(out, name+": "+note)
	}
	return out
}

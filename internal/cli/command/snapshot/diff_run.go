package snapshot

import (
	"context"
	"fmt"
	"slices"

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
	if err := o.checkNamespace(from, to); err != nil {
		return err
	}
	before, beforeNotes := access.Index(from, typed)
	after, afterNotes := access.Index(to, typed)
	r, err := o.report(before, after)
	if err != nil {
		return err
	}
	for _, note := range slices.Concat(sideNotes(o.from.name, beforeNotes), sideNotes(o.to.name, afterNotes)) {
		addNote(r, note)
	}
	if r.Identical {
		addNote(r, o.identicalText(r))
	}
	return o.printer.Report(r, r.Coverage, func() []printer.Printable { return renderDiff(r, o.printer.Wide()) })
}

// identicalText says that nothing differs. Of what could not be read nothing
// is known.
func (o *diffOptions) identicalText(r *v1alpha1.SnapshotDiffReport) string {
	switch {
	case r.Incomplete:
		return fmt.Sprintf("what could be read of %s and %s does not differ; nothing is known of the rest", o.from.name, o.to.name)
	case len(r.Notes) > 0: // some say what is not compared
		return fmt.Sprintf("%s and %s do not differ: no permission, no object that is compared", o.from.name, o.to.name)
	default:
		return fmt.Sprintf("%s and %s do not differ: no permission, no object", o.from.name, o.to.name)
	}
}

// report compares the two states.
func (o *diffOptions) report(before, after *rbac.Index) (*v1alpha1.SnapshotDiffReport, error) {
	from, to := before.Snapshot(), after.Snapshot()
	objects, neverRead, err := compareObjects(from, to)
	if err != nil {
		return nil, err
	}
	// Objects of every type are compared: no gap is without meaning.
	gaps := snapshot.SortGaps(slices.Concat(from.Gaps(), to.Gaps(), absentRoles(o.from.name, before), absentRoles(o.to.name, after)))
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
	if len(neverRead) > 0 {
		addNote(r, "not compared, since they are not read from clusters: "+few(neverRead, false))
	}
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
		if n := len(s.x.Snapshot().Gaps()); n > 0 {
			addNote(r, fmt.Sprintf("%s has %s: what seems to be missing there may exist, unread", s.name, count(n, "gap")))
		}
	}
	gained, lost := unproven(r.Subjects)
	if gained {
		addNote(r, fmt.Sprintf("\"gained?\" may be no gain: what %s does not tell may have allowed it before", o.from.name))
	}
	if lost {
		addNote(r, fmt.Sprintf("\"lost?\" may be no loss: what %s does not tell may still allow it", o.to.name))
	}
	return r, nil
}

// addNote adds a note once: the two sides can be of one name.
func addNote(r *v1alpha1.SnapshotDiffReport, note string) {
	if !slices.Contains(r.Notes, note) {
		r.Notes = append(r.Notes, note)
	}
}

// unproven reports whether gains or losses are marked as doubtful.
func unproven(subjects []v1alpha1.SubjectChanges) (gained, lost bool) {
	doubtful := func(c v1alpha1.PermissionChange) bool { return c.Unproven }
	for _, s := range subjects {
		gained = gained || slices.ContainsFunc(s.Gained, doubtful)
		lost = lost || slices.ContainsFunc(s.Lost, doubtful)
	}
	return gained, lost
}

// absentRoles returns gaps for roles that manifests bind and do not hold:
// mostly those that every cluster has.
func absentRoles(name string, x *rbac.Index) []snapshot.Gap {
	gaps := x.AbsentRoles(x.Dangling(""))
	for i := range gaps {
		gaps[i].Detail = name + ": " + gaps[i].Detail
	}
	return gaps
}

func sideNotes(name string, notes []string) []string {
	out := make([]string, 0, len(notes))
	for _, note := range notes {
		out = append(out, name+": "+note)
	}
	return out
}

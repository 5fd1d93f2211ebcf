package snapshot

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// summarize reports what a snapshot holds.
func summarize(name string, s *snapshot.Snapshot) *v1alpha1.SnapshotReport {
	r := &v1alpha1.SnapshotReport{
		Meta:     v1alpha1.NewMeta("SnapshotReport"),
		File:     name,
		Coverage: v1alpha1.NewCoverage(s, s.Gaps(), s.Warnings()),
		Identity: v1alpha1.NewSnapshotIdentity(s.Info()),
		Types:    []v1alpha1.TypeCount{},
	}
	at := map[typeName]int{}
	seen := map[typeName]map[string]bool{}
	for obj := range s.All() {
		t := typeOf(obj)
		i, ok := at[t]
		if !ok {
			i = len(r.Types)
			at[t], seen[t] = i, map[string]bool{}
			r.Types = append(r.Types, v1alpha1.TypeCount{APIGroup: t.group, Kind: t.kind})
		}
		r.Types[i].Objects++
		r.Objects++
		if ns := obj.GetNamespace(); ns != "" && !seen[t][ns] {
			seen[t][ns] = true
			r.Types[i].Namespaces++
		}
	}
	slices.SortFunc(r.Types, func(a, b v1alpha1.TypeCount) int {
		return cmp.Or(cmp.Compare(a.APIGroup, b.APIGroup), cmp.Compare(a.Kind, b.Kind))
	})
	return r
}

// renderSummary shows a summary to people.
func renderSummary(r *v1alpha1.SnapshotReport, title string) []printer.Printable {
	facts := &printer.Table{Columns: []printer.Column{{Name: "snapshot", Role: printer.RoleDim}, {Name: "value", Shrink: 1}}}
	add := func(name, value string) {
		facts.Add(printer.Plain(name), printer.Plain(cmp.Or(value, "not known")))
	}
	id := r.Identity
	taken := ""
	if id.Taken != nil {
		taken = id.Taken.UTC().Format(time.RFC3339)
	}
	add("taken", taken)
	add("from", sourceWords(r.Source))
	add("server", id.ServerVersion)
	add("cluster id", id.ClusterID)
	add("read by", id.User)
	redacted := "kept"
	if id.Redacted {
		redacted = "left out (save --include-config keeps it)"
	}
	add("configuration", redacted)
	types := &printer.Table{Columns: []printer.Column{
		{Name: "kind", Role: printer.RoleName},
		{Name: "api group", Shrink: 1},
		{Name: "objects", Align: printer.AlignRight},
		{Name: "namespaces", Align: printer.AlignRight},
	}}
	for _, t := range r.Types {
		types.Add(
			printer.Plain(t.Kind), printer.Plain(t.APIGroup),
			printer.Plain(fmt.Sprint(t.Objects)), printer.Plain(fmt.Sprint(t.Namespaces)),
		)
	}
	aside := fmt.Sprintf("%s of %s", count(r.Objects, "object"), count(len(r.Types), "kind"))
	if len(r.Gaps) > 0 {
		aside += ", " + count(len(r.Gaps), "gap")
	}
	return []printer.Printable{printer.Heading{Title: printer.Plain(title), Aside: printer.Plain(aside)}, facts, types}
}

func sourceWords(source v1alpha1.Source) string {
	switch source.Kind {
	case snapshot.FromServer:
		return "an API server"
	case snapshot.FromSaved:
		return "an API server, saved"
	case snapshot.FromDemo:
		return "the demonstration cluster"
	default:
		return "files: what is not in them may exist all the same"
	}
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

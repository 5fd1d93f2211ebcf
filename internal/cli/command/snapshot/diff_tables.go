package snapshot

import (
	"fmt"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

const maxAccounts = 20 // of new or gone service accounts, before they are counted

// members lists who came or left: service accounts, and members of groups.
func members(r *v1alpha1.SnapshotDiffReport) *printer.Table {
	table := &printer.Table{Columns: []printer.Column{
		{Name: "member", Role: printer.RoleName, Shrink: 1, Cut: printer.CutMiddle}, {Name: "change"}, {Name: "of", Shrink: 2},
	}}
	accounts := func(list []v1alpha1.Subject, change string) {
		for i, s := range list {
			if i == maxAccounts {
				table.Add(printer.Plain(fmt.Sprintf("%d more service accounts", len(list)-i)), printer.Plain(change), printer.Plain("groups of service accounts"))
				break
			}
			table.Add(printer.Plain(s.Ref()), printer.Plain(change), printer.Plain("system:serviceaccounts, system:serviceaccounts:"+s.Namespace))
		}
	}
	accounts(r.NewAccounts, "new")
	accounts(r.GoneAccounts, "gone")
	for _, m := range r.Members {
		for _, user := range m.Joined {
			table.Add(printer.Plain(user), printer.Plain("joined"), printer.Plain("group/"+m.Group))
		}
		for _, user := range m.Left {
			table.Add(printer.Plain(user), printer.Plain("left"), printer.Plain("group/"+m.Group))
		}
	}
	return table
}

// objects counts what else differs.
func objects(r *v1alpha1.SnapshotDiffReport) *printer.Table {
	table := &printer.Table{Columns: []printer.Column{
		{Name: "kind", Role: printer.RoleName},
		{Name: "api group", Shrink: 1},
		{Name: "added", Align: printer.AlignRight},
		{Name: "removed", Align: printer.AlignRight},
		{Name: "changed", Align: printer.AlignRight},
	}}
	for _, c := range r.Objects {
		table.Add(
			printer.Plain(c.Kind), printer.Plain(c.APIGroup),
			printer.Plain(fmt.Sprint(c.Added)), printer.Plain(fmt.Sprint(c.Removed)), printer.Plain(fmt.Sprint(c.Changed)),
		)
	}
	return table
}

package printer_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

func largeTable(rows int) *printer.Table {
	table := &printer.Table{Columns: []printer.Column{
		{Name: "kind"}, {Name: "subject", Shrink: 1}, {Name: "scope"}, {Name: "via", Shrink: 2},
	}}
	for i := range rows {
		table.Add(
			printer.Plain("ServiceAccount"),
			printer.Plain(fmt.Sprintf("namespace-%d/service-account-%d", i%300, i)),
			printer.Plain(fmt.Sprintf("namespace-%d", i%300)),
			printer.Chain(printer.Plain(fmt.Sprintf("RoleBinding/binding-%d", i)), printer.Plain("ClusterRole/edit")),
		)
	}
	return table
}

// The budget for 10,000 rows of 4 columns is 50 ms.
func BenchmarkTable10000Rows(b *testing.B) {
	table := largeTable(10_000)
	for _, s := range []struct {
		name  string
		style printer.Style
	}{
		{"pipe", printer.Style{}},
		{"80 color", printer.Style{Width: 80, Color: true}},
	} {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := table.Print(io.Discard, s.style); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEscapeClean(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_ = printer.Escape("system:serviceaccount:namespace:service-account")
	}
}

func BenchmarkEscapeHostile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_ = printer.Escape("system:serviceaccount:\x1b[31mnamespace\u202e:service-account")
	}
}

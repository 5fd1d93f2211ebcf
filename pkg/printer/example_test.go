package printer_test

import (
	"fmt"
	"os"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

func ExampleTable() {
	table := &printer.Table{Columns: []printer.Column{
		{Name: "subject", Role: printer.RoleName, Shrink: 1},
		{Name: "scope"},
		{Name: "via", Shrink: 2},
	}}
	table.Add(
		printer.Plain("alice@example.org"),
		printer.Plain("shop"),
		printer.Chain(printer.Plain("RoleBinding/devs"), printer.Plain("ClusterRole/edit")),
	)
	table.Add(printer.Plain("mallory\x1b[2J"), printer.Plain("cluster"))
	if err := table.Print(os.Stdout, printer.Style{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// SUBJECT             SCOPE     VIA
	// alice@example.org   shop      RoleBinding/devs → ClusterRole/edit
	// mallory␛[2J         cluster   <none>
}

func ExampleMatrix() {
	matrix := &printer.Matrix{
		Corner: "resource",
		Groups: []printer.MatrixGroup{
			{Name: "read", Columns: []string{"get", "list"}},
			{Name: "write", Columns: []string{"create", "delete"}},
		},
		Rows: []printer.MatrixRow{
			{Label: printer.Plain("pods"), Marks: []printer.Mark{printer.MarkYes, printer.MarkYes, printer.MarkNo, printer.MarkNo}},
			{Label: printer.Plain("secrets"), Marks: []printer.Mark{printer.MarkPartial, printer.MarkNo, printer.MarkNo, printer.MarkNo}},
		},
		Legend: map[printer.Mark]string{printer.MarkPartial: "only some names"},
	}
	if err := matrix.Print(os.Stdout, printer.Style{ASCII: true}); err != nil {
		fmt.Println(err)
	}
	// Output:
	//            READ        WRITE
	// RESOURCE   GET  LIST   CREATE  DELETE
	// pods       Y    Y      -       -
	// secrets    ~    -      -       -
	//
	// Y yes   ~ only some names   - no
}

func ExampleTree() {
	tree := printer.Tree{Roots: []printer.Node{{
		Label: printer.Plain("Group system:serviceaccounts:shop"),
		Children: []printer.Node{
			{Label: printer.Plain("shop/deployer")},
			{Label: printer.Plain("shop/web")},
		},
	}}}
	if err := tree.Print(os.Stdout, printer.Style{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Group system:serviceaccounts:shop
	// ├─ shop/deployer
	// └─ shop/web
}

func ExampleBlock() {
	block := printer.Warning(printer.Plain("answer may be incomplete: rolebindings in namespace legacy could not be read"))
	if err := block.Print(os.Stdout, printer.Style{Width: 50}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// warning: answer may be incomplete: rolebindings in
	//          namespace legacy could not be read
}

func ExampleDetectStyle() {
	env := map[string]string{"TERM": "xterm-256color", "LANG": "C", "NO_COLOR": "1"}
	style := printer.DetectStyle(printer.Terminal{
		Getenv: func(name string) string { return env[name] },
		GOOS:   "linux",
		IsTTY:  true,
		Width:  100,
	}, printer.ColorAuto, false)
	fmt.Printf("%+v\n", style)
	// Output: {Color:false ASCII:true Width:100 NoHeaders:false}
}

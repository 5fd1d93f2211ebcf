package v1alpha1_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

var update = flag.Bool("update", false, "rewrite testdata: only to add fields, others read them by these names")

// kinds is one empty report of each kind.
func kinds() []runtime.Object {
	return []runtime.Object{
		&v1alpha1.CheckReport{},
		&v1alpha1.FlowCheckReport{},
		&v1alpha1.FlowDiffReport{},
		&v1alpha1.FlowReport{},
		&v1alpha1.GeneratedPoliciesReport{},
		&v1alpha1.NetpolLintReport{},
		&v1alpha1.PermissionsReport{},
		&v1alpha1.ReachReport{},
		&v1alpha1.ReachabilityMatrix{},
		&v1alpha1.SnapshotDiffReport{},
		&v1alpha1.SnapshotReport{},
		&v1alpha1.VersionReport{},
		&v1alpha1.WhatCanReport{},
		&v1alpha1.WhoCanReport{},
		&v1alpha1.WhyReport{},
	}
}

func kindOf(report any) string { return reflect.TypeOf(report).Elem().Name() }

// TestShape compares the fields of every kind, by their names in JSON, with
// those that were published: nothing is renamed or dropped by accident.
func TestShape(t *testing.T) {
	for _, report := range kinds() {
		t.Run(kindOf(report), func(t *testing.T) {
			golden := filepath.Join("testdata", kindOf(report)+".txt")
			got := strings.Join(shape("", reflect.TypeOf(report).Elem()), "\n") + "\n"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("the JSON of %s has changed (-published +now):\n%s", kindOf(report), diff)
			}
		})
	}
}

// TestShapesOfAllKinds finds the kinds in the source: a new one cannot be
// forgotten above, nor leave its golden file behind.
func TestShapesOfAllKinds(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var declared, listed, golden []string
	for _, file := range files {
		source, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range source.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "DeepCopyObject" {
				declared = append(declared, f.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name)
			}
		}
	}
	for _, report := range kinds() {
		listed = append(listed, kindOf(report))
	}
	slices.Sort(declared)
	if diff := cmp.Diff(declared, listed); diff != "" {
		t.Errorf("kinds (-in the package +in the tests):\n%s", diff)
	}
	files, err = filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		golden = append(golden, strings.TrimSuffix(filepath.Base(file), ".txt"))
	}
	if diff := cmp.Diff(listed, golden); diff != "" {
		t.Errorf("kinds (-in the tests +in testdata):\n%s", diff)
	}
}

// shape lists the fields of a type as they are in JSON: path, type and whether
// they may be missing. Types of Kubernetes are not looked into.
func shape(path string, t reflect.Type) []string {
	var lines []string
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" && field.Anonymous {
			lines = append(lines, shape(path, field.Type)...)
			continue
		}
		text, inner := describe(field.Type)
		if strings.Contains(options, "omitempty") {
			text += ", optional"
		}
		lines = append(lines, fmt.Sprintf("%s.%s: %s", path, name, text))
		if inner != nil {
			lines = append(lines, shape(path+"."+name+strings.TrimSuffix(text[:strings.LastIndex(text, "]")+1], " "), inner)...)
		}
	}
	return lines
}

// describe names a type, and returns the struct of ours that it is made of.
func describe(t reflect.Type) (text string, inner reflect.Type) {
	const ours = "github.com/kubectl-secure/"
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		text, inner = describe(t.Elem())
		return "[]" + text, inner
	case reflect.Pointer:
		text, inner = describe(t.Elem())
		return text + " or null", inner
	case reflect.Struct:
		if strings.HasPrefix(t.PkgPath(), ours) {
			return "object", t
		}
		return t.String(), nil
	case reflect.Interface:
		return t.String(), nil
	default:
		return t.Kind().String(), nil
	}
}

package output

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
)

// answer has every JSON type that reports have.
func answer() *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Thing",
		"metadata": map[string]any{"name": "x", "labels": map[string]any{"a.b/c": "d"}},
		"items":    []any{map[string]any{"name": "one", "rule": int64(1)}, map[string]any{"name": "two", "empty": "", "list": []any{}}},
		"big":      int64(12345678), "half": 0.5, "yes": true, "nothing": nil,
		"secret": "aHVudGVyMg==", "notBase64": "%%", "html": "<b>&\"quoted\"",
	}}
}

// The template engine is not the one of cli-runtime: whatever scripts write
// must come out the same.
func TestTemplatesAsCLIRuntime(t *testing.T) {
	templates := []string{
		"", "plain text\n", "{{.kind}}", "{{.metadata.name}}", `{{index .metadata.labels "a.b/c"}}`,
		`{{range .items}}{{.name}} {{end}}`, `{{range $i, $v := .items}}{{$i}}={{$v.name}};{{end}}`, `{{range .none}}x{{else}}empty{{end}}`,
		`{{range $k, $v := .metadata}}{{$k}} {{end}}`, `{{len .items}}`, `{{if .yes}}yes{{else}}no{{end}}`, `{{if .nothing}}yes{{else}}no{{end}}`,
		`{{with .metadata}}{{.name}}{{end}}`, `{{.big}} {{.half}} {{.yes}} {{.nothing}}`, `{{printf "%s-%v" .kind .half}}`, `{{printf "%q" .html}}`,
		`{{.secret | base64decode}}`, `{{base64decode .notBase64}}`, `{{exists . "metadata" "name"}} {{exists . "metadata" "nope"}}`, `{{exists . "items" 0}}`, `{{exists .items 0 "name"}}`, `{{exists .items 5}}`, `{{exists .items "name"}}`, `{{exists .kind "x"}}`, `{{exists . "nothing"}}`, `{{exists . 0}}`, `{{exists .}}`, `{{exists .nothing}}`, `{{exists .metadata "labels" "a.b/c"}}`,
		`{{.nope}}`, `{{.nope.deeper}}`, `{{.kind.deeper}}`, `{{(index .items 0).rule}}`, `{{index .items 9}}`, `{{eq .kind "Thing"}}`, `{{ne .big 1}}`, `{{lt .half 1.0}}`, `{{and .yes .kind}}`, `{{or .nothing "x"}}`, `{{not .yes}}`,
		`{{html .html}} {{js .html}} {{urlquery .html}}`, `{{slice .kind 1 3}}`, `{{define "t"}}[{{.}}]{{end}}{{template "t" .kind}}`, `{{block "u" .kind}}<{{.}}>{{end}}`,
		`{{- /* comment */ -}} x`, `{{$x := .kind}}{{$x = "changed"}}{{$x}}`, `{{range .items}}{{if eq .name "two"}}{{break}}{{end}}{{.name}}{{end}}`, `{{range .items}}{{if eq .name "one"}}{{continue}}{{end}}{{.name}}{{end}}`,
		`{{print .metadata}}`, `{{println .items}}`, "{{.kind}}{{\"\\n\"}}", `{{call .kind}}`, `{{.metadata}}`,
		`{{.kind`, `{{nofunc}}`, `{{end}}`, `{{range}}`, `{{template "missing"}}`,
	}
	for _, source := range templates {
		t.Run(source, func(t *testing.T) {
			want, wantErr := print(t, func() (printers.ResourcePrinter, error) { return printers.NewGoTemplatePrinter([]byte(source)) })
			got, gotErr := print(t, func() (printers.ResourcePrinter, error) { return parse(source) })
			if (gotErr != nil) != (wantErr != nil) {
				t.Fatalf("error %v, cli-runtime's %v", gotErr, wantErr)
			}
			if wantErr == nil && got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

// parse is newTemplatePrinter, which refuses the empty template: cli-runtime
// prints nothing.
func parse(source string) (printers.ResourcePrinter, error) {
	if source == "" {
		source = "{{/* nothing */}}"
	}
	return newTemplatePrinter(source)
}

func print(t *testing.T, newPrinter func() (printers.ResourcePrinter, error)) (string, error) {
	t.Helper()
	p, err := newPrinter()
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = p.PrintObj(answer(), &b)
	return b.String(), err
}

func TestNewMachinePrinter(t *testing.T) {
	file := filepath.Join(t.TempDir(), "template")
	if err := os.WriteFile(file, []byte("{.kind}"), 0o600); err != nil {
		t.Fatal(err)
	}
	gofile := filepath.Join(t.TempDir(), "gotemplate")
	if err := os.WriteFile(gofile, []byte("{{.kind}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		format string
		want   string // in the output
	}{
		{"json", `"kind": "Thing"`},
		{"yaml", "kind: Thing"},
		{"kyaml", `kind: "Thing"`},
		{"jsonpath={.kind}", "Thing"},
		{"jsonpath-as-json={.kind}", `"Thing"`},
		{"jsonpath-file=" + file, "Thing"},
		{"go-template={{.kind}}", "Thing"},
		{"template={{.kind}}", "Thing"},
		{"go-template={{if eq .kind \"Thing\"}}a=b{{end}}", "a=b"},
		{"go-template-file=" + gofile, "Thing"},
		{"templatefile=" + gofile, "Thing"},
	}
	for _, tt := range tests {
		t.Run(tt.format, func(t *testing.T) {
			got, err := print(t, func() (printers.ResourcePrinter, error) { return newMachinePrinter(tt.format) })
			if err != nil || !strings.Contains(got, tt.want) {
				t.Errorf("printed %q, %v; want %q in it", got, err, tt.want)
			}
		})
	}
}

func TestNewMachinePrinterRefuses(t *testing.T) {
	for _, format := range []string{
		"jsonpath", "jsonpath=", "jsonpath={.x", "jsonpath-file=/nosuch", "go-template", "go-template=", "go-template={{", "go-template-file=/nosuch", "go-template-file",
	} {
		t.Run(format, func(t *testing.T) {
			p, err := newMachinePrinter(format)
			if err == nil || fault.Code(err) != fault.ExitUsage {
				t.Errorf("printer %v, error %v with exit code %d; want a usage error", p, err, fault.Code(err))
			}
		})
	}
	for _, format := range []string{"xml", "JSON", "json=x", "name", "custom-columns=A:.b"} {
		if p, err := newMachinePrinter(format); p != nil || err != nil {
			t.Errorf("%s: printer %v, error %v; want neither", format, p, err)
		}
	}
}

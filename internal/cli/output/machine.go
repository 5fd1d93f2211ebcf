package output

import (
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	template "github.com/DataDog/datadog-agent/pkg/template/text"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
)

// newMachinePrinter returns the printer of a format for programs, or nil for
// one that is not known. JSON, YAML and JSONPath are cli-runtime's own;
// go-template is cli-runtime's over an engine without method calls (see
// docs/adr/0003-go-templates.md).
func newMachinePrinter(format string) (printers.ResourcePrinter, error) {
	name, argument, _ := strings.Cut(format, "=")
	switch {
	case slices.Contains([]string{"json", "yaml", "kyaml"}, format):
		return genericclioptions.NewJSONYamlPrintFlags().ToPrinter(format)
	case slices.Contains([]string{"jsonpath", "jsonpath-as-json", "jsonpath-file"}, name):
		p, err := genericclioptions.NewJSONPathPrintFlags("", true).ToPrinter(format)
		if err != nil {
			return nil, fault.Usage("--output: %w", err)
		}
		return p, nil
	case slices.Contains([]string{"go-template", "template"}, name):
		return newTemplatePrinter(argument)
	case slices.Contains([]string{"go-template-file", "templatefile"}, name):
		source, err := os.ReadFile(argument)
		if err != nil {
			return nil, fault.Usage("--output: read the template: %w", err)
		}
		return newTemplatePrinter(string(source))
	}
	return nil, nil
}

// templatePrinter prints objects through a Go template, as
// cli-runtime/pkg/printers.GoTemplatePrinter does.
type templatePrinter struct{ template *template.Template }

func newTemplatePrinter(source string) (printers.ResourcePrinter, error) {
	if source == "" {
		return nil, fault.Usage("--output: a template is needed, as in: go-template='{{range .subjects}}{{.name}} {{end}}'")
	}
	t, err := template.New("output").Funcs(template.FuncMap{"exists": exists, "base64decode": decode64}).Parse(source)
	if err != nil {
		return nil, fault.Usage("--output: %w", err)
	}
	return &templatePrinter{t}, nil
}

// PrintObj executes the template over the object's JSON form.
func (p *templatePrinter) PrintObj(obj runtime.Object, w io.Writer) error {
	data, err := json.Marshal(obj)
	if err != nil {
		return fmt.Errorf("encode %T: %w", obj, err)
	}
	value := map[string]any{}
	if err := json.Unmarshal(data, &value); err != nil {
		return fmt.Errorf("decode %T: %w", obj, err)
	}
	return p.template.Execute(w, value)
}

// exists reports whether there is a value at a path of fields and positions in
// lists.
func exists(item any, path ...any) bool {
	for _, step := range path {
		switch of := item.(type) {
		case map[string]any:
			name, _ := step.(string)
			inner, ok := of[name]
			if !ok {
				return false
			}
			item = inner
		case []any:
			at, ok := step.(int)
			if !ok || at < 0 || at >= len(of) {
				return false
			}
			item = of[at]
		default:
			return false
		}
	}
	return item != nil || len(path) == 0
}

func decode64(s string) (string, error) {
	data, err := base64.StdEncoding.DecodeString(s)
	return string(data), err
}

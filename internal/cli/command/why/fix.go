package why

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// manifest returns the objects of a fix as YAML documents to apply.
func manifest(fix *v1alpha1.Fix) ([]byte, error) {
	var b bytes.Buffer
	for i, object := range fix.Objects {
		document, err := yaml.Marshal(object)
		if err == nil && !readable(document) {
			document, err = escapedYAML(object)
		}
		if err != nil {
			return nil, fmt.Errorf("write the change as YAML: %w", err)
		}
		if i > 0 {
			b.WriteString("---\n")
		}
		b.Write(document)
	}
	return b.Bytes(), nil
}

// readable reports whether a document shows what it holds: YAML writes
// characters that reorder or hide text as they are.
func readable(document []byte) bool {
	return !bytes.ContainsFunc(document, func(c rune) bool { return c != '\n' && !unicode.IsPrint(c) })
}

// escapedYAML returns the object in YAML's flow style, which is JSON but for
// the escapes: what does not show is written as a number. It begins with a
// separator, so that readers which guess do not take it for JSON.
func escapedYAML(object any) ([]byte, error) {
	data, err := json.MarshalIndent(object, "", "  ")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("---\n")
	for _, c := range string(data) {
		switch {
		case c == '\n' || unicode.IsPrint(c):
			b.WriteRune(c)
		case c > 0xffff:
			fmt.Fprintf(&b, "\\U%08x", c)
		default:
			fmt.Fprintf(&b, "\\u%04x", c)
		}
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// rawManifest is a manifest as it goes to a pipe that applies it.
type rawManifest []byte

// Print writes the manifest as it is: it is YAML, whatever the style.
func (m rawManifest) Print(w io.Writer, _ printer.Style) error {
	if _, err := w.Write(m); err != nil {
		return fmt.Errorf("print the change: %w", err)
	}
	return nil
}

// printFix prints the manifest alone.
func (o *Options) printFix(r *v1alpha1.WhyReport, noFix error) error {
	switch {
	case noFix != nil:
		return fixFault(noFix)
	case *r.Allowed:
		r.Notes = append([]string{"this is allowed already: there is nothing to change"}, r.Notes...)
		return o.printer.Report(r, r.Coverage, func() []printer.Printable { return nil })
	}
	data, err := manifest(r.Fix)
	if err != nil {
		return err
	}
	r.Notes = append(r.Fix.Remarks, r.Notes...)
	return o.printer.Report(r, r.Coverage, func() []printer.Printable { return []printer.Printable{rawManifest(data)} })
}

func fixFault(err error) error {
	if errors.Is(err, rbac.ErrAllNamespaces) {
		return fault.WithHelp(fault.Usage("no change to print: %w", err), "use -n NAMESPACE instead of --all-namespaces")
	}
	return fmt.Errorf("no change to print: %w", err)
}

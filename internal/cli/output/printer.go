package output

import (
	"fmt"

	"k8s.io/cli-runtime/pkg/printers"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// Printer prints one answer in the format that was asked for.
type Printer struct {
	env             *env.Env
	format          string
	machine         printers.ResourcePrinter // nil for formats for people
	style, errStyle printer.Style
	requireComplete bool
}

// Wide reports whether -o wide was asked for.
func (p *Printer) Wide() bool { return p.format == "wide" }

// Machine reports whether the answer is for programs: it then holds
// everything that is known, not only what fits a table.
func (p *Printer) Machine() bool { return p.machine != nil }

// Format returns what -o was given; "" and "table" are the same.
func (p *Printer) Format() string { return p.format }

// NoHeaders reports whether headings are unwanted.
func (p *Printer) NoHeaders() bool { return p.style.NoHeaders }

// Report prints the answer, then what is missing in it.
func (p *Printer) Report(r v1alpha1.Report, coverage v1alpha1.Coverage, view func() []printer.Printable) error {
	if err := p.Print(r, view); err != nil {
		return err
	}
	return p.Finish(coverage)
}

// Print prints the answer: for programs as it is, for people as the view
// renders it.
func (p *Printer) Print(r v1alpha1.Report, view func() []printer.Printable) error {
	if p.machine == nil {
		return printer.Stack(p.env.Out, p.style, view()...)
	}
	if err := p.machine.PrintObj(r, p.env.Out); err != nil {
		return fmt.Errorf("print the answer: %w", err)
	}
	return nil
}

// Finish prints notes and gaps and ends the command with exit code 4 where
// the answer is incomplete and --require-complete asks for that.
func (p *Printer) Finish(coverage v1alpha1.Coverage) error {
	if err := p.coverage(coverage); err != nil {
		return err
	}
	if p.requireComplete && coverage.Incomplete {
		return fault.Incomplete()
	}
	return nil
}

// Hints prints text beside the answer to stderr.
func (p *Printer) Hints(blocks ...printer.Printable) error {
	for _, b := range blocks {
		if err := b.Print(p.env.ErrOut, p.errStyle); err != nil {
			return err
		}
	}
	return nil
}

// coverage tells on stderr what the answer leaves out. Programs find notes
// and gaps in the report itself; people need them whatever they pipe.
func (p *Printer) coverage(c v1alpha1.Coverage) error {
	var blocks []printer.Printable
	if p.machine == nil {
		for _, note := range c.Notes {
			blocks = append(blocks, printer.Note(printer.Plain(note)))
		}
	}
	if len(c.Gaps) > 0 {
		blocks = append(blocks, gapBlock(c.Gaps))
	}
	return p.Hints(blocks...)
}

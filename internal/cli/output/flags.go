// Package output turns the flags of output into a Printer: one place for the
// formats, the style and the gaps of every answer.
package output

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

// Flags are the flags of output that every command with an answer has.
type Flags struct {
	Format          string
	NoHeaders       bool
	Color           string
	ASCII           bool
	RequireComplete bool

	// extra are formats that a command renders itself.
	extra []string
}

// NewFlags returns the flags with their defaults; extra names formats beside
// table, wide and the machine formats that the command renders itself.
func NewFlags(extra ...string) *Flags {
	return &Flags{Color: string(printer.ColorAuto), extra: extra}
}

// AddFlags registers the flags.
func (f *Flags) AddFlags(fs *pflag.FlagSet) {
	fs.StringVarP(&f.Format, "output", "o", "", "output `FORMAT`: "+strings.Join(f.formats(), "|"))
	fs.BoolVar(&f.NoHeaders, "no-headers", false, "print rows only, without headings")
	fs.StringVar(&f.Color, "color", f.Color, "`WHEN` to print in colour: auto|always|never; NO_COLOR is honoured")
	fs.BoolVar(&f.ASCII, "ascii", false, "print ASCII characters only")
	fs.BoolVar(&f.RequireComplete, "require-complete", false, "exit 4 when parts of the cluster could not be read")
}

func (f *Flags) formats() []string {
	return append([]string{"table", "wide"}, append(slices.Clone(f.extra), "json", "yaml", "jsonpath=…", "go-template=…")...)
}

// ToPrinter validates the flags.
func (f *Flags) ToPrinter(e *env.Env) (*Printer, error) {
	mode, err := printer.ParseColorMode(f.Color)
	if err != nil {
		return nil, fault.Usage("--color: %w", err)
	}
	p := &Printer{env: e, format: f.Format, requireComplete: f.RequireComplete}
	stream := printer.Terminal{Getenv: e.Getenv, GOOS: e.Terminal.GOOS, Width: e.Terminal.Width}
	stream.IsTTY = e.Terminal.Out
	p.style = printer.DetectStyle(stream, mode, f.ASCII)
	p.style.NoHeaders = f.NoHeaders
	if f.Format == "wide" {
		p.style.Width = 0 // everything, as kubectl's: the terminal wraps
	}
	stream.IsTTY = e.Terminal.Err
	p.errStyle = printer.DetectStyle(stream, mode, f.ASCII)
	if slices.Contains(append([]string{"", "table", "wide"}, f.extra...), f.Format) {
		return p, nil
	}
	machine, err := newMachinePrinter(f.Format)
	if err != nil {
		return nil, err
	}
	if machine == nil {
		return nil, fault.Usage("unknown output format %q: use one of %s", f.Format, strings.Join(f.formats(), ", "))
	}
	p.machine = machine
	return p, nil
}

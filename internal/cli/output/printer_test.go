package output_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// thing is a report of one field.
type thing struct {
	v1alpha1.Meta     `json:",inline"`
	v1alpha1.Coverage `json:",inline"`
	Name              string `json:"name"`
}

func (r *thing) DeepCopyObject() runtime.Object { c := *r; return &c }

func newThing(gaps []snapshot.Gap, notes ...string) *thing {
	return &thing{
		Meta:     v1alpha1.NewMeta("Thing"),
		Coverage: v1alpha1.Coverage{Incomplete: len(gaps) > 0, Gaps: gaps, Notes: notes},
		Name:     "x",
	}
}

// report prints a thing as a command line asks for it.
func report(t *testing.T, r *thing, terminal env.Terminal, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	flags := output.NewFlags("junit")
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	flags.AddFlags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	var out, errOut bytes.Buffer
	p, err := flags.ToPrinter(&env.Env{
		IOStreams: genericiooptions.IOStreams{Out: &out, ErrOut: &errOut},
		Getenv:    func(string) string { return "" }, Terminal: terminal,
	})
	if err != nil {
		return "", "", err
	}
	err = p.Report(r, r.Coverage, func() []printer.Printable {
		return []printer.Printable{printer.Heading{Title: printer.Plain("for people → " + r.Name)}}
	})
	return out.String(), errOut.String(), err
}

func TestReport(t *testing.T) {
	gap := []snapshot.Gap{{Resource: "pods", Reason: snapshot.Forbidden}}
	tests := []struct {
		name           string
		report         *thing
		args           []string
		stdout, stderr []string
		code           int
	}{
		{"people", newThing(nil, "remark"), nil, []string{"for people → x"}, []string{"note: remark"}, 0},
		{"people, by name", newThing(nil), []string{"-o", "table"}, []string{"for people → x"}, nil, 0},
		{"a format of the command's own", newThing(nil), []string{"-o", "junit"}, []string{"for people"}, nil, 0},
		{"ascii", newThing(nil), []string{"--ascii"}, []string{`for people \u2192 x`}, nil, 0},
		{"programs find notes in the answer", newThing(nil, "remark"), []string{"-o", "json"}, []string{`"kind": "Thing"`, `"remark"`}, nil, 0},
		{"gaps are told to people", newThing(gap), nil, []string{"for people"}, []string{"pods: forbidden"}, 0},
		{"gaps are told beside JSON too", newThing(gap), []string{"-o", "json"}, []string{`"incomplete": true`, `"forbidden"`}, []string{"pods: forbidden"}, 0},
		{"incomplete", newThing(gap), []string{"--require-complete"}, []string{"for people"}, []string{"pods: forbidden"}, fault.ExitIncomplete},
		{"incomplete for programs", newThing(gap), []string{"--require-complete", "-o", "yaml"}, []string{"incomplete: true"}, nil, fault.ExitIncomplete},
		{"complete", newThing(nil), []string{"--require-complete"}, []string{"for people"}, nil, 0},
		{"template that fails", newThing(nil), []string{"-o", "go-template={{len .name.x}}"}, nil, nil, fault.ExitError},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			stdout, stderr, err := report(t, tt.report, env.Terminal{}, tt.args...)
			if got := fault.Code(err); got != tt.code {
				t.Errorf("exit code %d, want %d: %v", got, tt.code, err)
			}
			for _, want := range tt.stdout {
				if !strings.Contains(stdout, want) {
					t.Errorf("%q is not in stdout:\n%s", want, stdout)
				}
			}
			for _, want := range tt.stderr {
				if !strings.Contains(stderr, want) {
					t.Errorf("%q is not in stderr:\n%s", want, stderr)
				}
			}
			if len(tt.stderr) == 0 && tt.report.Gaps == nil && stderr != "" {
				t.Errorf("stderr: %s", stderr)
			}
		})
	}
}

// Each stream is coloured by what it is itself.
func TestColourPerStream(t *testing.T) {
	tests := []struct {
		name           string
		terminal       env.Terminal
		args           []string
		stdout, stderr bool
	}{
		{"no terminal", env.Terminal{}, nil, false, false},
		{"answer in a pipe", env.Terminal{Err: true}, nil, false, true},
		{"messages in a file", env.Terminal{Out: true}, nil, true, false},
		{"never", env.Terminal{Out: true, Err: true}, []string{"--color=never"}, false, false},
		{"always", env.Terminal{}, []string{"--color=always"}, true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			stdout, stderr, err := report(t, newThing(nil, "remark"), tt.terminal, tt.args...)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(stdout, "\x1b["); got != tt.stdout {
				t.Errorf("colour on stdout: %t, want %t: %q", got, tt.stdout, stdout)
			}
			if got := strings.Contains(stderr, "\x1b["); got != tt.stderr {
				t.Errorf("colour on stderr: %t, want %t: %q", got, tt.stderr, stderr)
			}
		})
	}
}

func TestUnknownFormatsNameTheOwnOnes(t *testing.T) {
	_, _, err := report(t, newThing(nil), env.Terminal{}, "-o", "xml")
	if fault.Code(err) != fault.ExitUsage || !strings.Contains(err.Error(), "junit") {
		t.Errorf("error %v", err)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestBrokenPipeIsAnError(t *testing.T) {
	for _, format := range []string{"", "json"} {
		flags := output.NewFlags()
		flags.Format = format
		p, err := flags.ToPrinter(&env.Env{IOStreams: genericiooptions.IOStreams{Out: broken{}, ErrOut: io.Discard}, Getenv: func(string) string { return "" }})
		if err != nil {
			t.Fatal(err)
		}
		r := newThing(nil)
		err = p.Report(r, r.Coverage, func() []printer.Printable {
			return []printer.Printable{printer.Heading{Title: printer.Plain("x")}}
		})
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("-o %q: error %v", format, err)
		}
	}
}

func TestCompletion(t *testing.T) {
	tests := []struct {
		typed     string
		want      []string
		directive cobra.ShellCompDirective
	}{
		{"", []string{"table", "wide", "junit", "json", "yaml", "jsonpath=", "go-template="}, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace},
		{"y", []string{"yaml"}, cobra.ShellCompDirectiveNoFileComp},
		{"xml", nil, cobra.ShellCompDirectiveNoFileComp},
	}
	flags := output.NewFlags("junit")
	cmd := &cobra.Command{}
	flags.AddFlags(cmd.Flags())
	flags.RegisterCompletion(cmd)
	complete, _ := cmd.GetFlagCompletionFunc("output")
	for _, tt := range tests {
		got, directive := complete(cmd, nil, tt.typed)
		if !slices.Equal(got, tt.want) || directive != tt.directive {
			t.Errorf("%q: %q with directive %d, want %q with %d", tt.typed, got, directive, tt.want, tt.directive)
		}
	}
}

package printer_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden renders an item in every style that matters and compares each rendering
// with testdata/NAME.STYLE.golden.
func golden(t *testing.T, name string, item printer.Printable) {
	t.Helper()
	styles := []struct {
		name  string
		style printer.Style
	}{
		{"pipe", printer.Style{}},
		{"80", printer.Style{Width: 80}},
		{"120", printer.Style{Width: 120}},
		{"40", printer.Style{Width: 40}},
		{"ascii", printer.Style{Width: 80, ASCII: true}},
		{"color", printer.Style{Width: 80, Color: true}},
		{"noheaders", printer.Style{NoHeaders: true}},
	}
	for _, s := range styles {
		t.Run(s.name, func(t *testing.T) {
			got := render(t, item, s.style)
			checkLines(t, got, s.style)
			file := filepath.Join("testdata", name+"."+s.name+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s differs (-want +got); if intended, run with -update:\n%s", file, diff)
			}
		})
	}
}

func render(t *testing.T, item printer.Printable, s printer.Style) string {
	t.Helper()
	var out strings.Builder
	if err := item.Print(&out, s); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// checkLines asserts what the package promises of every line in every style.
func checkLines(t *testing.T, out string, s printer.Style) {
	t.Helper()
	if out != "" && !strings.HasSuffix(out, "\n") {
		t.Errorf("output does not end in a line break: %q", out)
	}
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		plain := withoutColors(line)
		if !s.Color && plain != line {
			t.Errorf("colour without Style.Color: %q", line)
		}
		if strings.HasSuffix(plain, " ") {
			t.Errorf("line ends in a blank: %q", line)
		}
		if got := ansi.StringWidth(plain); s.Width > 0 && got > s.Width {
			t.Errorf("line has %d cells, the limit is %d: %q", got, s.Width, plain)
		}
		if r, bad := firstHostile(plain); bad {
			t.Errorf("line holds %U: %q", r, line)
		}
		for i := range len(line) {
			if s.ASCII && line[i] >= 0x80 {
				t.Fatalf("byte %#x under ASCII: %q", line[i], line)
			}
		}
	}
}

// withoutColors removes exactly the sequences that the package documents, so that
// any other escape sequence stays and is found.
func withoutColors(s string) string {
	return strings.NewReplacer(
		"\x1b[0m", "", "\x1b[1m", "", "\x1b[2m", "", "\x1b[31m", "", "\x1b[32m", "", "\x1b[33m", "",
	).Replace(s)
}

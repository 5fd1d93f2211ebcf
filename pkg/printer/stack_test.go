package printer_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

func TestStack(t *testing.T) {
	var out strings.Builder
	err := printer.Stack(&out, printer.Style{},
		printer.Tree{},
		printer.Heading{Title: printer.Plain("title")},
		&printer.Table{},
		printer.Note(printer.Plain("n")),
	)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("title\n\nnote: n\n", out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestStackPrintsNothingAfterAnError(t *testing.T) {
	broken := &printer.Matrix{Rows: []printer.MatrixRow{{Marks: []printer.Mark{printer.MarkYes}}}}
	var out strings.Builder
	err := printer.Stack(&out, printer.Style{}, printer.Note(printer.Plain("n")), broken)
	if err == nil || out.Len() > 0 {
		t.Errorf("error = %v, printed %q", err, out.String())
	}
}

var errFull = errors.New("no space left")

// countingWriter fails, or counts the calls.
type countingWriter struct {
	calls int
	err   error
}

func (w *countingWriter) Write(p []byte) (int, error) {
	w.calls++
	return len(p), w.err
}

func TestEveryPrintIsOneWriteAndReportsItsError(t *testing.T) {
	items := map[string]printer.Printable{
		"table":   whoCanTable(true),
		"matrix":  whatCanMatrix(),
		"tree":    printer.Tree{Roots: []printer.Node{node("a", node("b"))}},
		"block":   printer.Warning(printer.Plain(gapText)),
		"heading": printer.Heading{Title: printer.Plain("a"), Aside: printer.Plain("b")},
	}
	for _, name := range sortedKeys(items) {
		t.Run(name, func(t *testing.T) {
			w := &countingWriter{err: errFull}
			err := items[name].Print(w, printer.Style{Width: 80})
			if !errors.Is(err, errFull) || !strings.HasPrefix(err.Error(), "write "+name+": ") {
				t.Errorf("error = %v", err)
			}
			if w.calls != 1 {
				t.Errorf("%d writes, want 1", w.calls)
			}
			if err := printer.Stack(w, printer.Style{}, items[name]); !errors.Is(err, errFull) {
				t.Errorf("Stack: error = %v", err)
			}
		})
	}
}

func TestPrintingNothingWritesNothing(t *testing.T) {
	w := &countingWriter{err: io.ErrClosedPipe}
	for _, item := range []printer.Printable{printer.Tree{}, &printer.Table{}, &printer.Matrix{}, printer.Help()} {
		if err := printer.Stack(w, printer.Style{}, item); err != nil || w.calls > 0 {
			t.Errorf("%T: error = %v, %d writes", item, err, w.calls)
		}
	}
}

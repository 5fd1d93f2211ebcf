package output_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
)

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	w := output.NewCSV(&b, true, "from", "to")
	w.Line("x/pod/a", `a "quoted", long name`)
	w.Line("=cmd|' /C calc'!A0", "+1")
	w.Line("-1", "@SUM(A1)")
	w.Line("\t=1", "\r=1")
	w.Line("", "::/0")
	if err := w.End(); err != nil {
		t.Fatal(err)
	}
	const want = "from,to\nx/pod/a,\"a \"\"quoted\"\", long name\"\n'=cmd|' /C calc'!A0,'+1\n'-1,'@SUM(A1)\n'\t=1,\"'\r=1\"\n,::/0\n"
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
	b.Reset()
	if err := output.NewCSV(&b, false, "from", "to").End(); err != nil || b.Len() > 0 {
		t.Errorf("%q, error %v", b.String(), err)
	}
}

func TestCSVErrors(t *testing.T) {
	r, w := io.Pipe()
	r.Close()
	c := output.NewCSV(w, true, "from")
	c.Line("x")
	if c.End() == nil {
		t.Error("nothing can be written, and there is no error")
	}
}

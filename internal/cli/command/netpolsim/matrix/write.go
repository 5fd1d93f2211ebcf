package matrix

import (
	"encoding/json"
	"io"
	"iter"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// ended returns why not everything was written, if so.
func (a *answer) ended(w *listWriter) error {
	if err := a.ctx.Err(); err != nil {
		return err
	}
	return w.err
}

// listWriter writes the fields of an object; its first error stays.
type listWriter struct {
	out   io.Writer
	first bool // no comma is needed
	err   error
}

func (w *listWriter) text(s string) {
	if w.err == nil {
		_, w.err = io.WriteString(w.out, s)
	}
}

// writeList writes a field, each element on a line of its own.
func writeList[T any](w *listWriter, name string, list iter.Seq[T]) {
	if !w.first {
		w.text(",")
	}
	w.first = false
	w.text(`"` + name + `":[`)
	separator := "\n"
	var data []byte
	for element := range list {
		var err error
		data, err = marshal(element, data)
		if err != nil && w.err == nil {
			w.err = err
		}
		w.text(separator)
		if w.err == nil {
			_, w.err = w.out.Write(data)
		}
		if w.err != nil {
			return
		}
		separator = ",\n"
	}
	w.text("]")
}

// marshal is json.Marshal, but for what there may be millions of.
func marshal(element any, into []byte) ([]byte, error) {
	switch e := element.(type) {
	case *v1alpha1.ReachEdge:
		return e.AppendJSON(into[:0]), nil
	case *v1alpha1.EndpointClass:
		return e.AppendJSON(into[:0])
	default:
		return json.Marshal(element)
	}
}

// writeCSV writes a line for each pair.
func (a *answer) writeCSV(out io.Writer) error {
	w := output.NewCSV(out, !a.printer.NoHeaders(), network.PairColumns()...)
	for p := range a.pairs() {
		w.Line(network.PairCells(p)...)
	}
	if err := a.ctx.Err(); err != nil {
		return err
	}
	return w.End()
}

package matrix

import (
	"encoding/json"
	"io"
	"iter"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/output"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
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
	for element := range list {
		data, err := marshal(element)
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

// marshal is json.Marshal, and leaves alone what has been marshalled.
func marshal(element any) ([]byte, error) {
	if data, ok := element.(rawElement); ok {
		return data, nil
	}
	return json.Marshal(element)
}

// rawElement is JSON.
type rawElement []byte

// edgesOf writes edges into the same memory, one after the other.
func edgesOf(bundles []netpol.Bundle) iter.Seq[rawElement] {
	return func(yield func(rawElement) bool) {
		var maker v1alpha1.EdgeMaker
		var data []byte
		for i := range bundles {
			for _, edge := range maker.Edges(&bundles[i]) {
				data = edge.AppendJSON(data[:0])
				if !yield(data) {
					return
				}
			}
		}
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

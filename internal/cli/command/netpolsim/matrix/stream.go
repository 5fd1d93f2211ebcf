package matrix

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// pairs are those of the parties, without those that the matrix is not about.
func (a *answer) pairs() iter.Seq[v1alpha1.ReachPair] {
	return func(yield func(v1alpha1.ReachPair) bool) {
		parties := a.m.Parties(a.by)
		between := a.m.Between(parties, parties)
		for from := range parties {
			if a.ctx.Err() != nil {
				return
			}
			for _, crossing := range between.Row(from) {
				to := &parties[crossing.To]
				if a.isAbout(&parties[from], to) && !yield(v1alpha1.NewReachPair(parties[from].Name, to.Name, crossing)) {
					return
				}
			}
		}
	}
}

// isAbout reports whether the matrix is about flows between the two.
func (a *answer) isAbout(from, to *netpol.Party) bool {
	if from.Kind == netpol.ExternalEndpoint && to.Kind == netpol.ExternalEndpoint {
		return false
	}
	ns := a.matrix.Namespace
	return ns == "" || from.Namespace == ns || to.Namespace == ns
}

// fill puts everything into the report, for formats that need it as a whole.
func (a *answer) fill() {
	if a.expand {
		for pair := range a.pairs() {
			a.report.Pairs = append(a.report.Pairs, pair)
		}
		return
	}
	c := a.catalog(maxPlainEdges)
	for class := range c.all() {
		own := *class
		own.Classes = slices.Clone(class.Classes)
		a.report.Classes = append(a.report.Classes, own)
	}
	for edge := range c.edges() {
		a.report.Edges = append(a.report.Edges, *edge)
	}
}

// tail is how the report ends while its lists are empty: they are written one
// element after the other, so that the document is never held as a whole.
const tail = `"classes":[],"edges":[],"pairs":[]}`

func (a *answer) writeJSON(out io.Writer) error {
	head, err := json.Marshal(a.report)
	if err != nil {
		return err
	}
	start, ok := strings.CutSuffix(string(head), tail)
	if !ok {
		return fmt.Errorf("the report does not end with its lists: %s", head)
	}
	w := &listWriter{out: out}
	w.text(start)
	if a.expand {
		w.text(`"classes":[],"edges":[]`)
		writeList(w, "pairs", a.pairs())
		w.text("}\n")
		return a.ended(w)
	}
	c := a.catalog(maxPlainEdges)
	w.first = true
	writeList(w, "classes", c.all())
	writeList(w, "edges", c.edges())
	w.text(`,"pairs":[]}` + "\n")
	return a.ended(w)
}

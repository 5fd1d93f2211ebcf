package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// line is one way in which an assertion fails, and the grant that it rests on.
type line struct {
	what string
	via  *v1alpha1.Via // nil for what is missing
}

func (l line) String() string {
	if l.via == nil {
		return l.what
	}
	return l.what + ": " + access.ChainText(*l.via)
}

func (l line) text() printer.Text {
	if l.via == nil {
		return printer.Plain(l.what)
	}
	text := printer.Concat(printer.Plain(l.what+": "), access.Chain(*l.via))
	for i := range text {
		text[i].Short = "" // it is wrapped instead
	}
	return text
}

// failures tells why an assertion fails: how it does not hold, and with
// --strict what of it is doubtful.
func failures(a v1alpha1.Assertion, strict bool) []line {
	lines := violations(a)
	if strict {
		for _, doubt := range a.Doubts {
			lines = append(lines, line{"doubtful: " + doubt, nil})
		}
	}
	return lines
}

// remaining returns the notes that are no failures.
func remaining(a v1alpha1.Assertion, strict bool) []string {
	return slices.DeleteFunc(slices.Clone(a.Notes), func(note string) bool { return strict && slices.Contains(a.Doubts, note) })
}

// violations tells how an assertion fails: what one grant allows a subject in
// one place is one line.
func violations(a v1alpha1.Assertion) []line {
	var lines []line
	type grant struct{ who, where, chain string }
	var order []grant
	vias, queries := map[grant]v1alpha1.Via{}, map[grant][]v1alpha1.Query{}
	for _, v := range a.Violations {
		if len(v.Scopes) == 0 {
			lines = append(lines, line{v.Subject.Ref() + " cannot " + everywhere(access.Question(v.Query)), nil})
		}
		for _, scope := range v.Scopes {
			where := "cluster-wide"
			if scope.Namespace != "" {
				where = "in " + scope.Namespace
			}
			g := grant{v.Subject.Ref(), where, access.ChainText(scope.Via[0])}
			if queries[g] == nil {
				order = append(order, g)
				vias[g] = scope.Via[0]
			}
			queries[g] = append(queries[g], v.Query)
		}
	}
	for _, g := range order {
		via := vias[g]
		lines = append(lines, line{fmt.Sprintf("%s can %s %s", g.who, requests(queries[g]), g.where), &via})
	}
	for _, n := range a.ByName {
		lines = append(lines, line{fmt.Sprintf("%s can for some names: %s", n.Ref(), strings.Join(n.ResourceNames, ", ")), nil})
	}
	return lines
}

// everywhere words a question without namespace so that it is true of types
// that are in one too.
func everywhere(question string) string {
	if what, ok := strings.CutSuffix(question, " (cluster-scoped)"); ok {
		return what + " in the whole cluster"
	}
	return question
}

// requests words questions without their place, the verbs about one thing
// together: "get, list secrets; get configmaps".
func requests(queries []v1alpha1.Query) string {
	var things []string
	verbs := map[string][]string{}
	for _, q := range queries {
		verb := q.Verb
		q.Verb, q.Namespace, q.AllNamespaces = "", "", false
		thing, _ := strings.CutSuffix(access.Question(q), " (cluster-scoped)")
		if verbs[thing] == nil {
			things = append(things, thing)
		}
		if !slices.Contains(verbs[thing], verb) {
			verbs[thing] = append(verbs[thing], verb)
		}
	}
	for i, thing := range things {
		things[i] = strings.Join(verbs[thing], ", ") + thing // which begins with a blank
	}
	return strings.Join(things, "; ")
}

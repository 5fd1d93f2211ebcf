package check

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// The JUnit XML that CI systems read.
type (
	testSuites struct {
		XMLName  xml.Name  `xml:"testsuites"`
		Tests    int       `xml:"tests,attr"`
		Failures int       `xml:"failures,attr"`
		Suite    testSuite `xml:"testsuite"`
	}
	testSuite struct {
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Cases    []testCase `xml:"testcase"`
	}
	testCase struct {
		Name    string   `xml:"name,attr"`
		Class   string   `xml:"classname,attr"`
		File    string   `xml:"file,attr"`
		Line    int      `xml:"line,attr"`
		Failure *failure `xml:"failure,omitempty"`
		Out     string   `xml:"system-out,omitempty"`
	}
	failure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func writeJUnit(w io.Writer, r *v1alpha1.CheckReport) error {
	suite := testSuite{Name: "who-can check", Tests: len(r.Assertions), Failures: r.Failed}
	for _, a := range r.Assertions {
		c := testCase{Name: a.Text, Class: "kubectl-secure", File: a.File, Line: a.Line}
		if !a.Passed {
			c.Failure = &failure{Message: a.Why, Text: strings.Join(violations(a), "\n")}
		}
		if a.Unproven {
			c.Out = "unproven: parts of the cluster could not be read"
		}
		suite.Cases = append(suite.Cases, c)
	}
	data, err := xml.MarshalIndent(testSuites{Tests: suite.Tests, Failures: suite.Failures, Suite: suite}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode JUnit: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, data)
	return err
}

// violations tells in a line each how an assertion fails.
func violations(a v1alpha1.Assertion) []string {
	var lines []string
	for _, v := range a.Violations {
		if len(v.Scopes) == 0 {
			lines = append(lines, v.Subject.Ref()+" cannot "+access.Question(v.Query))
			continue
		}
		for _, scope := range v.Scopes {
			via := scope.Via[0]
			lines = append(lines, fmt.Sprintf("%s can %s, scope %s: %s", v.Subject.Ref(), access.Question(v.Query), access.ScopeName(scope.Namespace), access.ChainText(via)))
		}
	}
	return lines
}

// view shows the outcomes, failures with their reasons below.
func view(r *v1alpha1.CheckReport) []printer.Printable {
	table := &printer.Table{Columns: []printer.Column{{Name: "result"}, {Name: "assertion", Shrink: 1}}}
	for _, a := range r.Assertions {
		result := printer.Concat(printer.Sign(printer.RoleGood, printer.GlyphYes), printer.Plain(" pass"))
		if !a.Passed {
			result = printer.Concat(printer.Sign(printer.RoleBad, printer.GlyphNo), printer.Styled(printer.RoleBad, " FAIL"))
		}
		if a.Unproven {
			result = printer.Concat(result, printer.Styled(printer.RoleWarn, ", unproven"))
		}
		table.Add(result, printer.Plain(a.Text))
		row := &table.Rows[len(table.Rows)-1]
		for _, line := range violations(a) {
			row.Children = append(row.Children, printer.Node{Label: printer.Plain(line)})
		}
		for _, n := range a.ByName {
			row.Children = append(row.Children, printer.Node{Label: printer.Styled(printer.RoleDim,
				fmt.Sprintf("not counted, since the assertion names no object: %s can for %s", n.Ref(), strings.Join(n.ResourceNames, ", ")))})
		}
		if a.Why != "" && !a.Passed {
			row.Children = append(row.Children, printer.Node{Label: printer.Styled(printer.RoleDim, "why: "+a.Why)})
		}
	}
	summary := fmt.Sprintf("%d passed, %d failed", r.Passed, r.Failed)
	if r.Unproven > 0 {
		summary += fmt.Sprintf(", %d of them unproven", r.Unproven)
	}
	return []printer.Printable{table, printer.Heading{Title: printer.Plain(summary)}}
}

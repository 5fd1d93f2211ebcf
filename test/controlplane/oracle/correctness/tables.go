package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// whocan are the numbers of TestWhoCan.
type whocan struct {
	Counts struct {
		Clusters, Questions, Everywhere, Verdicts, Allowed, Chains, Locator int
	} `json:"counts"`
	Differ   int            `json:"differ"`
	Features map[string]int `json:"features"`
	Reasons  map[string]int `json:"reasons"`
}

// oracleTable says what was compared with what, and how often.
func oracleTable(dir string) (string, error) {
	var w whocan
	var plan struct{ Requests, Apply, URLs int }
	var aggregation struct{ Graphs, Roles, Nested, Rules int }
	for file, into := range map[string]any{"whocan.json": &w, "plan.json": &plan, "aggregation.json": &aggregation} {
		if err := read(dir, file, into); err != nil {
			return "", err
		}
	}
	c := w.Counts
	rows := [][3]string{
		{
			"who-can: who, where and why", "RBAC authorizer behind that of `system:masters`",
			fmt.Sprintf("%s clusters, %s questions (%s with `-A`), %s verdicts (%d %% allowed), %s chains binding → rule",
				group(c.Clusters), group(c.Questions), group(c.Everywhere), group(c.Verdicts), 100*c.Allowed/max(c.Verdicts, 1), group(c.Chains)),
		},
		{"who-can: subjects named themselves", "`SubjectAccessEvaluator.AllowedSubjects`", group(c.Locator) + " answers"},
		{
			"from words to a request", "request parser of the API server",
			fmt.Sprintf("%s HTTP requests (%s for URLs, %s second checks of apply)", group(plan.Requests), group(plan.URLs), group(plan.Apply)),
		},
		{
			"aggregated ClusterRoles", "controller clusterrole-aggregation",
			fmt.Sprintf("%s graphs, %s aggregated roles (%s selectors of other aggregated ones), %s rules", group(aggregation.Graphs), group(aggregation.Roles), group(aggregation.Nested), group(aggregation.Rules)),
		},
	}
	var out strings.Builder
	out.WriteString("| ours | compared with | how much | differ |\n|---|---|---|---|\n")
	for _, row := range rows {
		fmt.Fprintf(&out, "| %s | %s | %s | %d |\n", row[0], row[1], row[2], w.Differ)
	}
	return out.String(), nil
}

// mixTable lists how often each feature was there and was the reason.
func mixTable(dir string) (string, error) {
	var w whocan
	if err := read(dir, "whocan.json", &w); err != nil {
		return "", err
	}
	var out strings.Builder
	for _, part := range []struct {
		title  string
		counts map[string]int
	}{{"In the clusters", w.Features}, {"The reason of an answer", w.Reasons}} {
		var words []string
		for _, feature := range slices.Sorted(maps.Keys(part.counts)) {
			words = append(words, fmt.Sprintf("%s %s", code(feature), group(part.counts[feature])))
		}
		fmt.Fprintf(&out, "%s: %s.\n\n", part.title, strings.Join(words, ", "))
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}

// code sets a feature in code type where Markdown would take it for something
// else.
func code(feature string) string {
	if strings.ContainsAny(feature, "*\"") {
		return "`` " + feature + " ``"
	}
	return feature
}

// mutantTable lists the faults and what caught each.
func mutantTable(dir string) (string, error) {
	var mutants []struct{ Name, File, By string }
	if err := read(dir, "mutants.json", &mutants); err != nil {
		return "", err
	}
	caught := map[string]int{}
	var rows strings.Builder
	for _, m := range mutants {
		caught[m.By]++
		fmt.Fprintf(&rows, "| `` %s `` | %s | %s |\n", m.Name, m.File, m.By)
	}
	return fmt.Sprintf("%d faults: %d caught by the oracle, %d by the unit tests alone, %d survived.\n\n| fault | in | caught by |\n|---|---|---|\n%s",
		len(mutants), caught["oracle"], caught["unit tests"], caught[""], rows.String()), nil
}

// group writes 1234567 as 1,234,567.
func group(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

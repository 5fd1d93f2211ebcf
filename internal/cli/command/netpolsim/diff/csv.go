package diff

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// writeCSV writes a line for each change, pair of groups and range of ports,
// and one for each observed flow that is not kept.
func writeCSV(w io.Writer, r *v1alpha1.FlowDiffReport) error {
	out := csv.NewWriter(w)
	write := func(cells ...string) {
		for i := range cells {
			cells[i] = inert(cells[i])
		}
		_ = out.Write(cells) // the writer keeps its first error
	}
	write("change", "from", "to", "ports", "before", "after", "because")
	for _, l := range rows(r) {
		for _, from := range l.from {
			for _, to := range l.to {
				for _, ports := range l.ports {
					write(l.change, groupName(from, true), groupName(to, true), ports, l.before, l.after, strings.Join(l.causes, "; "))
				}
			}
		}
	}
	if r.Observed != nil {
		for _, f := range r.Observed.Results {
			write("Observed"+f.Outcome, f.From, f.To, f.Port, f.Before, f.After, strings.Join(reasons(f), "; "))
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// inert keeps spreadsheets from taking a cell for a formula.
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

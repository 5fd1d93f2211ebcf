package network

import (
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// PairColumns are the columns of what passes between two, as PairCells are
// their cells.
func PairColumns() []string { return []string{"from", "to", "reach", "allowed", "partly", "undefined"} }

// PairCells describes a pair.
func PairCells(p v1alpha1.ReachPair) []string {
	return []string{p.From, p.To, p.Reach, strings.Join(p.Allowed, " "), strings.Join(p.Partly, " "), strings.Join(p.Undefined, " ")}
}

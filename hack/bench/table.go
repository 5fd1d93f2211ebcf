package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// The lines between which the document holds the table.
const (
	tableBegin = "<!-- measured: make bench writes this table -->"
	tableEnd   = "<!-- end of the table -->"
)

// renderTable writes the figures as a Markdown table that is also readable
// as it stands.
func renderTable(figures []figure) string {
	rows := [][]string{{"Promise", "Budget", "Median", "Best", "Runs"}}
	for _, f := range figures {
		text := f.text
		if !f.kept() {
			text += " **(missed)**"
		}
		rows = append(rows, []string{
			text, "≤ " + formatBudget(f.limit, f.unit), formatValue(median(f.values), f.unit),
			formatValue(slices.Min(f.values), f.unit), fmt.Sprint(len(f.values)),
		})
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	var out strings.Builder
	for n, row := range rows {
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-len([]rune(cell)))
			if i == 0 {
				out.WriteString("| " + cell + pad)
				continue
			}
			out.WriteString(" | " + pad + cell) // numbers to the right
		}
		out.WriteString(" |\n")
		if n > 0 {
			continue
		}
		for i, width := range widths {
			mark := ":"
			if i == 0 {
				mark = "-"
			}
			out.WriteString("|" + strings.Repeat("-", width+1) + mark)
		}
		out.WriteString("|\n")
	}
	return out.String()
}

func formatBudget(limit float64, unit string) string {
	if unit == "×" {
		return fmt.Sprintf("%.1f ×", limit)
	}
	return fmt.Sprintf("%.0f %s", limit, unit)
}

// formatValue keeps two digits that mean something, and no more of large
// numbers than the machine can repeat.
func formatValue(value float64, unit string) string {
	switch {
	case value < 10:
		return fmt.Sprintf("%.2f %s", value, unit)
	case value < 100:
		return fmt.Sprintf("%.1f %s", value, unit)
	default:
		return fmt.Sprintf("%.0f %s", value, unit)
	}
}

// updateDocument replaces the table in the file.
func updateDocument(name, table string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("write the measurements: %w", err)
	}
	changed, err := replaceTable(data, table)
	if err != nil {
		return fmt.Errorf("write the measurements to %s: %w", name, err)
	}
	if err := os.WriteFile(name, changed, 0o644); err != nil {
		return fmt.Errorf("write the measurements: %w", err)
	}
	return nil
}

func replaceTable(data []byte, table string) ([]byte, error) {
	before, rest, ok := bytes.Cut(data, []byte(tableBegin+"\n"))
	_, after, ended := bytes.Cut(rest, []byte(tableEnd+"\n"))
	if !ok || !ended {
		return nil, errors.New("it has no place for the table: the two comment lines are missing")
	}
	return slices.Concat(before, []byte(tableBegin+"\n"+table+tableEnd+"\n"), after), nil
}

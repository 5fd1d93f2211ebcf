package findings

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/finding"
)

// FormatSARIF is the name of the output format that WriteSARIF writes.
const FormatSARIF = "sarif"

// Rule describes a check in SARIF.
type Rule struct {
	ID, Summary string
	Severity    finding.Severity
}

// The parts of SARIF 2.1.0 that code scanning reads.
// Source: docs.oasis-open.org/sarif/sarif/v2.1.0.
type (
	sarifLog struct {
		Version string     `json:"version"`
		Schema  string     `json:"$schema"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Results     []sarifResult     `json:"results"`
		Invocations []sarifInvocation `json:"invocations"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string         `json:"id"`
		ShortDescription sarifText      `json:"shortDescription"`
		Configuration    sarifLevel     `json:"defaultConfiguration"`
		Properties       map[string]any `json:"properties"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifSuppression struct {
		Kind string `json:"kind"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
		Kind               string `json:"kind"`
	}
	sarifInvocation struct {
		ExecutionSuccessful bool          `json:"executionSuccessful"`
		Notifications       []sarifNotice `json:"toolExecutionNotifications"`
	}
	sarifNotice struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
)

// Log is what a command writes as SARIF.
type Log struct {
	Version        string // of the program
	Rules          []Rule
	Found, Ignored []finding.Finding
	Notes          []string // on what could not be checked
}

// WriteSARIF writes findings for code scanning: those that an annotation
// silences as suppressed ones.
func WriteSARIF(w io.Writer, l Log) error {
	run := sarifRun{
		Tool: sarifTool{sarifDriver{
			Name: "kubectl-secure", Version: l.Version, InformationURI: "https://github.com/kubectl-secure/kubectl-secure", Rules: []sarifRule{},
		}},
		Results: []sarifResult{}, Invocations: []sarifInvocation{{ExecutionSuccessful: true, Notifications: []sarifNotice{}}},
	}
	for _, r := range l.Rules {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: r.ID, ShortDescription: sarifText{r.Summary}, Configuration: sarifLevel{level(r.Severity)},
			Properties: map[string]any{"security-severity": score(r.Severity)},
		})
	}
	for _, f := range l.Found {
		run.Results = append(run.Results, result(f))
	}
	for _, f := range l.Ignored {
		r := result(f)
		r.Suppressions = []sarifSuppression{{"inSource"}}
		run.Results = append(run.Results, r)
	}
	for _, note := range l.Notes {
		run.Invocations[0].Notifications = append(run.Invocations[0].Notifications, sarifNotice{"note", sarifText{note}})
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(sarifLog{Version: "2.1.0", Schema: "https://json.schemastore.org/sarif-2.1.0.json", Runs: []sarifRun{run}}); err != nil {
		return fmt.Errorf("write SARIF: %w", err)
	}
	return nil
}

func result(f finding.Finding) sarifResult {
	text := f.Object.String()
	if f.Path != "" {
		text += " " + f.Path
	}
	text += ": " + f.Message
	if f.Remedy != "" {
		text += ". Remedy: " + f.Remedy
	}
	name := strings.Trim(f.Object.Namespace+"/"+f.Object.Kind+"/"+f.Object.Name, "/")
	where := sarifLocation{Logical: []sarifLogical{{name, "resource"}}}
	if f.File != "" && f.File != "-" {
		where.Physical = &sarifPhysical{sarifArtifact{(&url.URL{Path: filepath.ToSlash(f.File)}).String()}, sarifRegion{max(f.Line, 1)}}
	}
	return sarifResult{
		RuleID: f.ID, Level: level(f.Severity), Message: sarifText{text}, Locations: []sarifLocation{where},
		Fingerprints: map[string]string{"kubectlSecure/v1": f.Fingerprint},
	}
}

func level(s finding.Severity) string {
	switch s {
	case finding.Critical, finding.High:
		return "error"
	case finding.Medium:
		return "warning"
	default:
		return "note"
	}
}

// score is GitHub's: over 9 is critical, from 7 high, from 4 medium.
func score(s finding.Severity) string {
	return map[finding.Severity]string{finding.Critical: "9.5", finding.High: "8.0", finding.Medium: "5.0", finding.Low: "2.0", finding.Info: "0.0"}[s]
}

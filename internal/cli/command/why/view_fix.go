package why

import (
	"fmt"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// change shows the smallest change that would allow it.
func (v *view) change() []printer.Printable {
	if v.differs() {
		return nil // the answer says it
	}
	if v.noFix != nil {
		return []printer.Printable{printer.Note(printer.Plain("no change is proposed: " + v.noFix.Error()))}
	}
	fix := v.report.Fix
	text, err := fixText(fix)
	if err != nil {
		return []printer.Printable{printer.Warning(printer.Plain(err.Error()))}
	}
	// No label, so that the manifest stands at the margin, ready to copy.
	block := printer.Block{}
	for line := range strings.Lines(text) {
		block = block.Verbatim(printer.Plain(strings.TrimSuffix(line, "\n")))
	}
	items := []printer.Printable{sentence(fixWords(fix)), block}
	items = append(items, printer.Help(printer.Plain(v.fixHint())))
	if roles := v.roleNames(); roles != "" && fix.Kind != string(rbac.FixBindExisting) {
		items = append(items, printer.Note(printer.Plain("roles that exist would allow it too, and more than it: "+roles)))
	}
	for _, remark := range fix.Remarks {
		items = append(items, printer.Note(printer.Plain(remark)))
	}
	return items
}

// fixHint tells how to get the manifest. It speaks of applying it only where
// it is for the cluster that kubectl would change.
func (v *view) fixHint() string {
	const hint = "-o fix prints this change alone, as a manifest"
	if v.report.Source.Kind != snapshot.FromServer {
		return hint
	}
	return hint + " for kubectl apply -f -"
}

// fixText is the manifest, or of a role that is extended only the rule.
func fixText(fix *v1alpha1.Fix) (string, error) {
	if fix.Kind == string(rbac.FixExtendRole) {
		data, err := yaml.Marshal([]rbacv1.PolicyRule{fix.Rule})
		return string(data), err
	}
	data, err := manifest(fix)
	return string(data), err
}

// sentence is a heading that is wrapped and never cut.
func sentence(text string) printer.Block {
	return printer.Block{Paragraphs: []printer.Paragraph{{Text: printer.Styled(printer.RoleHeading, text)}}}
}

func fixWords(fix *v1alpha1.Fix) string {
	last := fix.Objects[len(fix.Objects)-1]
	kind := last.GetObjectKind().GroupVersionKind().Kind
	switch rbac.FixKind(fix.Kind) {
	case rbac.FixExtendRole:
		return fmt.Sprintf("To allow it, add this rule to %s %s, which nobody else has:", kind, last.GetName())
	case rbac.FixBindExisting:
		return "To allow it, bind a role that exists and gives nothing more:"
	default:
		return "To allow exactly this:"
	}
}

package permissions

import (
	"context"
	"fmt"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/requires"
	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Run answers the question.
func (o *Options) Run(ctx context.Context) error {
	permissions := requires.Permissions(o.commands)
	manifest, err := requires.ManifestYAML(o.roleName(), permissions)
	if err != nil {
		return err
	}
	if o.printer.Format() == "yaml" {
		// What follows on a pipe applies it: nothing else is of use there.
		if _, err := o.env.Out.Write(manifest); err != nil {
			return fmt.Errorf("print the role: %w", err)
		}
		return o.printer.Hints(secretsNote(permissions)...)
	}
	report := o.report(permissions)
	if err := o.check(ctx, report); err != nil {
		return err
	}
	for _, p := range report.Permissions {
		switch {
		case p.Allowed == nil:
			report.Unchecked++
		case !*p.Allowed:
			report.Missing++
		}
	}
	return o.printer.Report(report, report.Coverage, func() []printer.Printable {
		return o.render(report, string(manifest))
	})
}

// roleName is the name of the ClusterRole for the commands.
func (o *Options) roleName() string {
	if o.name == "" {
		return "kubectl-secure"
	}
	return "kubectl-secure-" + strings.ReplaceAll(o.name, " ", "-")
}

func (o *Options) report(permissions []requires.Permission) *v1alpha1.PermissionsReport {
	r := &v1alpha1.PermissionsReport{
		Meta:        v1alpha1.NewMeta("PermissionsReport"),
		Commands:    []string{},
		Coverage:    v1alpha1.Coverage{Gaps: []snapshot.Gap{}, Notes: []string{}, Source: v1alpha1.Source{Kind: snapshot.FromServer, CoverageKnown: true}},
		Permissions: make([]v1alpha1.RequiredPermission, 0, len(permissions)),
		ClusterRole: requires.ClusterRole(o.roleName(), permissions),
	}
	for _, c := range o.commands {
		r.Commands = append(r.Commands, c.Name)
	}
	types := apiresource.NewCatalog()
	for _, section := range requires.Sections(permissions) {
		for _, p := range section.Permissions {
			o.purposes = append(o.purposes, section.Purpose)
			r.Permissions = append(r.Permissions, v1alpha1.RequiredPermission{
				Verb: p.Verb, APIGroup: p.APIGroup, Resource: p.Resource, Name: p.Name, NonResourceURL: p.URL,
				Namespace: place(p, o.namespace, types), Optional: p.Optional, For: p.For,
			})
		}
	}
	if readsSecrets(permissions) {
		r.Notes = append(r.Notes, secretsText)
	}
	return r
}

// check asks the API server where there is one. That none can be reached is
// no error: the role is an answer without it.
func (o *Options) check(ctx context.Context, r *v1alpha1.PermissionsReport) error {
	if !o.source.Live() {
		r.Source.Kind = snapshot.FromFiles
		r.Notes = append(r.Notes, "not checked: no cluster was asked")
		return nil
	}
	config, err := o.source.RESTConfig()
	if err == nil {
		err = check(ctx, config, r.Permissions)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		r.Incomplete = true
		r.Notes = append(r.Notes, "not checked, the API server could not be asked: "+err.Error())
		for i := range r.Permissions {
			r.Permissions[i].Allowed, r.Permissions[i].Reason = nil, ""
		}
		return nil
	}
	r.Checked = true
	for _, p := range r.Permissions {
		if p.Allowed == nil {
			r.Incomplete = true
			r.Notes = append(r.Notes, "what is marked with a question mark could not be checked: "+p.Reason)
			break
		}
	}
	return nil
}

const secretsText = //nolint:gosec // a sentence about secrets
"RBAC cannot allow the names of Secrets without their values. This program asks for metadata only; without the rule for secrets a snapshot says that they are missing"

func readsSecrets(permissions []requires.Permission) bool {
	for _, p := range permissions {
		if p.APIGroup == "" && p.Resource == "secrets" {
			return true
		}
	}
	return false
}

func secretsNote(permissions []requires.Permission) []printer.Printable {
	if !readsSecrets(permissions) {
		return nil
	}
	return []printer.Printable{printer.Note(printer.Plain(secretsText))}
}

func (o *Options) render(r *v1alpha1.PermissionsReport, manifest string) []printer.Printable {
	what := "all commands need"
	if o.name != "" {
		what = o.env.Name + " " + o.name + " needs"
	}
	aside := fmt.Sprintf("%s, %s", permissionCount(len(r.Permissions)), checkedWords(r))
	table := &printer.Table{Columns: []printer.Column{
		{Name: "you"}, {Name: "permission", Role: printer.RoleName, Shrink: 1, Cut: printer.CutMiddle}, {Name: "scope"},
	}}
	purpose := ""
	for i, p := range r.Permissions {
		if now := o.purposes[i]; now != purpose {
			purpose = now
			table.AddGroup(printer.Plain(purpose))
		}
		table.Add(you(p), printer.Plain(words(p)), printer.Plain(access.ScopeName(p.Namespace)))
	}
	return []printer.Printable{
		printer.Heading{Title: printer.Plain("What " + what), Aside: printer.Plain(aside)},
		table,
		printer.Heading{Title: printer.Plain("A ClusterRole for all of this"), Aside: printer.Plain("comments say what each rule is for; -o yaml prints it alone")},
		verbatim(manifest),
	}
}

func permissionCount(n int) string {
	if n == 1 {
		return "1 permission"
	}
	return fmt.Sprintf("%d permissions", n)
}

// checkedWords sums up the answers of the API server, as far as it gave any.
func checkedWords(r *v1alpha1.PermissionsReport) string {
	switch unchecked := r.Unchecked; {
	case !r.Checked:
		return "not checked"
	case unchecked == len(r.Permissions):
		return "none could be checked"
	case unchecked > 0:
		return fmt.Sprintf("you lack %d, %d could not be checked", r.Missing, unchecked)
	default:
		return fmt.Sprintf("you lack %d", r.Missing)
	}
}

// you is the cell that says whether the caller has the permission.
func you(p v1alpha1.RequiredPermission) printer.Text {
	switch {
	case p.Allowed == nil:
		return printer.Sign(printer.RoleWarn, printer.GlyphUnknown)
	case *p.Allowed:
		return printer.Concat(printer.Sign(printer.RoleGood, printer.GlyphYes), printer.Plain(" yes"))
	default:
		return printer.Concat(printer.Sign(printer.RoleBad, printer.GlyphNo), printer.Plain(" no"))
	}
}

// words names the permission.
func words(p v1alpha1.RequiredPermission) string {
	if p.NonResourceURL != "" {
		return p.Verb + " " + p.NonResourceURL
	}
	text := p.Verb + " " + rbac.TypeName(p.APIGroup, p.Resource)
	if p.Name != "" {
		text += "/" + p.Name
	}
	return text
}

func verbatim(text string) printer.Block {
	var b printer.Block
	for line := range strings.Lines(text) {
		b = b.Verbatim(printer.Plain(strings.TrimSuffix(line, "\n")))
	}
	return b
}

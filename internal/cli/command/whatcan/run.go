package whatcan

import (
	"context"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// Run answers the question.
func (o *Options) Run(ctx context.Context) error {
	needs := append(access.WideNeeds(o.namespace), access.SubjectNeeds(o.who)...)
	index, inputNotes, err := access.Load(ctx, o.source, needs, o.groupsFile)
	if err != nil {
		return err
	}
	id, err := access.Identify(ctx, o.source, index.Snapshot(), o.who, o.groups)
	if err != nil {
		return err
	}
	permissions := index.WhatCan(id)
	v := &view{
		permissions: permissions, types: index.Snapshot().Catalog(), wide: o.printer.Wide(),
		noHeaders: o.printer.NoHeaders(), namespace: o.namespace, allNamespaces: o.allNamespaces,
	}
	v.collect()
	unknown := o.unknown(index, permissions.Subject)
	report := o.report(index, permissions, v, slices.Concat(unknown, o.notes(index, permissions, v), inputNotes, access.NamespaceNotes(index.Snapshot(), o.namespace)))
	v.report = report
	coverage := report.Coverage
	if !o.printer.Machine() && !o.printer.NoHeaders() {
		v.unknown = unknown // said at once, not after all the rows
		coverage.Notes = coverage.Notes[len(unknown):]
	}
	if err := o.printer.Report(report, coverage, v.render); err != nil {
		return err
	}
	if len(v.counting) == 0 && !o.printer.Machine() {
		return o.printer.Hints(printer.Note(printer.Plain(nothing(index, report))))
	}
	return nil
}

func (o *Options) report(x *rbac.Index, p *rbac.Permissions, v *view, notes []string) *v1alpha1.WhatCanReport {
	r := &v1alpha1.WhatCanReport{
		Meta:          v1alpha1.NewMeta("WhatCanReport"),
		Subject:       v1alpha1.NewSubject(p.Subject),
		Groups:        v1alpha1.NewSubjectGroups(p.Groups),
		Namespace:     o.namespace,
		AllNamespaces: o.allNamespaces,
		Coverage:      v1alpha1.NewCoverage(x.Snapshot(), slices.Concat(x.RelevantGaps(o.namespace), x.AbsentRoles(o.dangling(p)), x.UnsettledOf(rbac.Identity{Subject: p.Subject, Groups: o.groups}, o.namespace)), notes),
		Scopes:        v1alpha1.NewRuleScopes(v.counting, v.types),
	}
	if o.who.Pod != (rbac.PodName{}) {
		r.Pod = &v1alpha1.PodRef{Namespace: o.who.Pod.Namespace, Name: o.who.Pod.Name}
	}
	return r
}

// nothing says what was searched in vain.
func nothing(x *rbac.Index, r *v1alpha1.WhatCanReport) string {
	where := "anywhere"
	if !r.AllNamespaces {
		where = "in namespace " + r.Namespace
	}
	read := fmt.Sprintf("%s and %s read", count(len(x.Roles()), "role"), count(len(x.Bindings()), "binding"))
	if r.Incomplete {
		return fmt.Sprintf("nothing that could be read allows %s anything %s (%s)", r.Subject.Ref(), where, read)
	}
	return fmt.Sprintf("RBAC allows %s nothing %s (%s)", r.Subject.Ref(), where, read)
}

// unknown tells that nothing in the input knows the subject.
func (o *Options) unknown(x *rbac.Index, subject rbac.Subject) []string {
	if len(x.RelevantGaps(o.namespace)) > 0 && len(x.Bindings()) == 0 && len(x.Roles()) == 0 {
		return []string{"nothing could be read, neither roles nor bindings: this is only what holds in every cluster"}
	}
	binding := access.NoBinding(x, o.namespace)
	switch exists, known := x.Exists(subject); {
	case subject.Kind == rbacv1.ServiceAccountKind && !exists && known:
		return []string{fmt.Sprintf("there is no ServiceAccount %s in namespace %s: whoever may create it gets this", subject.Name, subject.Namespace)}
	case subject.Kind == rbacv1.UserKind && !x.Known(subject):
		return []string{fmt.Sprintf("%s names the user %s: this is what groups allow", binding, subject.Name)}
	case subject.Kind == rbacv1.GroupKind && !x.Known(subject):
		return []string{fmt.Sprintf("%s names the group %s", binding, subject.Name)}
	default:
		return nil
	}
}

// notes are remarks on the answer: what it cannot know, and what else decides.
func (o *Options) notes(x *rbac.Index, p *rbac.Permissions, v *view) []string {
	var notes []string
	subject := p.Subject
	if subject.Kind == rbacv1.GroupKind && subject.Name != rbac.GroupMasters && x.Known(subject) {
		notes = append(notes, "the group is shown alone: its members may be allowed more, by name or through other groups")
	}
	if subject.Kind == rbacv1.UserKind && subject.Name != rbac.UserAnonymous && len(o.groups) == 0 && !o.who.Me {
		notes = append(notes, "groups of a user come with its token or certificate: name those that are not known here with --group")
	}
	if o.who.Me && len(x.RelevantGaps(o.namespace)) > 0 {
		notes = append(notes, "what could not be read may allow you more: the API server tells it with kubectl auth can-i --list"+inNamespace(o.namespace))
	}
	if slices.ContainsFunc(p.Groups, func(g rbac.InGroup) bool { return g.Name == rbac.GroupNodes }) {
		notes = append(notes, "for kubelets the Node authorizer decides beside RBAC: it may allow what belongs to the pods of its node")
	}
	notes = append(notes, o.elsewhere(x, p)...)
	notes = append(notes, access.DanglingNotes(x, o.dangling(p))...)
	notes = append(notes, v.partialNotes()...)
	version := o.source.ServerVersion(x.Snapshot())
	notes = append(notes, v.secondNotes(version)...)
	return append(notes, rbac.ChainNotes(version)...)
}

// inNamespace is the flag of kubectl that names the namespace.
func inNamespace(namespace string) string {
	if namespace == "" {
		return ""
	}
	return " -n " + namespace
}

// elsewhere tells of other namespaces.
func (o *Options) elsewhere(x *rbac.Index, p *rbac.Permissions) []string {
	if o.allNamespaces {
		return nil
	}
	if x.OthersUnread(o.namespace) {
		return []string{"RoleBindings of other namespaces could not be read: more may be allowed there"}
	}
	others := slices.DeleteFunc(p.Namespaces(), func(ns string) bool { return ns == o.namespace })
	switch len(others) {
	case 0:
		return nil
	case 1:
		return []string{"more is allowed in namespace " + others[0] + " (--all-namespaces)"}
	default:
		return []string{fmt.Sprintf("more is allowed in %d other namespaces (--all-namespaces)", len(others))}
	}
}

// dangling are the bindings without role of the namespaces that are shown.
func (o *Options) dangling(p *rbac.Permissions) []*rbac.Binding {
	return slices.DeleteFunc(p.Dangling, func(b *rbac.Binding) bool {
		return !o.allNamespaces && b.Namespace != "" && b.Namespace != o.namespace
	})
}

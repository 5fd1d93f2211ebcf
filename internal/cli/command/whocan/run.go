package whocan

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Run answers the question.
func (o *Options) Run(ctx context.Context) error {
	plan := o.question.Plan()
	needs := access.NeedsFor(plan)
	if o.printer.Wide() {
		needs = append(needs, access.PodNeed())
	}
	index, notes, err := access.LoadFor(ctx, o.source, plan, needs, o.groupsFile)
	if err != nil {
		return err
	}
	report := o.report(index, plan, notes)
	if o.verifier != nil {
		if err := o.verifier.check(ctx, index, plan, report); err != nil {
			return err
		}
	}
	v := &view{report: report, index: index, expand: o.expand, wide: o.printer.Wide(), bare: o.printer.NoHeaders()}
	for _, check := range rbac.SecondChecks(plan.Request, o.source.ServerVersion(index.Snapshot())) {
		v.lacks = "lacks " + check.Request.Verb
	}
	return o.printer.Report(report, report.Coverage, func() []printer.Printable { return v.render() })
}

// report answers from a loaded snapshot.
func (o *Options) report(x *rbac.Index, plan rbac.Plan, inputNotes []string) *v1alpha1.WhoCanReport {
	answer := x.WhoCan(plan.Request, plan.Anywhere)
	version := o.source.ServerVersion(x.Snapshot())
	second, secondGeneral := x.SecondNotes(answer, rbac.SecondChecks(plan.Request, version), plan.Anywhere)
	pods := podsByAccount(x.Snapshot())
	notes := slices.Concat(o.question.VerbNotes(), plan.Notes, rbac.RelatedNotes(plan.Request, version), inputNotes)
	notes = append(notes, access.NamespaceNotes(x.Snapshot(), plan.Request.Namespace)...)
	notes = append(notes, secondGeneral...)
	notes = append(notes, access.DanglingNotes(x, dangling(x, plan))...)
	notes = append(notes, rbac.ChainNotes(version)...)
	r := &v1alpha1.WhoCanReport{
		Meta:     v1alpha1.NewMeta("WhoCanReport"),
		Query:    v1alpha1.NewQuery(plan),
		Coverage: v1alpha1.NewCoverage(x.Snapshot(), slices.Concat(x.GapsFor(plan), x.AbsentRoles(dangling(x, plan)), x.UnsettledFor(plan)), notes),
		Subjects: make([]v1alpha1.SubjectAccess, 0, len(answer)),
		ByName:   v1alpha1.NewNamedAccess(x.NamedOnly(plan.Request, plan.Anywhere)),
	}
	for i, a := range answer {
		entry := v1alpha1.SubjectAccess{
			Subject: v1alpha1.NewSubject(a.Subject),
			Scopes:  v1alpha1.NewScopes(a.Scopes),
			Notes:   second[i],
			Pods:    pods[a.Subject],
		}
		if a.Subject.Kind == "Group" {
			_, wholly := rbac.FilledByKubernetes(a.Subject.Name)
			entry.MembersUnknown = !wholly
			for _, member := range x.Members(a.Subject.Name) {
				entry.Members = append(entry.Members, v1alpha1.NewSubject(member))
			}
		}
		r.Subjects = append(r.Subjects, entry)
	}
	return r
}

// podsByAccount lists the pods of the snapshot by the service account that
// they run as; a pod that names none runs as "default".
func podsByAccount(s *snapshot.Snapshot) map[rbac.Subject][]v1alpha1.PodRef {
	pods := map[rbac.Subject][]v1alpha1.PodRef{}
	for pod := range snapshot.Each[corev1.Pod](s) {
		account := pod.Spec.ServiceAccountName
		if account == "" {
			account = "default"
		}
		subject := rbac.ServiceAccount(pod.Namespace, account)
		pods[subject] = append(pods[subject], v1alpha1.PodRef{Namespace: pod.Namespace, Name: pod.Name})
	}
	return pods
}

// dangling are the bindings without role that have a say: RoleBindings have
// none in requests without namespace.
func dangling(x *rbac.Index, plan rbac.Plan) []*rbac.Binding {
	return slices.DeleteFunc(x.Dangling(plan.Request.Namespace), func(b *rbac.Binding) bool {
		return b.Namespace != "" && !plan.RoleBindingsCount()
	})
}

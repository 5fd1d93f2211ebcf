package why

import (
	"errors"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// explainOther answers a message that no authorizer wrote: nothing needs to be
// read for it.
func (o *Options) explainOther(d rbac.Denial) error {
	if o.printer.Format() == formatFix {
		return fault.WithHelp(errors.New("no role or binding changes what refused this"), otherHelp(o.env.Name, d)...)
	}
	var none snapshot.Snapshot
	r := &v1alpha1.WhyReport{
		Meta: v1alpha1.NewMeta("WhyReport"), Denial: newDenial(d),
		Groups: []v1alpha1.SubjectGroup{}, Scopes: []v1alpha1.Scope{},
		NearMisses: []v1alpha1.NearMiss{}, RolesThatWouldDo: []v1alpha1.ObjectRef{},
		Coverage: v1alpha1.NewCoverage(&none, nil, nil),
	}
	if d.User != "" {
		r.Subject = v1alpha1.NewSubject(rbac.User(d.User))
	}
	return o.printer.Report(r, r.Coverage, func() []printer.Printable {
		items := []printer.Printable{sentence(otherTitle(d))}
		var reason printer.Block
		for line := range strings.Lines(d.Reason) {
			reason.Paragraphs = append(reason.Paragraphs, printer.Paragraph{Text: printer.Plain(strings.TrimSpace(line))})
		}
		items = append(items, reason)
		help := printer.Help()
		for _, line := range otherHelp(o.env.Name, d) {
			if strings.HasPrefix(line, o.env.Name+" ") {
				help = help.Verbatim(printer.Plain(line)) // a command to copy
				continue
			}
			help.Paragraphs = append(help.Paragraphs, printer.Paragraph{Text: printer.Plain(line)})
		}
		return append(items, help)
	})
}

func newDenial(d rbac.Denial) *v1alpha1.Denial {
	return &v1alpha1.Denial{Kind: string(d.Kind), User: d.User, By: d.By, Reason: d.Reason}
}

func otherTitle(d rbac.Denial) string {
	switch {
	case d.Kind == rbac.DeniedEscalation:
		return "Not allowed to give away permissions that the writer does not have"
	case d.By != "":
		return "Not a matter of RBAC: admission refused it (" + d.By + ")"
	default:
		return "Most likely not a matter of RBAC: authorizers do not word it so, admission does"
	}
}

// otherHelp says what to do instead.
func otherHelp(program string, d rbac.Denial) []string {
	who := "SUBJECT"
	if d.User != "" {
		who = v1alpha1.NewSubject(rbac.User(d.User)).Ref()
	}
	plugin, name, _ := strings.Cut(d.By, " ")
	switch {
	case d.Kind == rbac.DeniedEscalation:
		return []string{
			"to write a Role or ClusterRole one must have every permission in it, or be allowed the verb escalate on it:", program + " why " + who + " escalate clusterroles/NAME",
			"to write a binding one must have every permission of its role, or be allowed the verb bind on the role:", program + " why " + who + " bind clusterroles/NAME",
		}
	case plugin == "CertificateApproval" || plugin == "CertificateSigning" || plugin == "ClusterTrustBundleAttest":
		verb := map[string]string{"CertificateApproval": "approve", "CertificateSigning": "sign", "ClusterTrustBundleAttest": "attest"}[plugin]
		return []string{"the plugin asks for a permission of its own:", program + " why SUBJECT " + verb + " signers/" + name}
	case plugin == "OwnerReferencesPermissionEnforcement":
		return []string{"the plugin asks for update on the owner's finalizers subresource:", program + " why SUBJECT update TYPE/NAME/finalizers"}
	case plugin == "PodSecurity":
		return []string{"change the pod's securityContext, or the level that the namespace enforces: kubectl get namespace NAME --show-labels"}
	case plugin == "ResourceQuota":
		return []string{"look at the quota: kubectl describe resourcequota -n NAMESPACE"}
	case plugin == "LimitRanger":
		return []string{"look at the limits: kubectl describe limitrange -n NAMESPACE"}
	case plugin == "NamespaceLifecycle":
		return []string{"the namespace is being deleted: nothing can be created in it"}
	case plugin == "SecurityContextConstraint":
		return []string{"a permission decides which constraints may be used:", program + " why SUBJECT use securitycontextconstraints.security.openshift.io/NAME"}
	case plugin == "PodSecurityPolicy":
		return []string{"a permission decides which policies may be used:", program + " why SUBJECT use podsecuritypolicies.policy/NAME"}
	case strings.HasPrefix(d.By, "admission webhook"):
		return []string{"the webhook's owner decides: kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations"}
	default:
		return []string{"admission decides after authorization: a role or binding does not change it"}
	}
}

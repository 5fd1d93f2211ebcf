package rbac

import (
	"regexp"
	"strings"
)

// admission is a way in which an admission plugin words its refusals; the
// first group of the pattern, if it has one, is a name for By.
type admission struct {
	plugin  string
	pattern string
}

// admissions are the wordings of the plugins that refuse with 403, in
// kube-apiserver 1.24 to 1.37 (plugin/pkg/admission and
// apiserver/pkg/admission) and OpenShift.
func admissions() []admission {
	return []admission{
		{"PodSecurity", `violates PodSecurity`},
		{"admission webhook", `admission webhook "([^"]*)" (?:denied the request|.*attempted to modify)`},
		{"ValidatingAdmissionPolicy", `ValidatingAdmissionPolicy '([^']*)'.* denied request`},
		{"MutatingAdmissionPolicy", `policy ['"]([^'"]*)['"].* denied request`},
		{"ResourceQuota", `(?:exceeded|failed) quota: (\S+?)[,:]`},
		{"ResourceQuota", `(?:insufficient quota|status unknown for quota)`},
		{"LimitRanger", `(?:maximum|minimum) \S+ (?:usage|limit|request)\S* per `},
		{"NamespaceLifecycle", `because it is being terminated|this namespace may not be deleted`},
		{"ServiceAccount", `error looking up service account|no service account specified for pod|service account \S+ was not found|a mirror pod may not`},
		{"NodeRestriction", `node "([^"]*)" (?:is not allowed|can only|can not|cannot)`},
		{"CertificateApproval", `user not permitted to approve requests with signerName "([^"]*)"`},
		{"CertificateSigning", `user not permitted to sign requests with signerName "([^"]*)"`},
		{"ClusterTrustBundleAttest", `user not permitted to attest for signerName "([^"]*)"`},
		{"OwnerReferencesPermissionEnforcement", `cannot set (?:blockOwnerDeletion|an ownerRef)`},
		{"PodSecurityPolicy", `unable to admit pod|PodSecurityPolicy`},
		{"SecurityContextConstraint", `security context constraint`},
		{"DenyServiceExternalIPs", `Use of external IPs is denied by admission control`},
		{"Priority", `no PriorityClass with name|the (?:integer value|string value|PreemptionPolicy) of`},
		{"PodNodeSelector", `node label selector`},
		{"PodTolerationRestriction", `pod tolerations?`},
		{"RuntimeClass", `RuntimeClass`},
		{"AlwaysPullImages", `AlwaysPullImages`},
		{"ImagePolicyWebhook", `image policy webhook`},
		{"NodeDeclaredFeatureValidator", `requires features .* not available on node`},
	}
}

// admissionDenial recognises a refusal that no authorizer made.
func admissionDenial(text string) (Denial, bool) {
	reason := ""
	if match := regexp.MustCompile(`(?i)\bforbidden: ([^\n]*)`).FindStringSubmatch(text); match != nil {
		reason = strings.TrimSpace(match[1])
	}
	for _, a := range admissions() {
		match := regexp.MustCompile(a.pattern).FindStringSubmatch(text)
		if match == nil {
			continue
		}
		by := a.plugin
		if len(match) > 1 && match[1] != "" {
			by += " " + match[1]
		}
		if reason == "" {
			reason = lineOf(text, match[0])
		}
		return Denial{Kind: DeniedByAdmission, By: by, Reason: reason}, true
	}
	if strings.Contains(text, "must have cluster-admin privileges") {
		return Denial{Kind: DeniedEscalation, Reason: reason}, true
	}
	// What is worded as a refusal of an object, and not as authorizers do.
	if regexp.MustCompile(`\S+ \\*"[^"\n]+" is forbidden: \S`).MatchString(text) && !strings.Contains(text, " cannot ") {
		return Denial{Kind: DeniedByAdmission, Reason: reason}, true
	}
	return Denial{}, false
}

func lineOf(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// LooksForbidden reports whether a text is a message to parse rather than
// words of a question.
func LooksForbidden(text string) bool {
	return regexp.MustCompile(`(?i)\bforbidden[:)]|\bis forbidden\b|\bcannot\s+\S+\s+(?:resource|path)\s|attempting to grant RBAC|denied (?:the )?request`).MatchString(text)
}

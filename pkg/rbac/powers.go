package rbac

import "slices"

// Power is a right that leads further than its rule says.
type Power struct {
	Means string // what it does: "reads values of Secrets"
	On    []PowerOn
	// Name stands for the types of On together, or for a long one.
	Name        string
	ClusterOnly bool // RoleBindings do not count for it
}

// PowerOn is a type with the verbs that have the power, each by itself.
type PowerOn struct {
	APIGroup, Resource string
	Verbs              []string
}

// Powers are the rights to look at first, the worst first.
// Source: "RBAC good practices" in the documentation of Kubernetes, and the
// admission plugins and controllers that act on what is written.
func Powers() []Power {
	const (
		certificates = "certificates.k8s.io"
		admission    = "admissionregistration.k8s.io"
		runsAsAny    = "runs as any account, mounts Secrets"
	)
	change := []string{"create", "update", "patch"}
	switchOff := append(slices.Clone(change), "delete", "deletecollection")
	return []Power{
		{Means: "writes roles beyond its own rights", ClusterOnly: true, On: on(apiGroup, "clusterroles", "escalate")},
		{Means: "writes roles beyond its own rights", On: on(apiGroup, "roles", "escalate")},
		{Means: "gives away roles it does not have", On: on(apiGroup, "clusterroles", "bind")},
		{Means: "gives away roles it does not have", On: on(apiGroup, "roles", "bind")},
		{Means: "acts as others", ClusterOnly: true, On: on("", "users", "impersonate")},
		{Means: "acts as others", ClusterOnly: true, On: on("", "groups", "impersonate")},
		{Means: "acts as others", On: on("", "serviceaccounts", "impersonate")},
		{Means: "runs commands in pods", ClusterOnly: true, On: on("", "nodes/proxy", "get", "create")},
		{Means: "gets tokens of others", On: on("", "serviceaccounts/token", "create")},
		{Means: "issues certificates of any name", ClusterOnly: true, Name: "certificates", On: slices.Concat(
			on(certificates, "certificatesigningrequests/approval", "update", "patch"),
			on(certificates, "certificatesigningrequests/status", "update", "patch"),
			on(certificates, "signers", "approve", "sign"),
		)},
		{Means: "sees, changes what is written", ClusterOnly: true, Name: "admission webhooks", On: slices.Concat(
			on(admission, "mutatingwebhookconfigurations", switchOff...), on(admission, "validatingwebhookconfigurations", switchOff...),
		)},
		{Means: "decides what may be written", ClusterOnly: true, Name: "admission policies", On: slices.Concat(
			on(admission, "mutatingadmissionpolicies", switchOff...), on(admission, "mutatingadmissionpolicybindings", switchOff...),
			on(admission, "validatingadmissionpolicies", switchOff...), on(admission, "validatingadmissionpolicybindings", switchOff...),
		)},
		{Means: "answers for whole API groups", ClusterOnly: true, On: on("apiregistration.k8s.io", "apiservices", change...)},
		{Means: "sees, changes custom resources", ClusterOnly: true, Name: "CRDs", On: on("apiextensions.k8s.io", "customresourcedefinitions", change...)},
		{Means: "reads values of Secrets", On: on("", "secrets", "get", "list", "watch")},
		{Means: runsAsAny, On: on("", "pods", "create")},
		{Means: runsAsAny, Name: "workloads", On: slices.Concat(
			on("apps", "deployments", change...), on("apps", "daemonsets", change...), on("apps", "statefulsets", change...), on("apps", "replicasets", change...),
			on("", "replicationcontrollers", change...), on("batch", "cronjobs", change...),
			on("batch", "jobs", "create"), // the template of a Job cannot be changed
		)},
		{Means: "runs commands in pods", On: on("", "pods/exec", "get", "create")},
		{Means: "joins running processes", On: on("", "pods/attach", "get", "create")},
		{Means: "runs commands in pods", On: on("", "pods/ephemeralcontainers", "update", "patch")},
		{Means: "changes the images of running pods", On: on("", "pods", "update", "patch")},
		{Means: "reaches files of nodes (hostPath)", ClusterOnly: true, On: on("", "persistentvolumes", "create")},
		{Means: "steers pods and kubelet requests", ClusterOnly: true, Name: "nodes", On: slices.Concat(
			on("", "nodes", "update", "patch"), on("", "nodes/status", "update", "patch"),
		)},
		{Means: "lifts Pod Security (labels)", On: on("", "namespaces", "update", "patch")},
	}
}

func on(group, resource string, verbs ...string) []PowerOn {
	return []PowerOn{{APIGroup: group, Resource: resource, Verbs: verbs}}
}

// powerOf finds the power that an allowed request would be.
func powerOf(r Request) (Power, bool) {
	for _, power := range Powers() {
		if slices.ContainsFunc(power.On, func(o PowerOn) bool {
			return r.Path == "" && o.APIGroup == r.APIGroup && o.Resource == r.combined() && slices.Contains(o.Verbs, r.Verb)
		}) {
			return power, true
		}
	}
	return Power{}, false
}

package oracle

// The words of which clusters and questions are made. They are few, so that
// rules and questions meet; the odd ones are the traps.

func namespaceWords() []string {
	// Names that are prefixes of each other find mistakes in range searches.
	return []string{"dev", "dev-1", "de", "prod", "kube-system"}
}

func verbWords() []string     { return []string{"get", "list", "watch", "create", "delete", "update"} }
func rareVerbWords() []string { return []string{"escalate", "impersonate-on:user-info:list", "*"} }

func groupWords() []string    { return []string{"", "", "apps", "metrics.k8s.io"} }
func resourceWords() []string { return []string{"pods", "secrets", "deployments", "namespaces"} }
func subWords() []string      { return []string{"log", "scale", "exec"} }
func nameWords() []string     { return []string{"db", "web", "cache"} }

func urlWords() []string {
	return []string{"/healthz", "/healthz/etcd", "/healthz/", "/metrics", "/a", "/abc", "/"}
}

func urlRuleWords() []string {
	return []string{"/healthz", "/healthz/etcd", "/metrics", "/a", "/healthz/*", "/a**", "/a*", "*", "/*", "/met*rics", "**"}
}

func accountWords() []string { return []string{"app", "ci", "default", "app.v1"} }

func userWords() []string {
	return []string{"alice", "bob", "alice@example.org", "devs", "system:anonymous", "system:node:n1"}
}

// oddUserWords look like service accounts and nodes; some are.
func oddUserWords() []string {
	return []string{
		"system:serviceaccount:dev:app", "system:serviceaccount:prod:ci", "system:serviceaccount:gone:app",
		"system:serviceaccount:dev", "system:serviceaccount:dev:app:extra", "system:serviceaccount::app",
		"system:serviceaccount:dev:", "system:serviceaccount:Dev:app", "system:serviceaccount:dev:App_1",
		"system:serviceaccounts:dev", "system:node:", "system:nodes", "",
	}
}

func groupNameWords() []string { return []string{"devs", "ops", "alice"} }

func builtinGroupWords() []string {
	return []string{
		"system:authenticated", "system:unauthenticated", "system:serviceaccounts", "system:serviceaccounts:dev",
		"system:serviceaccounts:prod", "system:serviceaccounts:gone", "system:nodes", "system:masters", "system:serviceaccounts:",
	}
}

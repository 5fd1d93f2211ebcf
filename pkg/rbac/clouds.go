package rbac

import "strings"

// cloud is a distribution with an authorizer beside RBAC.
type cloud struct {
	name       string
	marks      []string // parts of gitVersion by which it is known
	authorizer string
}

func (c cloud) matches(version string) bool {
	for _, mark := range c.marks {
		if strings.Contains(version, mark) {
			return true
		}
	}
	return false
}

func clouds() []cloud {
	const verify = "; --verify asks the server itself"
	return []cloud{
		{"EKS", []string{"-eks-"}, "access entries and their policies may allow more than RBAC (a webhook authorizer)" + verify},
		{"GKE", []string{"-gke."}, "IAM roles may allow more than RBAC (a webhook authorizer)" + verify},
		{"AKS", []string{"-aks", "+aks"}, "Azure RBAC may allow more than Kubernetes RBAC (a webhook authorizer)" + verify},
		{"OpenShift", []string{"+openshift", ".openshift", "+ocp"}, "OAuth scopes of a token may allow less than RBAC (a scope authorizer)" + verify},
	}
}

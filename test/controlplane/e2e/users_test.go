package e2e

import "github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"

// The users of the shared clusters beside harness.Admin. What they may do is
// written in testdata/cluster.yaml.
const (
	nobody   = "nobody@shop.example"   // may do nothing
	auditor  = "auditor@shop.example"  // may read all that an analysis needs, no secrets
	teamLead = "teamlead@shop.example" // may read in the namespace shop only
	operator = "operator@shop.example" // an auditor who may also ask SubjectAccessReviews
	deputy   = "deputy@shop.example"   // may impersonate the auditor and nobody else
)

func users() []harness.User {
	return []harness.User{
		{Name: nobody},
		{Name: auditor, Groups: []string{"shop:auditors"}},
		{Name: teamLead, Groups: []string{"shop:leads"}},
		{Name: operator, Groups: []string{"shop:auditors", "shop:operators"}},
		{Name: deputy},
	}
}

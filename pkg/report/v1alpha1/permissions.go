package v1alpha1

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// PermissionsReport answers what commands ask an API server for, and what of
// it the caller may.
type PermissionsReport struct {
	Meta     `json:",inline"`
	Commands []string `json:"commands"`
	Coverage `json:",inline"`
	// Checked says that the API server was asked; without that Allowed is
	// null everywhere.
	Checked     bool                 `json:"checked"`
	Missing     int                  `json:"missing"`   // permissions that the caller lacks
	Unchecked   int                  `json:"unchecked"` // permissions about which there is no answer
	Permissions []RequiredPermission `json:"permissions"`
	// ClusterRole allows exactly the permissions.
	ClusterRole *rbacv1.ClusterRole `json:"clusterRole"`
}

// DeepCopyObject makes the report a runtime.Object. Reports are not changed
// once they are made, so a shallow copy serves.
func (r *PermissionsReport) DeepCopyObject() runtime.Object {
	c := *r
	return &c
}

// RequiredPermission is one permission that commands need.
type RequiredPermission struct {
	Verb           string `json:"verb"`
	APIGroup       string `json:"apiGroup"`
	Resource       string `json:"resource"`
	Name           string `json:"name"` // of the one object, "" for all
	NonResourceURL string `json:"nonResourceURL"`
	Namespace      string `json:"namespace"` // in which the caller was asked about, "" for all
	// Optional says that answers are whole without it.
	Optional bool     `json:"optional"`
	For      []string `json:"for"` // commands, with the flag or argument that needs it
	// Allowed is the API server's word for the caller; null where it gave none.
	Allowed *bool  `json:"allowed"`
	Reason  string `json:"reason"` // the authorizer's words, or why there is no answer
}

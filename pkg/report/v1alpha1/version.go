package v1alpha1

import "k8s.io/apimachinery/pkg/runtime"

// VersionReport says which build of the program answers. It is about no
// cluster and has no Coverage.
type VersionReport struct {
	Meta     `json:",inline"`
	Version  string `json:"version"` // "(devel)" when not known
	Commit   string `json:"commit"`  // "unknown" when not known
	Date     string `json:"date"`    // "" when not known
	Go       string `json:"go"`
	Platform string `json:"platform"` // as linux/amd64
	// ShadowedBy are files on the PATH that kubectl runs instead of one of the
	// program's commands.
	ShadowedBy []string `json:"shadowedBy"`
}

// DeepCopyObject makes the report a runtime.Object; see WhoCanReport.
func (r *VersionReport) DeepCopyObject() runtime.Object {
	c := *r
	return &c
}

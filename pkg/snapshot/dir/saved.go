package dir

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/file"
)

// info returns the snapshot's Info. When the input is a saved snapshot, that
// is the saved one, and its gaps and warnings go to the builder.
func (c *collector) info(b *snapshot.Builder, given snapshot.Info) (snapshot.Info, error) {
	if len(c.infos) == 0 {
		return given, nil
	}
	found := c.infos[0]
	if len(c.infos) > 1 {
		return given, &MixedInputError{Snapshot: found.origin, Other: c.infos[1].origin}
	}
	for i := range c.records {
		if r := &c.records[i]; r.object != nil && (r.in == nil || r.in != found.in) {
			return given, &MixedInputError{Snapshot: found.origin, Other: r.origin}
		}
	}
	parsed, err := file.ParseInfo(found.text)
	if err != nil {
		return given, fmt.Errorf("cannot read %s: %w", found.origin, err)
	}
	b.Gap(parsed.Gaps...)
	c.savedGaps = len(parsed.Gaps) > 0
	if parsed.Redacted {
		b.Gap(c.leftOut()...)
	}
	for _, w := range parsed.Warnings {
		b.Warn("%s", w)
	}
	info := parsed.Snapshot()
	info.Saved = true
	return info, nil
}

// leftOut returns a Gap for the groups of EKS' users when they were left out
// with all configuration: the keys are there, and their values are not. Who
// is in OpenShift's Groups is always saved.
func (c *collector) leftOut() []snapshot.Gap {
	for i := range c.records {
		config, ok := c.records[i].object.(*corev1.ConfigMap)
		if !ok || config.Namespace != "kube-system" || config.Name != "aws-auth" {
			continue
		}
		for _, key := range []string{"mapRoles", "mapUsers"} {
			if value, found := config.Data[key]; found && value == "" {
				return []snapshot.Gap{{Resource: "configmaps", Namespace: config.Namespace, Reason: snapshot.Redacted, Detail: config.Name}}
			}
		}
	}
	return nil
}

package file

import corev1 "k8s.io/api/core/v1"

func redactTemplate(template *corev1.PodTemplateSpec) {
	redactMeta(template)
	redactPodSpec(&template.Spec)
}

func redactPodSpec(spec *corev1.PodSpec) {
	for i := range spec.InitContainers {
		redactContainer(&spec.InitContainers[i])
	}
	for i := range spec.Containers {
		redactContainer(&spec.Containers[i])
	}
	for i := range spec.EphemeralContainers {
		// The common part has the same fields under the same names.
		c := corev1.Container(spec.EphemeralContainers[i].EphemeralContainerCommon)
		redactContainer(&c)
		spec.EphemeralContainers[i].EphemeralContainerCommon = corev1.EphemeralContainerCommon(c)
	}
	for i := range spec.Volumes {
		v := &spec.Volumes[i].VolumeSource
		if v.CSI != nil {
			blank(v.CSI.VolumeAttributes)
		}
		if v.FlexVolume != nil {
			blank(v.FlexVolume.Options)
		}
		if v.Ephemeral != nil && v.Ephemeral.VolumeClaimTemplate != nil {
			redactMeta(v.Ephemeral.VolumeClaimTemplate)
		}
	}
}

func redactContainer(c *corev1.Container) {
	c.Command, c.Args = nil, nil
	for i := range c.Env {
		c.Env[i].Value = ""
	}
	for _, probe := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe, c.StartupProbe} {
		if probe != nil {
			redactAction(probe.Exec, probe.HTTPGet)
		}
	}
	if c.Lifecycle == nil {
		return
	}
	for _, handler := range []*corev1.LifecycleHandler{c.Lifecycle.PostStart, c.Lifecycle.PreStop} {
		if handler != nil {
			redactAction(handler.Exec, handler.HTTPGet)
		}
	}
}

func redactAction(exec *corev1.ExecAction, get *corev1.HTTPGetAction) {
	if exec != nil {
		exec.Command = nil
	}
	if get != nil {
		get.Path = "" // may carry a token
		for i := range get.HTTPHeaders {
			get.HTTPHeaders[i].Value = ""
		}
	}
}

// redactPodStatus removes messages: a container's last message can be the end
// of its log.
func redactPodStatus(status *corev1.PodStatus) {
	status.Message = ""
	for i := range status.Conditions {
		status.Conditions[i].Message = ""
	}
	for _, containers := range [][]corev1.ContainerStatus{
		status.InitContainerStatuses, status.ContainerStatuses, status.EphemeralContainerStatuses,
	} {
		for i := range containers {
			redactState(&containers[i].State)
			redactState(&containers[i].LastTerminationState)
		}
	}
}

func redactState(state *corev1.ContainerState) {
	if state.Waiting != nil {
		state.Waiting.Message = ""
	}
	if state.Terminated != nil {
		state.Terminated.Message = ""
	}
}

func redactVolumeSource(source *corev1.PersistentVolumeSource) {
	if source.CSI != nil {
		blank(source.CSI.VolumeAttributes)
	}
	if source.FlexVolume != nil {
		blank(source.FlexVolume.Options)
	}
}

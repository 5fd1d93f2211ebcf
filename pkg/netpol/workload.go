package netpol

import (
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// collectWorkloads adds a pod for every template that has none in the
// snapshot: manifests hold no pods, and what is scaled to zero may come back.
func (c *Cluster) collectWorkloads() {
	has := map[[2]string]bool{}
	for _, e := range c.endpoints {
		if e.Workload != "" {
			has[[2]string{e.Namespace, e.Workload}] = true
		}
	}
	add := func(kind string, meta *metav1.ObjectMeta, template *corev1.PodTemplateSpec) {
		workload := kind + "/" + meta.Name
		if has[[2]string{meta.Namespace, workload}] || metav1.GetControllerOf(meta) != nil {
			return
		}
		e := newTemplate(meta.Namespace, template.Labels, &template.Spec)
		e.Workload = workload
		e.Node = template.Spec.NodeName
		c.selectPolicies(e)
		c.endpoints = append(c.endpoints, e)
	}
	for w := range snapshot.Each[appsv1.Deployment](c.snap) {
		add("Deployment", &w.ObjectMeta, &w.Spec.Template)
	}
	for w := range snapshot.Each[appsv1.StatefulSet](c.snap) {
		add("StatefulSet", &w.ObjectMeta, &w.Spec.Template)
	}
	for w := range snapshot.Each[appsv1.DaemonSet](c.snap) {
		add("DaemonSet", &w.ObjectMeta, &w.Spec.Template)
	}
	for w := range snapshot.Each[appsv1.ReplicaSet](c.snap) {
		add("ReplicaSet", &w.ObjectMeta, &w.Spec.Template)
	}
	for w := range snapshot.Each[batchv1.CronJob](c.snap) {
		add("CronJob", &w.ObjectMeta, &w.Spec.JobTemplate.Spec.Template)
	}
	for w := range snapshot.Each[batchv1.Job](c.snap) {
		if !ended(w) {
			add("Job", &w.ObjectMeta, &w.Spec.Template)
		}
	}
}

// ended reports whether the Job makes no more pods.
func ended(j *batchv1.Job) bool {
	for _, condition := range j.Status.Conditions {
		if (condition.Type == batchv1.JobComplete || condition.Type == batchv1.JobFailed) && condition.Status == corev1.ConditionTrue {
			return true
		}
	}
	return false
}

// workloadOf returns the controller at the top of a pod's owners, as
// Kind/name, "" for none.
func (c *Cluster) workloadOf(pod *corev1.Pod) string {
	owner := metav1.GetControllerOf(pod)
	if owner == nil {
		return ""
	}
	switch owner.Kind {
	case "ReplicaSet":
		if rs := snapshot.Get[appsv1.ReplicaSet](c.snap, pod.Namespace, owner.Name); rs != nil {
			if above := metav1.GetControllerOf(rs); above != nil {
				return above.Kind + "/" + above.Name
			}
			break
		}
		// Without the ReplicaSet its name tells: a Deployment adds the hash that
		// its pods have as a label.
		if name, ok := strings.CutSuffix(owner.Name, "-"+pod.Labels[appsv1.DefaultDeploymentUniqueLabelKey]); ok && pod.Labels[appsv1.DefaultDeploymentUniqueLabelKey] != "" {
			return "Deployment/" + name
		}
	case "Job":
		if job := snapshot.Get[batchv1.Job](c.snap, pod.Namespace, owner.Name); job != nil {
			if above := metav1.GetControllerOf(job); above != nil {
				return above.Kind + "/" + above.Name
			}
		}
	}
	return owner.Kind + "/" + owner.Name
}

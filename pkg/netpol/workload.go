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
// ReplicaSets and Jobs that something controls are left to its template.
func (c *Cluster) collectWorkloads() {
	for w := range snapshot.Each[appsv1.Deployment](c.snap) {
		c.addTemplate("Deployment", &w.ObjectMeta, &w.Spec.Template, w.Spec.Replicas)
	}
	for w := range snapshot.Each[appsv1.StatefulSet](c.snap) {
		c.addTemplate("StatefulSet", &w.ObjectMeta, &w.Spec.Template, w.Spec.Replicas)
	}
	for w := range snapshot.Each[appsv1.DaemonSet](c.snap) {
		c.addTemplate("DaemonSet", &w.ObjectMeta, &w.Spec.Template, nil)
	}
	for w := range snapshot.Each[appsv1.ReplicaSet](c.snap) {
		if metav1.GetControllerOf(w) == nil {
			c.addTemplate("ReplicaSet", &w.ObjectMeta, &w.Spec.Template, w.Spec.Replicas)
		}
	}
	for w := range snapshot.Each[batchv1.CronJob](c.snap) {
		c.addTemplate("CronJob", &w.ObjectMeta, &w.Spec.JobTemplate.Spec.Template, nil)
	}
	for w := range snapshot.Each[batchv1.Job](c.snap) {
		if metav1.GetControllerOf(w) == nil && !ended(w) {
			c.addTemplate("Job", &w.ObjectMeta, &w.Spec.Template, nil)
		}
	}
}

func (c *Cluster) addTemplate(kind string, meta *metav1.ObjectMeta, template *corev1.PodTemplateSpec, replicas *int32) {
	workload := kind + "/" + meta.Name
	if len(c.ofWorkload(meta.Namespace, workload)) > 0 {
		return
	}
	e := newTemplate(meta.Namespace, template.Labels, &template.Spec)
	e.Workload, e.Node = workload, template.Spec.NodeName
	e.Ready = replicas == nil || *replicas > 0
	c.selectPolicies(e)
	c.addEndpoint(e, workload)
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

// controllers returns those of a pod as Kind/name, from the one that made it to
// the one at the top.
func (c *Cluster) controllers(pod *corev1.Pod) []string {
	owner := metav1.GetControllerOf(pod)
	if owner == nil {
		return nil
	}
	chain := []string{owner.Kind + "/" + owner.Name}
	var above string
	switch owner.Kind {
	case "ReplicaSet":
		above = c.aboveReplicaSet(pod, owner.Name)
	case "Job":
		above = c.aboveJob(pod.Namespace, owner.Name)
	}
	if above != "" {
		chain = append(chain, above)
	}
	return chain
}

// aboveReplicaSet returns the controller of a pod's ReplicaSet. Without the
// ReplicaSet its name tells: a Deployment adds to its own the hash that the
// pods have as a label.
func (c *Cluster) aboveReplicaSet(pod *corev1.Pod, name string) string {
	if rs := snapshot.Get[appsv1.ReplicaSet](c.snap, pod.Namespace, name); rs != nil {
		return controllerOf(rs)
	}
	if hash := pod.Labels[appsv1.DefaultDeploymentUniqueLabelKey]; hash != "" && strings.HasSuffix(name, "-"+hash) {
		return "Deployment/" + strings.TrimSuffix(name, "-"+hash)
	}
	return ""
}

// aboveJob returns the controller of a Job. Without the Job its name tells: a
// CronJob adds to its own the minute.
// Source: getJobName in pkg/controller/cronjob of Kubernetes.
func (c *Cluster) aboveJob(namespace, name string) string {
	if job := snapshot.Get[batchv1.Job](c.snap, namespace, name); job != nil {
		return controllerOf(job)
	}
	dash := strings.LastIndex(name, "-")
	if dash > 0 && strings.Trim(name[dash+1:], "0123456789") == "" && snapshot.Get[batchv1.CronJob](c.snap, namespace, name[:dash]) != nil {
		return "CronJob/" + name[:dash]
	}
	return ""
}

func controllerOf(object metav1.Object) string {
	if owner := metav1.GetControllerOf(object); owner != nil {
		return owner.Kind + "/" + owner.Name
	}
	return ""
}

package file_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/file"
)

// free stands for configuration, kept for what must be in the file.
const (
	free = "FREE-TEXT"
	kept = "KEPT"
)

func meta() metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name: kept, Namespace: kept, Labels: map[string]string{kept: kept},
		Annotations: map[string]string{
			"example.com/note": free, corev1.LastAppliedConfigAnnotation: free, "rbac.authorization.kubernetes.io/autoupdate": kept,
			"openshift.io/sa.scc.uid-range": kept, "openshift.io/sccx": free,
		},
		ManagedFields: []metav1.ManagedFieldsEntry{{Manager: free}},
	}
}

func podSpec() corev1.PodSpec {
	probe := corev1.ProbeHandler{
		Exec:    &corev1.ExecAction{Command: []string{free}},
		HTTPGet: &corev1.HTTPGetAction{Path: free, HTTPHeaders: []corev1.HTTPHeader{{Name: kept, Value: free}}},
	}
	handler := &corev1.LifecycleHandler{Exec: probe.Exec, HTTPGet: probe.HTTPGet}
	container := corev1.Container{
		Name: kept, Image: kept, Command: []string{free}, Args: []string{free},
		Env: []corev1.EnvVar{
			{Name: kept, Value: free},
			{Name: kept, ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{Key: kept}}},
		},
		EnvFrom:        []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: kept}}}},
		LivenessProbe:  &corev1.Probe{ProbeHandler: probe},
		ReadinessProbe: &corev1.Probe{ProbeHandler: probe},
		StartupProbe:   &corev1.Probe{ProbeHandler: probe},
		Lifecycle:      &corev1.Lifecycle{PostStart: handler, PreStop: handler},
	}
	claim := corev1.PersistentVolumeClaimTemplate{ObjectMeta: meta()}
	return corev1.PodSpec{
		ServiceAccountName: kept,
		InitContainers:     []corev1.Container{container},
		Containers:         []corev1.Container{container, {Name: kept}},
		EphemeralContainers: []corev1.EphemeralContainer{
			{EphemeralContainerCommon: corev1.EphemeralContainerCommon(container), TargetContainerName: kept},
		},
		Volumes: []corev1.Volume{
			{Name: kept, VolumeSource: corev1.VolumeSource{CSI: &corev1.CSIVolumeSource{Driver: kept, VolumeAttributes: map[string]string{kept: free}}}},
			{Name: kept, VolumeSource: corev1.VolumeSource{FlexVolume: &corev1.FlexVolumeSource{Options: map[string]string{kept: free}}}},
			{Name: kept, VolumeSource: corev1.VolumeSource{Ephemeral: &corev1.EphemeralVolumeSource{VolumeClaimTemplate: &claim}}},
			{Name: kept, VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: kept}}},
		},
	}
}

func objects() []snapshot.Object {
	template := corev1.PodTemplateSpec{ObjectMeta: meta(), Spec: podSpec()}
	state := corev1.ContainerState{
		Waiting: &corev1.ContainerStateWaiting{Reason: kept, Message: free}, Terminated: &corev1.ContainerStateTerminated{Reason: kept, Message: free},
	}
	statuses := []corev1.ContainerStatus{{Name: kept, State: state, LastTerminationState: state}}
	custom := func(apiVersion, spec string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": apiVersion, "kind": "X", "spec": map[string]any{"x": spec},
			"metadata": map[string]any{"name": kept, "annotations": map[string]any{"note": free}, "managedFields": []any{map[string]any{"manager": free}}},
		}}
	}
	secret := &corev1.Secret{ObjectMeta: meta(), Type: kept}
	secret.ManagedFields[0].Manager = kept // names the keys of a Secret
	return []snapshot.Object{
		&corev1.ConfigMap{ObjectMeta: meta(), Data: map[string]string{kept: free}, BinaryData: map[string][]byte{kept: []byte(free)}},
		&corev1.Pod{ObjectMeta: meta(), Spec: podSpec(), Status: corev1.PodStatus{
			Phase: kept, Message: free, Conditions: []corev1.PodCondition{{Type: kept, Message: free}},
			InitContainerStatuses: statuses, ContainerStatuses: statuses, EphemeralContainerStatuses: statuses,
		}},
		&corev1.PodTemplate{ObjectMeta: meta(), Template: template},
		&corev1.ReplicationController{ObjectMeta: meta(), Spec: corev1.ReplicationControllerSpec{Template: &template}},
		&corev1.ReplicationController{ObjectMeta: metav1.ObjectMeta{Name: "without-template"}},
		&appsv1.Deployment{ObjectMeta: meta(), Spec: appsv1.DeploymentSpec{Template: template}},
		&appsv1.ReplicaSet{ObjectMeta: meta(), Spec: appsv1.ReplicaSetSpec{Template: template}},
		&appsv1.StatefulSet{ObjectMeta: meta(), Spec: appsv1.StatefulSetSpec{Template: template, VolumeClaimTemplates: []corev1.PersistentVolumeClaim{{ObjectMeta: meta()}}}},
		&appsv1.DaemonSet{ObjectMeta: meta(), Spec: appsv1.DaemonSetSpec{Template: template}},
		&appsv1.ControllerRevision{ObjectMeta: meta(), Data: runtime.RawExtension{Raw: []byte(`"` + free + `"`)}},
		&batchv1.Job{ObjectMeta: meta(), Spec: batchv1.JobSpec{Template: template}},
		&batchv1.CronJob{ObjectMeta: meta(), Spec: batchv1.CronJobSpec{JobTemplate: batchv1.JobTemplateSpec{ObjectMeta: meta(), Spec: batchv1.JobSpec{Template: template}}}},
		&corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: "csi"}, Spec: corev1.PersistentVolumeSpec{PersistentVolumeSource: corev1.PersistentVolumeSource{
			CSI: &corev1.CSIPersistentVolumeSource{Driver: kept, VolumeAttributes: map[string]string{kept: free}},
		}}},
		&corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: "flex"}, Spec: corev1.PersistentVolumeSpec{PersistentVolumeSource: corev1.PersistentVolumeSource{
			FlexVolume: &corev1.FlexPersistentVolumeSource{Options: map[string]string{kept: free}},
		}}},
		&storagev1.StorageClass{ObjectMeta: meta(), Parameters: map[string]string{kept: free}},
		&corev1.Event{ObjectMeta: meta(), Message: free},
		secret,
		custom("argoproj.io/v1", free),
		custom("kyverno.io/v1", free),
	}
}

func saved(t *testing.T, info snapshot.Info, opts file.SaveOptions, objs ...snapshot.Object) string {
	t.Helper()
	b := snapshot.NewBuilder()
	b.Add(objs...)
	s, err := b.Build(info)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := file.Save(&out, s, opts); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Each object is saved alone. Its names stay, its free texts are gone, and
// what --include-config keeps has both.
func TestSaveRedacts(t *testing.T) {
	for _, obj := range objects() {
		t.Run(fmt.Sprintf("%T %s", obj, obj.GetObjectKind().GroupVersionKind().Group), func(t *testing.T) {
			whole := saved(t, snapshot.Info{}, file.SaveOptions{IncludeConfig: true}, obj.DeepCopyObject().(snapshot.Object))
			text := saved(t, snapshot.Info{}, file.SaveOptions{}, obj)
			if strings.Contains(text, free) {
				t.Errorf("free text is saved: %s", text)
			}
			// base64 of free
			if strings.Contains(text, "RlJFRS1URVhU") {
				t.Errorf("free binary data is saved: %s", text)
			}
			if got, want := strings.Count(text, kept), strings.Count(whole, kept); got != want {
				t.Errorf("%d of %d names are left: %s", got, want, text)
			}
			if !strings.Contains(text, `"redacted":true`) || !strings.Contains(whole, `"redacted":false`) {
				t.Error("redacted is wrong")
			}
		})
	}
}

func TestSaveLeavesTheSnapshotAlone(t *testing.T) {
	b := snapshot.NewBuilder()
	b.Add(objects()...)
	s, err := b.Build(snapshot.Info{})
	if err != nil {
		t.Fatal(err)
	}
	var before []snapshot.Object
	for obj := range s.All() {
		before = append(before, obj.DeepCopyObject().(snapshot.Object))
	}
	if err := file.Save(&bytes.Buffer{}, s, file.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	i := 0
	for obj := range s.All() {
		if diff := cmp.Diff(before[i], obj); diff != "" {
			t.Errorf("object %d has changed:\n%s", i, diff)
		}
		i++
	}
}

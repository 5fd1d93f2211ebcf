package file

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// redact removes configuration from an object that is about to be saved:
// names and references stay, values go.
func redact(obj snapshot.Object) {
	redactMeta(obj)
	switch obj := obj.(type) {
	case *corev1.ConfigMap:
		blank(obj.Data)
		for key := range obj.BinaryData {
			obj.BinaryData[key] = []byte{}
		}
	case *corev1.Pod:
		redactPodSpec(&obj.Spec)
		redactPodStatus(&obj.Status)
	case *corev1.PodTemplate:
		redactTemplate(&obj.Template)
	case *corev1.ReplicationController:
		if obj.Spec.Template != nil {
			redactTemplate(obj.Spec.Template)
		}
	case *appsv1.Deployment:
		redactTemplate(&obj.Spec.Template)
	case *appsv1.ReplicaSet:
		redactTemplate(&obj.Spec.Template)
	case *appsv1.StatefulSet:
		redactTemplate(&obj.Spec.Template)
		for i := range obj.Spec.VolumeClaimTemplates {
			redactMeta(&obj.Spec.VolumeClaimTemplates[i])
		}
	case *appsv1.DaemonSet:
		redactTemplate(&obj.Spec.Template)
	case *appsv1.ControllerRevision:
		obj.Data = runtime.RawExtension{} // a whole pod template
	case *batchv1.Job:
		redactTemplate(&obj.Spec.Template)
	case *batchv1.CronJob:
		redactMeta(&obj.Spec.JobTemplate)
		redactTemplate(&obj.Spec.JobTemplate.Spec.Template)
	case *corev1.PersistentVolume:
		redactVolumeSource(&obj.Spec.PersistentVolumeSource)
	case *storagev1.StorageClass:
		blank(obj.Parameters)
	case *corev1.Event:
		obj.Message = ""
	case *unstructured.Unstructured:
		redactCustom(obj)
	}
}

// redactMeta keeps the annotations that analyses read. Managed fields, which
// name the fields and keys of an object, stay on Secrets only.
func redactMeta(obj metav1.Object) {
	if _, isSecret := obj.(*corev1.Secret); !isSecret {
		obj.SetManagedFields(nil)
	}
	annotations := obj.GetAnnotations()
	for key := range annotations {
		if !keepAnnotation(key) {
			delete(annotations, key)
		}
	}
	if len(annotations) == 0 {
		annotations = nil
	}
	obj.SetAnnotations(annotations)
}

func blank(values map[string]string) {
	for key := range values {
		values[key] = ""
	}
}

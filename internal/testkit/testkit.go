// Package testkit builds valid Kubernetes objects for tests in one line each.
package testkit

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// meta gives every object a uid, as an API server does: the same in every run.
func meta(kind, namespace, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID(kind + "/" + namespace + "/" + name)}
}

// split returns the parts of a comma-separated list; "" is the one part "".
func split(list string) []string { return strings.Split(list, ",") }

// Namespace returns an active namespace.
func Namespace(name string) *corev1.Namespace {
	m := meta("Namespace", "", name)
	m.Labels = map[string]string{corev1.LabelMetadataName: name}
	return &corev1.Namespace{ObjectMeta: m, Status: corev1.NamespaceStatus{Phase: corev1.NamespaceActive}}
}

// ServiceAccount returns a service account.
func ServiceAccount(namespace, name string) *corev1.ServiceAccount {
	return &corev1.ServiceAccount{ObjectMeta: meta("ServiceAccount", namespace, name)}
}

// Pod returns a running pod of one container that runs as the service
// account, "default" when that is "".
func Pod(namespace, name, serviceAccount string) *corev1.Pod {
	if serviceAccount == "" {
		serviceAccount = "default"
	}
	return &corev1.Pod{
		ObjectMeta: meta("Pod", namespace, name),
		Spec: corev1.PodSpec{
			ServiceAccountName: serviceAccount,
			Containers:         []corev1.Container{{Name: "main", Image: "registry.example/app:1.0"}},
		},
		Status: corev1.PodStatus{Phase: corev1.PodRunning},
	}
}

// Secret returns an opaque secret whose key "password" has the value.
func Secret(namespace, name, value string) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: meta("Secret", namespace, name),
		Type:       corev1.SecretTypeOpaque,
		Data:       map[string][]byte{"password": []byte(value)},
	}
}

// ConfigMap returns a config map of one key.
func ConfigMap(namespace, name, key, value string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: meta("ConfigMap", namespace, name), Data: map[string]string{key: value}}
}

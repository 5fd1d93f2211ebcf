package demo_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// template is a pod template with its workload.
type template struct {
	kind, namespace, name string
	spec                  corev1.PodTemplateSpec
	selector              *metav1.LabelSelector
}

func templates(docs []document) []template {
	var found []template
	for _, doc := range docs {
		entry := template{kind: doc.gvk.Kind, namespace: doc.object.GetNamespace(), name: doc.object.GetName()}
		switch object := doc.typed.(type) {
		case *appsv1.Deployment:
			entry.spec, entry.selector = object.Spec.Template, object.Spec.Selector
		case *appsv1.ReplicaSet:
			entry.spec, entry.selector = object.Spec.Template, object.Spec.Selector
		case *appsv1.StatefulSet:
			entry.spec, entry.selector = object.Spec.Template, object.Spec.Selector
		case *appsv1.DaemonSet:
			entry.spec, entry.selector = object.Spec.Template, object.Spec.Selector
		case *batchv1.Job:
			entry.spec = object.Spec.Template
		case *batchv1.CronJob:
			entry.spec = object.Spec.JobTemplate.Spec.Template
		case *corev1.Pod:
			entry.spec.ObjectMeta, entry.spec.Spec = object.ObjectMeta, object.Spec
		default:
			continue
		}
		found = append(found, entry)
	}
	return found
}

func TestServiceAccountsExist(t *testing.T) {
	docs := readTree(t)
	accounts := all[*corev1.ServiceAccount](docs)
	for _, workload := range templates(docs) {
		account := workload.spec.Spec.ServiceAccountName
		if _, static := workload.spec.Annotations[corev1.MirrorPodAnnotationKey]; static {
			if account != "" {
				t.Errorf("static pod %s has the service account %s", workload.name, account)
			}
			continue
		}
		if accounts[key(workload.namespace, account)] == nil {
			t.Errorf("%s %s/%s: no service account %q", workload.kind, workload.namespace, workload.name, account)
		}
	}
}

func TestOwnersExist(t *testing.T) {
	docs := readTree(t)
	uids := map[string]string{}
	for _, doc := range docs {
		uids[doc.gvk.GroupVersion().String()+" "+doc.gvk.Kind+" "+key(doc.object.GetNamespace(), doc.object.GetName())] = string(doc.object.GetUID())
	}
	ownerless := []string{}
	for _, doc := range docs {
		for _, owner := range doc.object.GetOwnerReferences() {
			uid, namespaced := uids[owner.APIVersion+" "+owner.Kind+" "+key(doc.object.GetNamespace(), owner.Name)]
			if !namespaced {
				uid = uids[owner.APIVersion+" "+owner.Kind+" "+owner.Name]
			}
			if uid == "" || uid != string(owner.UID) {
				t.Errorf("%s %s: owner %s %s has uid %q, not %q", doc.gvk.Kind, doc.object.GetName(), owner.Kind, owner.Name, uid, owner.UID)
			}
		}
		if doc.gvk.Kind == "Pod" && len(doc.object.GetOwnerReferences()) == 0 {
			ownerless = append(ownerless, key(doc.object.GetNamespace(), doc.object.GetName()))
		}
	}
	if diff := cmp.Diff([]string{"shop/debug-tools"}, ownerless); diff != "" {
		t.Errorf("pods without owner (-want +got):\n%s", diff)
	}
}

func TestRoleReferencesResolve(t *testing.T) {
	docs := readTree(t)
	roles, clusterRoles := all[*rbacv1.Role](docs), all[*rbacv1.ClusterRole](docs)
	accounts := all[*corev1.ServiceAccount](docs)
	var dangling, ghosts []string
	check := func(namespace, name string, ref rbacv1.RoleRef, subjects []rbacv1.Subject) {
		if ref.Kind == "Role" && roles[key(namespace, ref.Name)] == nil || ref.Kind == "ClusterRole" && clusterRoles[ref.Name] == nil {
			dangling = append(dangling, key(namespace, name))
		}
		for _, subject := range subjects {
			if subject.Kind != rbacv1.ServiceAccountKind {
				if subject.APIGroup != rbacv1.GroupName {
					t.Errorf("%s: subject %s has the API group %q", key(namespace, name), subject.Name, subject.APIGroup)
				}
				continue
			}
			home := subject.Namespace
			if home == "" {
				home = namespace
			}
			if accounts[key(home, subject.Name)] == nil {
				ghosts = append(ghosts, key(home, subject.Name))
			}
		}
	}
	for _, binding := range all[*rbacv1.RoleBinding](docs) {
		check(binding.Namespace, binding.Name, binding.RoleRef, binding.Subjects)
	}
	for _, binding := range all[*rbacv1.ClusterRoleBinding](docs) {
		check("", binding.Name, binding.RoleRef, binding.Subjects)
	}
	if diff := cmp.Diff([]string{"warehouse/stock-import"}, dangling); diff != "" {
		t.Errorf("bindings to a missing role (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"payments/batch-export"}, ghosts); diff != "" {
		t.Errorf("missing service accounts (-want +got):\n%s", diff)
	}
}

// What a controller would copy is a true copy: pods and ReplicaSets run their workload's containers.
func TestCopiesEqualTheirTemplate(t *testing.T) {
	byOwner := map[string]template{}
	found := templates(readTree(t))
	for _, workload := range found {
		byOwner[workload.kind+" "+key(workload.namespace, workload.name)] = workload
		if workload.selector == nil {
			continue
		}
		if selector, err := metav1.LabelSelectorAsSelector(workload.selector); err != nil || !selector.Matches(labels.Set(workload.spec.Labels)) {
			t.Errorf("%s %s/%s does not select its own template (%v)", workload.kind, workload.namespace, workload.name, err)
		}
	}
	for _, doc := range readTree(t) {
		for _, owner := range doc.object.GetOwnerReferences() {
			above, ok := byOwner[owner.Kind+" "+key(doc.object.GetNamespace(), owner.Name)]
			copied, isWorkload := byOwner[doc.gvk.Kind+" "+key(doc.object.GetNamespace(), doc.object.GetName())]
			if !ok || !isWorkload {
				continue
			}
			if diff := cmp.Diff(above.spec.Spec.Containers, copied.spec.Spec.Containers); diff != "" {
				t.Errorf("%s %s differs from its %s (-owner +copy):\n%s", doc.gvk.Kind, doc.object.GetName(), owner.Kind, diff)
			}
		}
	}
}

// Every Secret and key that a pod needs is there, except where that is the mistake.
func TestSecretAndConfigMapReferencesResolve(t *testing.T) {
	docs := readTree(t)
	secrets, configs := all[*corev1.Secret](docs), all[*corev1.ConfigMap](docs)
	missing := map[string]bool{}
	for _, workload := range templates(docs) {
		for _, volume := range workload.spec.Spec.Volumes {
			if volume.Secret != nil && secrets[key(workload.namespace, volume.Secret.SecretName)] == nil ||
				volume.ConfigMap != nil && configs[key(workload.namespace, volume.ConfigMap.Name)] == nil {
				missing[key(workload.namespace, volume.Name)] = true
			}
		}
		for _, container := range workload.spec.Spec.Containers {
			for _, mount := range container.VolumeMounts {
				if !slices.ContainsFunc(workload.spec.Spec.Volumes, func(v corev1.Volume) bool { return v.Name == mount.Name }) &&
					workload.kind != "StatefulSet" { // its volumeClaimTemplates are volumes too
					t.Errorf("%s/%s mounts %s, which is no volume", workload.namespace, workload.name, mount.Name)
				}
			}
			for _, from := range container.EnvFrom {
				if from.SecretRef != nil && secrets[key(workload.namespace, from.SecretRef.Name)] == nil ||
					from.ConfigMapRef != nil && configs[key(workload.namespace, from.ConfigMapRef.Name)] == nil {
					t.Errorf("%s/%s: envFrom of something missing", workload.namespace, workload.name)
				}
			}
			for _, env := range container.Env {
				if env.ValueFrom == nil || env.ValueFrom.SecretKeyRef == nil || env.ValueFrom.SecretKeyRef.Optional != nil {
					continue
				}
				ref := env.ValueFrom.SecretKeyRef
				secret := secrets[key(workload.namespace, ref.Name)]
				if secret == nil {
					missing[key(workload.namespace, ref.Name)] = true
				} else if _, ok := secret.StringData[ref.Key]; !ok {
					t.Errorf("%s/%s: Secret %s has no key %s", workload.namespace, workload.name, ref.Name, ref.Key)
				}
			}
		}
	}
	if diff := cmp.Diff([]string{"payments/bank-sftp"}, slices.Collect(maps.Keys(missing))); diff != "" {
		t.Errorf("missing Secrets and ConfigMaps (-want +got):\n%s", diff)
	}
}

func TestSelectorsAndPortsMatch(t *testing.T) {
	docs := readTree(t)
	found := templates(docs)
	selected := func(namespace string, selector labels.Selector) []template {
		return slices.DeleteFunc(slices.Clone(found), func(w template) bool {
			return w.namespace != namespace || !selector.Matches(labels.Set(w.spec.Labels))
		})
	}
	for name, service := range all[*corev1.Service](docs) {
		if len(service.Spec.Selector) == 0 {
			continue
		}
		targets := selected(service.Namespace, labels.SelectorFromSet(service.Spec.Selector))
		if len(targets) == 0 {
			t.Errorf("service %s selects nothing", name)
			continue
		}
		for _, port := range service.Spec.Ports {
			if port.TargetPort.Type == intstr.String && !hasPort(targets[0], port.TargetPort.StrVal) {
				t.Errorf("service %s: no container port %s", name, port.TargetPort.StrVal)
			}
		}
	}
	var idle []string
	for name, policy := range all[*networkingv1.NetworkPolicy](docs) {
		selector, err := metav1.LabelSelectorAsSelector(&policy.Spec.PodSelector)
		if err != nil {
			t.Errorf("policy %s: %v", name, err)
			continue
		}
		if len(selected(policy.Namespace, selector)) == 0 {
			idle = append(idle, name)
		}
	}
	if diff := cmp.Diff([]string{"warehouse/inventory"}, idle); diff != "" {
		t.Errorf("policies that select nothing (-want +got):\n%s", diff)
	}
}

func hasPort(workload template, name string) bool {
	for _, container := range workload.spec.Spec.Containers {
		for _, port := range container.Ports {
			if port.Name == name {
				return true
			}
		}
	}
	return false
}

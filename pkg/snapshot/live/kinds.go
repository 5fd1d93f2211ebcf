package live

import (
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// scope says whether requests for a type carry a namespace.
type scope int

const (
	unknownScope scope = iota // custom resources: nobody asked discovery
	namespaced
	clusterScoped
)

// list is what every typed list is.
type list interface {
	metav1.ListInterface
	runtime.Object
}

// kind is how one API type is read. Without newList it is read as
// unstructured JSON.
type kind struct {
	gvr       schema.GroupVersionResource
	scope     scope
	newList   func() list
	newObject func() snapshot.Object
	// metadataOnly types are asked for without their content.
	metadataOnly bool
	// maxPage is the largest page to ask for; 0 means any.
	maxPage int64
}

// kindOf returns how to read a type. A built-in type that is not in the table
// is read correctly all the same, only slower: as JSON that is converted to
// its Go type.
func kindOf(gvr schema.GroupVersionResource) kind {
	k := kinds()[gvr]
	k.gvr = gvr
	return k
}

// typed is the kind of a built-in type: O is its Go type, L that of its list.
func typed[O, L any, PO interface {
	*O
	snapshot.Object
}, PL interface {
	*L
	list
}](s scope) kind {
	return kind{
		scope:     s,
		newList:   func() list { return PL(new(L)) },
		newObject: func() snapshot.Object { return PO(new(O)) },
	}
}

// secrets are asked for as metadata: their values never leave the server.
func secrets() kind {
	k := typed[metav1.PartialObjectMetadata, metav1.PartialObjectMetadataList](namespaced)
	k.metadataOnly = true
	return k
}

// crdPage keeps pages of custom resource definitions small: a schema of one
// can be a megabyte of JSON.
const crdPage = 50

func kinds() map[schema.GroupVersionResource]kind {
	admission := admissionregistrationv1.SchemeGroupVersion.WithResource
	apps := appsv1.SchemeGroupVersion.WithResource
	batch := batchv1.SchemeGroupVersion.WithResource
	core := corev1.SchemeGroupVersion.WithResource
	discovery := discoveryv1.SchemeGroupVersion.WithResource
	networking := networkingv1.SchemeGroupVersion.WithResource
	rbac := rbacv1.SchemeGroupVersion.WithResource
	return map[schema.GroupVersionResource]kind{
		core("configmaps"):      typed[corev1.ConfigMap, corev1.ConfigMapList](namespaced),
		core("namespaces"):      typed[corev1.Namespace, corev1.NamespaceList](clusterScoped),
		core("nodes"):           typed[corev1.Node, corev1.NodeList](clusterScoped),
		core("pods"):            typed[corev1.Pod, corev1.PodList](namespaced),
		core("secrets"):         secrets(),
		core("serviceaccounts"): typed[corev1.ServiceAccount, corev1.ServiceAccountList](namespaced),
		core("services"):        typed[corev1.Service, corev1.ServiceList](namespaced),

		rbac("clusterrolebindings"): typed[rbacv1.ClusterRoleBinding, rbacv1.ClusterRoleBindingList](clusterScoped),
		rbac("clusterroles"):        typed[rbacv1.ClusterRole, rbacv1.ClusterRoleList](clusterScoped),
		rbac("rolebindings"):        typed[rbacv1.RoleBinding, rbacv1.RoleBindingList](namespaced),
		rbac("roles"):               typed[rbacv1.Role, rbacv1.RoleList](namespaced),

		apps("daemonsets"):   typed[appsv1.DaemonSet, appsv1.DaemonSetList](namespaced),
		apps("deployments"):  typed[appsv1.Deployment, appsv1.DeploymentList](namespaced),
		apps("replicasets"):  typed[appsv1.ReplicaSet, appsv1.ReplicaSetList](namespaced),
		apps("statefulsets"): typed[appsv1.StatefulSet, appsv1.StatefulSetList](namespaced),
		batch("cronjobs"):    typed[batchv1.CronJob, batchv1.CronJobList](namespaced),
		batch("jobs"):        typed[batchv1.Job, batchv1.JobList](namespaced),

		discovery("endpointslices"):   typed[discoveryv1.EndpointSlice, discoveryv1.EndpointSliceList](namespaced),
		networking("ingresses"):       typed[networkingv1.Ingress, networkingv1.IngressList](namespaced),
		networking("networkpolicies"): typed[networkingv1.NetworkPolicy, networkingv1.NetworkPolicyList](namespaced),

		admission("mutatingwebhookconfigurations"):     typed[admissionregistrationv1.MutatingWebhookConfiguration, admissionregistrationv1.MutatingWebhookConfigurationList](clusterScoped),
		admission("validatingwebhookconfigurations"):   typed[admissionregistrationv1.ValidatingWebhookConfiguration, admissionregistrationv1.ValidatingWebhookConfigurationList](clusterScoped),
		admission("validatingadmissionpolicies"):       typed[admissionregistrationv1.ValidatingAdmissionPolicy, admissionregistrationv1.ValidatingAdmissionPolicyList](clusterScoped),
		admission("validatingadmissionpolicybindings"): typed[admissionregistrationv1.ValidatingAdmissionPolicyBinding, admissionregistrationv1.ValidatingAdmissionPolicyBindingList](clusterScoped),

		CustomResourceDefinitions(): {scope: clusterScoped, maxPage: crdPage},
	}
}

// CustomResourceDefinitions is the type to need for the definitions of custom
// resources.
func CustomResourceDefinitions() schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
}

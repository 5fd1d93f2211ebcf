package harness

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/util/retry"
)

// writers is how many objects are written at the same time.
const writers = 24

// Apply creates the objects as Admin, and replaces those that exist. The
// order of the arguments does not matter: namespaces and definitions of
// custom resources come first, pods after their service accounts, what
// rejects or limits other objects last. A status that an object carries is
// written too, as no kubelet does it.
//
// A Pod needs its ServiceAccount: without [Options.ControllerManager] it must
// be among the objects or exist, the one named default included.
func (cp *ControlPlane) Apply(ctx context.Context, objects ...runtime.Object) error {
	a, err := cp.newApplier()
	if err != nil {
		return err
	}
	var stages [stageCount][]*unstructured.Unstructured
	for _, obj := range objects {
		u, err := toUnstructured(obj)
		if err != nil {
			return fmt.Errorf("apply: %w", err)
		}
		s := stageOf(u)
		stages[s] = append(stages[s], u)
	}
	for s, stage := range stages {
		if len(stage) == 0 {
			continue
		}
		if err := a.applyAll(ctx, stage); err != nil {
			return err
		}
		if s == stageDefinitions {
			if err := a.settle(ctx, stage); err != nil {
				return err
			}
		}
	}
	return nil
}

// ApplyYAML is Apply for the objects that Parse reads from the text.
func (cp *ControlPlane) ApplyYAML(ctx context.Context, text []byte) error {
	objects, err := Parse(text)
	if err != nil {
		return err
	}
	return cp.Apply(ctx, objects...)
}

// applier writes objects of any type that the API server knows.
type applier struct {
	cp        *ControlPlane
	client    dynamic.Interface
	typed     kubernetes.Interface
	mapper    meta.RESTMapper
	hasStatus map[string]bool // by "group/version/resource"
}

func (cp *ControlPlane) newApplier() (*applier, error) {
	client, err := dynamic.NewForConfig(cp.Client(Admin))
	if err != nil {
		return nil, fmt.Errorf("apply: %w", err)
	}
	typed, err := kubernetes.NewForConfig(cp.Client(Admin))
	if err != nil {
		return nil, fmt.Errorf("apply: %w", err)
	}
	a := &applier{cp: cp, client: client, typed: typed}
	return a, a.discover()
}

// discover asks which types there are. A group whose own server is down does
// not matter unless one of its types is wanted.
func (a *applier) discover() error {
	groups, lists, err := a.typed.Discovery().ServerGroupsAndResources()
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		return fmt.Errorf("apply: discovery: %w", err)
	}
	a.hasStatus = map[string]bool{}
	byVersion := map[string][]metav1.APIResource{}
	for _, list := range lists {
		byVersion[list.GroupVersion] = list.APIResources
		for _, r := range list.APIResources {
			a.hasStatus[list.GroupVersion+"/"+r.Name] = true // "pods/status"
		}
	}
	var resources []*restmapper.APIGroupResources
	for _, g := range groups {
		gr := &restmapper.APIGroupResources{Group: *g, VersionedResources: map[string][]metav1.APIResource{}}
		for _, v := range g.Versions {
			gr.VersionedResources[v.Version] = byVersion[v.GroupVersion]
		}
		resources = append(resources, gr)
	}
	a.mapper = restmapper.NewDiscoveryRESTMapper(resources)
	return nil
}

func (a *applier) applyAll(ctx context.Context, objects []*unstructured.Unstructured) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	for _, u := range objects {
		group.Go(func() error {
			if err := a.apply(ctx, u); err != nil {
				return fmt.Errorf("apply %s %s/%s: %w", u.GetKind(), u.GetNamespace(), u.GetName(), err)
			}
			return nil
		})
	}
	return group.Wait()
}

func (a *applier) apply(ctx context.Context, u *unstructured.Unstructured) error {
	gvk := u.GroupVersionKind()
	mapping, err := a.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		return err
	}
	var client dynamic.ResourceInterface = a.client.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		if u.GetNamespace() == "" {
			u.SetNamespace(metav1.NamespaceDefault)
		}
		client = a.client.Resource(mapping.Resource).Namespace(u.GetNamespace())
	}
	u.SetResourceVersion("")
	stored, err := client.Create(ctx, u, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		// Controllers write some of the same objects.
		err = retry.RetryOnConflict(retry.DefaultBackoff, func() error {
			stored, err = replace(ctx, client, u)
			return err
		})
	}
	if err != nil {
		return err
	}
	status, ok := u.Object["status"].(map[string]any)
	if !ok || len(status) == 0 || statusOfServer(u) || !a.hasStatus[gvk.GroupVersion().String()+"/"+mapping.Resource.Resource+"/status"] {
		return nil
	}
	err = retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		stored.Object["status"] = status
		_, err := client.UpdateStatus(ctx, stored, metav1.UpdateOptions{})
		if apierrors.IsConflict(err) {
			if latest, getErr := client.Get(ctx, u.GetName(), metav1.GetOptions{}); getErr == nil {
				stored = latest
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("write its status: %w", err)
	}
	return nil
}

func replace(ctx context.Context, client dynamic.ResourceInterface, u *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	if kindOf(u) == "Pod" {
		// Nearly nothing of a pod may change, and there is no kubelet that
		// would have to end the old one.
		now := int64(0)
		if err := client.Delete(ctx, u.GetName(), metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil {
			return nil, err
		}
		return client.Create(ctx, u, metav1.CreateOptions{})
	}
	old, err := client.Get(ctx, u.GetName(), metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	u.SetResourceVersion(old.GetResourceVersion())
	u.SetUID("")
	return client.Update(ctx, u, metav1.UpdateOptions{})
}

package permissions

import (
	"context"
	"sync"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	authorizationclient "k8s.io/client-go/kubernetes/typed/authorization/v1"
	"k8s.io/client-go/rest"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/requires"
	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

const parallel = 8 // reviews at the same time

// check asks the API server about every permission and fills in its answers.
// The error says that the server could not be asked at all.
func check(ctx context.Context, config *rest.Config, required []v1alpha1.RequiredPermission) error {
	config = rest.CopyConfig(config)
	config.ContentType = runtime.ContentTypeJSON
	config.QPS = -1 // the number of reviews is small and fixed
	client, err := authorizationclient.NewForConfig(config)
	if err != nil {
		return err
	}
	ask := func(p *v1alpha1.RequiredPermission) error {
		review := &authorizationv1.SelfSubjectAccessReview{Spec: spec(p)}
		answer, err := client.SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
		if err != nil {
			p.Reason = err.Error()
			return err
		}
		p.Allowed, p.Reason = &answer.Status.Allowed, answer.Status.Reason
		return nil
	}
	if len(required) == 0 {
		return nil
	}
	// One goes ahead: a server that cannot be reached is asked once.
	if err := ask(&required[0]); err != nil && (ctx.Err() != nil || apierrors.ReasonForError(err) == metav1.StatusReasonUnknown || apierrors.IsUnauthorized(err)) {
		return err
	}
	slots := make(chan struct{}, parallel)
	var wg sync.WaitGroup
	for i := range required[1:] {
		slots <- struct{}{}
		wg.Go(func() {
			_ = ask(&required[1+i]) // its reason says why there is no answer
			<-slots
		})
	}
	wg.Wait()
	return ctx.Err()
}

func spec(p *v1alpha1.RequiredPermission) authorizationv1.SelfSubjectAccessReviewSpec {
	if p.NonResourceURL != "" {
		return authorizationv1.SelfSubjectAccessReviewSpec{
			NonResourceAttributes: &authorizationv1.NonResourceAttributes{Verb: p.Verb, Path: p.NonResourceURL},
		}
	}
	return authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: p.Verb, Group: p.APIGroup, Version: "*", Resource: p.Resource, Name: p.Name, Namespace: p.Namespace,
		},
	}
}

// place returns the namespace in which a permission is asked about: that of
// its object, else the one that was named for types that have namespaces.
func place(p requires.Permission, namespace string, types *apiresource.Catalog) string {
	if p.Namespace != "" || namespace == "" || p.URL != "" {
		return p.Namespace
	}
	resource, known := types.Lookup(schema.GroupResource{Group: p.APIGroup, Resource: p.Resource})
	if !known || resource.Namespaced {
		return namespace
	}
	return ""
}

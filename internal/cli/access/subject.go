package access

import (
	"context"
	"errors"
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	authenticationclient "k8s.io/client-go/kubernetes/typed/authentication/v1"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/source"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// SubjectForms is how a SUBJECT is written, for usage and help texts.
const SubjectForms = "sa/[NAMESPACE/]NAME, user/NAME, group/NAME, pod/[NAMESPACE/]NAME (its service account), system:serviceaccount:NAMESPACE:NAME, or me"

// ParseSubject reads a SUBJECT argument; what it cannot read is a usage error.
func ParseSubject(src *source.Source, typed string) (rbac.Reference, error) {
	namespace, _, err := src.Namespace()
	if err != nil {
		return rbac.Reference{}, err
	}
	ref, err := rbac.ParseReference(typed, namespace)
	if err != nil {
		return rbac.Reference{}, fault.Usage("%w", err)
	}
	if ref.Me {
		return ref, src.RequireLive("the subject \"me\"")
	}
	return ref, nil
}

// SubjectNeeds is what must be read, beside Needs, to know who ref is: the
// one pod.
func SubjectNeeds(ref rbac.Reference) []snapshot.Need {
	if ref.Pod == (rbac.PodName{}) {
		return nil
	}
	return []snapshot.Need{{
		Type:      schema.GroupVersionResource{Version: "v1", Resource: "pods"},
		Namespace: ref.Pod.Namespace, Name: ref.Pod.Name,
	}}
}

// Identify finds out who ref is: a pod by the snapshot, the caller by asking
// the server. groups are further ones that the subject is said to be in.
func Identify(ctx context.Context, src *source.Source, snap *snapshot.Snapshot, ref rbac.Reference, groups []string) (rbac.Identity, error) {
	switch {
	case ref.Me:
		return whoAmI(ctx, src, groups)
	case ref.Pod != (rbac.PodName{}):
		subject, err := accountOf(snap, ref.Pod)
		return rbac.Identity{Subject: subject, Groups: groups}, err
	default:
		return rbac.Identity{Subject: ref.Subject, Groups: groups}, nil
	}
}

// accountOf returns the service account that a pod runs as; one that names
// none runs as "default".
func accountOf(snap *snapshot.Snapshot, name rbac.PodName) (rbac.Subject, error) {
	pod := snapshot.Get[corev1.Pod](snap, name.Namespace, name.Name)
	if pod != nil {
		account := pod.Spec.ServiceAccountName
		if account == "" {
			account = "default"
		}
		return rbac.ServiceAccount(name.Namespace, account), nil
	}
	for _, gap := range snap.Gaps() {
		if gap.Group == "" && gap.Resource == "pods" && (gap.Namespace == "" || gap.Namespace == name.Namespace) {
			return rbac.Subject{}, fault.WithHelp(
				fmt.Errorf("pod %s in namespace %s could not be read: %s", name.Name, name.Namespace, gap.Reason),
				"name its service account instead: sa/"+name.Namespace+"/NAME")
		}
	}
	return rbac.Subject{}, fault.WithHelp(
		fmt.Errorf("there is no pod %s in namespace %s", name.Name, name.Namespace),
		"name another namespace with -n or as pod/NAMESPACE/NAME, or the service account: sa/"+name.Namespace+"/NAME")
}

// whoAmI asks the API server who the caller is, impersonation included.
func whoAmI(ctx context.Context, src *source.Source, groups []string) (rbac.Identity, error) {
	config, err := src.RESTConfig()
	if err != nil {
		return rbac.Identity{}, err
	}
	client, err := authenticationclient.NewForConfig(config)
	if err != nil {
		return rbac.Identity{}, fmt.Errorf("ask the API server who you are: %w", err)
	}
	review, err := client.SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return rbac.Identity{}, fault.WithHelp(fmt.Errorf("ask the API server who you are: %w", err), "name yourself: user/NAME --group GROUP")
	}
	if review.Status.UserInfo.Username == "" {
		return rbac.Identity{}, errors.New("the API server does not say who you are")
	}
	return rbac.Identity{
		Subject: rbac.User(review.Status.UserInfo.Username),
		Groups:  append(review.Status.UserInfo.Groups, groups...),
	}, nil
}

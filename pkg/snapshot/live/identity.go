package live

import (
	"context"
	"encoding/json"
	"sync"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/version"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// identify fills in what is known about the server and, where asked for, the
// cluster and the caller. What the server does not tell stays empty: no
// answer depends on it. Its requests take no slots of the lists: one that
// hangs must not keep them waiting.
func (c *client) identify(ctx context.Context, all bool, info *snapshot.Info) {
	var wg sync.WaitGroup
	wg.Go(func() { info.ServerVersion = c.version(ctx) })
	if all {
		wg.Go(func() { info.ClusterID = c.clusterID(ctx) })
		wg.Go(func() { info.User = c.user(ctx) })
	}
	wg.Wait()
}

func (c *client) version(ctx context.Context) string {
	answer, err := send(quiet(ctx, false), c.typed.Get().AbsPath("version").SetHeader("Accept", acceptJSON))
	if err != nil {
		return ""
	}
	body, err := answer.Raw()
	if err != nil {
		return ""
	}
	var v version.Info
	if json.Unmarshal(body, &v) != nil {
		return ""
	}
	return v.GitVersion
}

// clusterID is the uid of the namespace that every cluster keeps for life.
func (c *client) clusterID(ctx context.Context) string {
	k := kindOf(corev1.SchemeGroupVersion.WithResource("namespaces"))
	answer, err := send(quiet(ctx, false), c.request(query{kind: k}, "").Name(metav1.NamespaceSystem))
	if err != nil {
		return ""
	}
	obj, err := k.decodeObject(answer)
	if err != nil {
		return ""
	}
	return string(obj.GetUID())
}

// user asks the server who it takes the caller for. The server stores
// nothing.
func (c *client) user(ctx context.Context) string {
	review := &authenticationv1.SelfSubjectReview{}
	gv := authenticationv1.SchemeGroupVersion
	review.SetGroupVersionKind(gv.WithKind("SelfSubjectReview"))
	request := c.typed.Post().AbsPath("apis", gv.Group, gv.Version, "selfsubjectreviews").Body(review)
	answer, err := send(quiet(ctx, false), request)
	if err != nil || answer.Into(review) != nil {
		return ""
	}
	return review.Status.UserInfo.Username
}

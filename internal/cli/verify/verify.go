// Package verify asks a live API server, by access reviews, whether it
// agrees with an answer that was computed from RBAC objects.
package verify

import (
	"context"
	"fmt"
	"sync"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	authorizationclient "k8s.io/client-go/kubernetes/typed/authorization/v1"
	"k8s.io/client-go/rest"

	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// Limits of the load that a verification puts on the API server.
const (
	parallel       = 8
	queriesPerSec  = 100
	burst          = 200
	failuresToStop = 5 // in a row: the server refuses reviews, asking on is no use
)

// Review is one question to the API server: may this subject do this?
type Review struct {
	User    string
	Groups  []string
	Request rbac.Request
}

// Verdict is the server's answer.
type Verdict struct {
	Allowed  bool
	Reason   string // the authorizer's words, may be ""
	Err      error  // the review got no answer
	NotAsked bool   // the review was never sent; Err says why
}

// Asker asks one review. The API server's is made by NewAsker.
type Asker func(context.Context, Review) Verdict

// NewAsker returns an Asker for the API server of the configuration.
func NewAsker(config *rest.Config) (Asker, error) {
	client, err := connect(config)
	if err != nil {
		return nil, err
	}
	reviews := client.SubjectAccessReviews()
	return func(ctx context.Context, r Review) Verdict {
		answer, err := reviews.Create(ctx, &authorizationv1.SubjectAccessReview{Spec: spec(r)}, metav1.CreateOptions{})
		if err != nil {
			return Verdict{Err: err}
		}
		return verdict(answer.Status)
	}, nil
}

// NewSelfAsker is NewAsker for questions about the caller, whoever the reviews
// name: everyone may ask them.
func NewSelfAsker(config *rest.Config) (Asker, error) {
	client, err := connect(config)
	if err != nil {
		return nil, err
	}
	reviews := client.SelfSubjectAccessReviews()
	return func(ctx context.Context, r Review) Verdict {
		s := spec(r)
		answer, err := reviews.Create(ctx, &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: s.ResourceAttributes, NonResourceAttributes: s.NonResourceAttributes,
		}}, metav1.CreateOptions{})
		if err != nil {
			return Verdict{Err: err}
		}
		return verdict(answer.Status)
	}, nil
}

func connect(config *rest.Config) (*authorizationclient.AuthorizationV1Client, error) {
	config = rest.CopyConfig(config)
	config.QPS, config.Burst = queriesPerSec, burst
	client, err := authorizationclient.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("connect for --verify: %w", err)
	}
	return client, nil
}

func verdict(status authorizationv1.SubjectAccessReviewStatus) Verdict {
	v := Verdict{Allowed: status.Allowed, Reason: status.Reason}
	if v.Reason == "" {
		v.Reason = status.EvaluationError
	}
	return v
}

func spec(r Review) authorizationv1.SubjectAccessReviewSpec {
	s := authorizationv1.SubjectAccessReviewSpec{User: r.User, Groups: r.Groups}
	q := r.Request
	if q.Path != "" {
		s.NonResourceAttributes = &authorizationv1.NonResourceAttributes{Verb: q.Verb, Path: q.Path}
		return s
	}
	s.ResourceAttributes = &authorizationv1.ResourceAttributes{
		Verb: q.Verb, Group: q.APIGroup, Version: "*", Resource: q.Resource, Subresource: q.Subresource, Name: q.Name, Namespace: q.Namespace,
	}
	return s
}

// Ask asks all reviews, some at a time, and returns the verdicts in their
// order. progress, which may be nil, is told how many are answered. When the
// server answers none of several in a row the rest is not asked: their
// verdicts say so and have the last error.
func Ask(ctx context.Context, ask Asker, reviews []Review, progress func(done int)) []Verdict {
	verdicts := make([]Verdict, len(reviews))
	next := make(chan int)
	var (
		wg       sync.WaitGroup
		mu       sync.Mutex
		done     int
		failures int
		stopped  error
	)
	answered := func(i int, v Verdict) {
		mu.Lock()
		defer mu.Unlock()
		verdicts[i] = v
		done++
		failures++
		if v.Err == nil {
			failures = 0
		}
		if failures >= failuresToStop && stopped == nil {
			stopped = v.Err
		}
		if progress != nil {
			progress(done)
		}
	}
	giveUp := func() error {
		mu.Lock()
		defer mu.Unlock()
		if err := ctx.Err(); err != nil {
			return err
		}
		return stopped
	}
	for range min(parallel, len(reviews)) {
		wg.Go(func() {
			for i := range next {
				if err := giveUp(); err != nil {
					answered(i, Verdict{Err: err, NotAsked: true})
					continue
				}
				answered(i, ask(ctx, reviews[i]))
			}
		})
	}
	for i := range reviews {
		next <- i
	}
	close(next)
	wg.Wait()
	return verdicts
}

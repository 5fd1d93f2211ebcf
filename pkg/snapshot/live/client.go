package live

import (
	"context"
	"net/http"
	"strconv"

	internalversion "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
)

// What is asked for. Metadata has no plain application/json to fall back to,
// as client-go's metadata client has: a server that cannot leave out the
// content must refuse (406), not send it.
const (
	acceptJSON         = "application/json"
	acceptTyped        = "application/vnd.kubernetes.protobuf,application/json"
	acceptMetadata     = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
	acceptMetadataList = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
)

// client sends requests to one API server, a limited number at a time.
type client struct {
	server   string
	typed    rest.Interface
	metadata rest.Interface
	slots    chan struct{}
}

func newClient(config *rest.Config, concurrency int, w *warnings) (*client, error) {
	config = rest.CopyConfig(config)
	config.QPS, config.RateLimiter = -1, nil
	config.WarningHandler, config.WarningHandlerWithContext = nil, w
	config.ContentType = runtime.ContentTypeProtobuf
	config.AcceptContentTypes = acceptTyped
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return boundedRetry{next} })
	if err := rest.SetKubernetesDefaults(config); err != nil {
		return nil, &ConnectError{Server: config.Host, Err: err}
	}
	c := &client{server: config.Host, slots: make(chan struct{}, concurrency)}
	httpClient, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, &ConnectError{Server: c.server, Err: err}
	}
	for to, codecs := range map[*rest.Interface]runtime.NegotiatedSerializer{
		&c.typed:    scheme.Codecs.WithoutConversion(),
		&c.metadata: internalversion.Codecs.WithoutConversion(),
	} {
		config.NegotiatedSerializer = codecs
		config.GroupVersion = &schema.GroupVersion{}
		if *to, err = rest.UnversionedRESTClientForConfigAndClient(config, httpClient); err != nil {
			return nil, &ConnectError{Server: c.server, Err: err}
		}
	}
	return c, nil
}

// query selects objects of one kind.
type query struct {
	kind      kind
	namespace string // "" for all namespaces or cluster scope
	name      string
	limit     int64  // of a page; 0 means none
	token     string // of the page to continue with
}

// list asks for a page of the list.
func (c *client) list(ctx context.Context, q query) (rest.Result, error) {
	r := c.request(q, acceptMetadataList)
	if q.name != "" {
		r = r.Param("fieldSelector", fields.OneTermEqualSelector("metadata.name", q.name).String())
	}
	if q.limit > 0 {
		r = r.Param("limit", strconv.FormatInt(q.limit, 10))
	}
	if q.token != "" {
		r = r.Param("continue", q.token)
	}
	return c.do(quiet(ctx, q.kind.metadataOnly), r)
}

// get asks for one object.
func (c *client) get(ctx context.Context, q query) (rest.Result, error) {
	return c.do(quiet(ctx, q.kind.metadataOnly), c.request(q, acceptMetadata).Name(q.name))
}

// request begins a request for objects of the query's kind and namespace.
func (c *client) request(q query, acceptMetadata string) *rest.Request {
	r, k := c.typed.Get(), q.kind
	switch {
	case k.metadataOnly:
		r = c.metadata.Get().SetHeader("Accept", acceptMetadata)
	case k.newList == nil:
		r = r.SetHeader("Accept", acceptJSON)
	}
	if k.gvr.Group == "" {
		r = r.AbsPath("api", k.gvr.Version)
	} else {
		r = r.AbsPath("apis", k.gvr.Group, k.gvr.Version)
	}
	return r.NamespaceIfScoped(q.namespace, q.namespace != "").Resource(k.gvr.Resource)
}

// do sends a request when there is a free slot; see send for the error.
func (c *client) do(ctx context.Context, r *rest.Request) (rest.Result, error) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
		return send(ctx, r)
	case <-ctx.Done():
		return rest.Result{}, ctx.Err()
	}
}

// send sends a request. The error is the context's, the server's (an
// apierrors.APIStatus), an *unreachableError, or that the request cannot be
// made at all.
func send(ctx context.Context, r *rest.Request) (rest.Result, error) {
	if err := r.Error(); err != nil {
		return rest.Result{}, err
	}
	for attempt := 1; ; attempt++ {
		result := r.MaxRetries(maxRetries).Do(ctx)
		err := result.Error()
		switch {
		case err == nil:
			return result, nil
		case ctx.Err() != nil:
			return result, ctx.Err()
		case isStatus(err):
			return result, err
		case attempt > maxRetries || !brokenOff(err):
			return result, &unreachableError{err}
		}
	}
}

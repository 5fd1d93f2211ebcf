package live

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

const (
	defaultPageSize    = 500 // as kubectl
	defaultConcurrency = 16
)

// Options say what to read and from where. Only Config is required.
type Options struct {
	// Config is copied, never changed. Its Timeout limits every request; its
	// rate limit is replaced by Concurrency: servers limit clients themselves.
	Config *rest.Config
	Needs  []snapshot.Need
	// Namespace is the one that is read where neither all namespaces nor the
	// list of namespaces may be read: -n, or the context's.
	Namespace string
	// Also are further ones to read there, as those of the objects asked about.
	Also []string
	// Identify also asks for the cluster's and the caller's identity
	// (Info.ClusterID, Info.User): two more requests.
	Identify bool
	// Whole keeps the gaps of Optional needs that the caller may not read: what
	// is compared later must not look as if it were gone.
	Whole bool
	// Discovery, where given, is asked for all served types
	// (Info.Resources), in parallel with the lists.
	Discovery discovery.DiscoveryInterface

	PageSize    int64 // objects of a page; 0 means 500, less than 0 no pages
	Concurrency int   // requests at the same time; 0 means 16

	// Progress is told after every page. Calls never overlap.
	Progress func(Progress)
	// Warn gets the warnings that the server sent, each once, in order, before
	// Load returns.
	Warn func(string)
	// Now gives Info.Taken. Without it the time is not known.
	Now func() time.Time
}

// loader is one run of Load.
type loader struct {
	client     *client
	fallback   []string // namespaces to read where all may not be listed
	pageSize   int64
	progress   *progress
	namespaces func(context.Context) ([]string, error)
}

// Load reads what opts needs into a snapshot. The error is a *ConnectError or
// an *UnauthorizedError where nothing at all could be read, or the context's:
// every request ends with the context, and no goroutine outlives the call.
func Load(ctx context.Context, opts Options) (*snapshot.Snapshot, error) {
	info := snapshot.Info{Source: snapshot.FromServer}
	if opts.Now != nil {
		info.Taken = opts.Now() // before the first request: what comes later may be in it or not
	}
	warnings := &warnings{}
	c, err := newClient(opts.Config, cmp.Or(opts.Concurrency, defaultConcurrency), warnings)
	if err != nil {
		return nil, err
	}
	needs := merge(opts.Needs)
	l := &loader{
		client:   c,
		fallback: fallback(opts),
		pageSize: cmp.Or(opts.PageSize, defaultPageSize),
		progress: newProgress(opts.Progress, len(needs)),
	}
	l.namespaces = l.onceNamespaces()

	var (
		side    sync.WaitGroup
		lists   sync.WaitGroup
		found   discovered
		results = make([]result, len(needs))
	)
	sideCtx, stopSide := context.WithCancel(ctx)
	defer stopSide()
	side.Go(func() { c.identify(sideCtx, opts.Identify, &info) })
	if opts.Discovery != nil {
		side.Go(func() { found.resources, found.gaps, found.err = Discover(ctx, opts.Discovery) })
	}
	for i, need := range needs {
		lists.Go(func() {
			results[i] = l.read(ctx, need)
			c.unserved(ctx, need, &results[i])
			l.progress.typeDone(need.Type)
		})
	}
	lists.Wait()
	// The version and names of the cluster are extras: a proxy that hangs on
	// them must not hold back the answer.
	grace := time.AfterFunc(sideGrace, stopSide)
	defer grace.Stop()
	side.Wait()

	if opts.Warn != nil {
		for _, text := range warnings.sorted() {
			opts.Warn(text)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := c.fatal(needs, results); err != nil {
		return nil, err
	}
	return build(info, needs, results, found, opts.Whole)
}

// fallback are the namespaces that are known without a list of them: that of
// the options and those of the needs.
func fallback(opts Options) []string {
	names := append([]string{opts.Namespace}, opts.Also...)
	for _, need := range opts.Needs {
		if need.Name == "" {
			names = append(names, need.Namespace)
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == "" })
}

// sideGrace is how long requests for extras may last after the lists.
const sideGrace = 2 * time.Second

func build(info snapshot.Info, needs []snapshot.Need, results []result, found discovered, whole bool) (*snapshot.Snapshot, error) {
	b := snapshot.NewBuilder()
	for i, r := range results {
		b.Add(r.objects...)
		for _, g := range r.gaps {
			if keeps(needs[i], g, whole) {
				b.Gap(g)
			}
		}
	}
	if found.err != nil {
		b.Gap(snapshot.Gap{Reason: reasonOf(found.err), Detail: "discovery of the served types: " + detail(found.err)})
	}
	b.Gap(found.gaps...)
	info.Resources = slices.Clip(found.resources)
	return b.Build(info)
}

package live

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// warnings collects the Warning headers of all requests. It implements
// rest.WarningHandlerWithContext.
type warnings struct {
	mu    sync.Mutex
	texts map[string]bool
}

// apiWarning is the only warn code that Kubernetes uses (RFC 7234,
// "miscellaneous persistent warning").
const apiWarning = 299

func (w *warnings) HandleWarningHeaderWithContext(_ context.Context, code int, _, text string) {
	if code != apiWarning || text == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.texts == nil {
		w.texts = map[string]bool{}
	}
	w.texts[text] = true
}

// sorted returns every text once. The order of arrival is chance.
func (w *warnings) sorted() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Keys(w.texts))
}

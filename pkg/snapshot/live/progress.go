package live

import (
	"sync"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Progress is how far a Load has come.
type Progress struct {
	Reading   schema.GroupResource // the type that was read last
	Objects   int                  // read so far, of all types
	TypesDone int
	Types     int // to read in all
}

// progress counts what several goroutines read.
type progress struct {
	mu   sync.Mutex
	now  Progress
	tell func(Progress)
}

func newProgress(tell func(Progress), types int) *progress {
	if tell == nil {
		tell = func(Progress) {}
	}
	return &progress{now: Progress{Types: types}, tell: tell}
}

// read counts objects; less than 0 of them are those of a list that begins
// again.
func (p *progress) read(t schema.GroupVersionResource, objects int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now.Reading = t.GroupResource()
	p.now.Objects += objects
	p.tell(p.now)
}

func (p *progress) typeDone(t schema.GroupVersionResource) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now.Reading = t.GroupResource()
	p.now.TypesDone++
	p.tell(p.now)
}

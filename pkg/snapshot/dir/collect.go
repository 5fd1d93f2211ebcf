package dir

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// collector gathers the records of all inputs.
type collector struct {
	namespace string
	records   []record
	gaps      []snapshot.Gap
	infos     []savedInfo
}

// savedInfo is a SnapshotInfo as it was found.
type savedInfo struct {
	origin snapshot.Origin
	text   []byte
}

func newCollector(namespace string) *collector { return &collector{namespace: namespace} }

// read reads and decodes the sources, several at a time; the records come in
// the order of the sources.
func (c *collector) read(ctx context.Context, sources []source) error {
	results := make([][]record, len(sources))
	errs := make([]error, len(sources))
	parallel(len(sources), func(i int) {
		results[i], errs[i] = readSource(ctx, sources[i])
	})
	for i, src := range sources {
		switch err := errs[i]; {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil:
		case src.named:
			return fmt.Errorf("cannot read %s: %w", src.name, err)
		default:
			c.gaps = append(c.gaps, snapshot.Gap{Reason: snapshot.Unparsable, Detail: fmt.Sprintf("%s: %v", src.name, err)})
		}
		for _, r := range results[i] {
			if r.info != nil {
				c.infos = append(c.infos, savedInfo{r.origin, r.info})
				continue
			}
			c.records = append(c.records, r)
		}
	}
	return nil
}

// readSource returns the records of one input.
func readSource(ctx context.Context, src source) ([]record, error) {
	in, err := slurp(ctx, src)
	if err != nil {
		return nil, err
	}
	records := decodeText(ctx, src.name, in.text)
	if in.damaged != nil {
		r := record{origin: snapshot.Origin{File: src.name, Line: newLineCounter(in.text, 1).at(len(in.text))}}
		r.gap = &problem{err: in.damaged}
		records = append(records, r)
	}
	return records, nil
}

// decodeText splits a text and decodes its parts, several at a time.
func decodeText(ctx context.Context, name string, text []byte) []record {
	var units []unit
	for _, doc := range splitDocuments(text) {
		units = append(units, documentUnits(doc)...)
	}
	decoded := make([][]record, len(units))
	parallel(len(units), func(i int) {
		if ctx.Err() == nil {
			decoded[i] = decodeUnit(name, units[i])
		}
	})
	var records []record
	for i := range decoded {
		records = append(records, decoded[i]...)
	}
	return records
}

// documentUnits cuts one document into units.
func documentUnits(doc document) []unit {
	begin := firstContent(doc.text)
	line := newLineCounter(doc.text, doc.line).at(begin)
	if begin == len(doc.text) {
		return nil
	}
	if c := doc.text[begin]; c == '{' || c == '[' {
		units := splitJSON(doc.text[begin:], line, 0)
		if len(units) != 1 || units[0].broken == nil || !errors.Is(units[0].broken, errNotJSON) || doc.text[begin] == '{' && looksLikeJSON(doc.text[begin:]) {
			return units
		}
	}
	return []unit{{text: doc.text, yaml: true, line: line}}
}

// looksLikeJSON tells JSON from a flow mapping of YAML by the quotes of its
// first key.
func looksLikeJSON(text []byte) bool {
	s := scanner{text: text, pos: 1}
	return s.space() == '"'
}

// parallel calls do for 0…n-1, on all processors, and waits.
func parallel(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers <= 1 {
		for i := range n {
			do(i)
		}
		return
	}
	const chunk = 64 // small units must not fight for the counter
	step := min(chunk, max(1, n/(4*workers)))
	var wg sync.WaitGroup
	var mu sync.Mutex
	next := 0
	for range workers {
		wg.Go(func() {
			for {
				mu.Lock()
				from := next
				next += step
				mu.Unlock()
				if from >= n {
					return
				}
				for i := from; i < min(from+step, n); i++ {
					do(i)
				}
			}
		})
	}
	wg.Wait()
}

package dir

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// collector gathers the records of all inputs.
type collector struct {
	namespace string
	records   []record
	gaps      []snapshot.Gap
	infos     []savedInfo
	savedGaps bool                   // the SnapshotInfo has gaps
	types     []apiresource.Resource // custom types that the input does not define
	toApply   bool                   // keep the texts of objects
}

// savedInfo is a SnapshotInfo as it was found.
type savedInfo struct {
	origin snapshot.Origin
	in     *list
	text   []byte
}

func newCollector(namespace string) *collector { return &collector{namespace: namespace} }

// read reads and decodes the sources, several at a time; the records come in
// the order of the sources. It returns when the context ends, even while a
// read blocks, as on a terminal or a named pipe, or a parser is busy.
func (c *collector) read(ctx context.Context, sources []source) error {
	results := make([][]record, len(sources))
	errs := make([]error, len(sources))
	done := make(chan struct{})
	go func() {
		defer close(done)
		parallel(len(sources), func(i int) {
			results[i], errs[i] = readSource(ctx, sources[i], c.toApply)
		})
	}()
	select {
	case <-done:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if ctx.Err() != nil { // some units may have been left out
		return context.Cause(ctx)
	}
	for i, src := range sources {
		switch err := errs[i]; {
		case err == nil:
		case src.named:
			return fmt.Errorf("cannot read %s: %w", src.name, err)
		default:
			c.gaps = append(c.gaps, snapshot.Gap{Reason: snapshot.Unparsable, Detail: fmt.Sprintf("%s: %v", src.name, err)})
		}
		for _, r := range results[i] {
			if r.info != nil {
				c.infos = append(c.infos, savedInfo{r.origin, r.in, r.info})
			}
		}
	}
	c.records = slices.Concat(results...)
	return nil
}

// readSource returns the records of one input.
func readSource(ctx context.Context, src source, toApply bool) ([]record, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	in, err := slurp(src, maxFileBytes)
	if err != nil {
		return nil, err
	}
	records := decodeText(ctx, src.name, in.text, toApply)
	if in.damaged != nil {
		r := record{origin: snapshot.Origin{File: src.name, Line: newLineCounter(in.text, 1).at(len(in.text))}}
		r.gap = &problem{err: in.damaged}
		records = append(records, r)
	}
	return records, nil
}

// decodeText splits a text and decodes its parts, several at a time.
func decodeText(ctx context.Context, name string, text []byte, toApply bool) []record {
	var units []unit
	for _, doc := range splitDocuments(text) {
		units = append(units, documentUnits(doc)...)
	}
	for i := range units {
		units[i].toApply = toApply
	}
	decoded := make([][]record, len(units))
	parallel(len(units), func(i int) {
		if ctx.Err() == nil {
			decoded[i] = decodeSafely(name, units[i])
		}
	})
	return join(name, units, decoded)
}

// decodeSafely makes a Gap of a panic: the decoders of many types are not
// ours, and one object must not take the others down.
func decodeSafely(name string, u unit) (records []record) {
	defer func() {
		if recover() != nil {
			r := record{origin: snapshot.Origin{File: name, Line: u.line}, in: u.in}
			r.fail(u.groupKind(), errors.New("the decoder failed"))
			records = []record{r}
		}
	}()
	return decodeUnit(name, u)
}

// join puts the records of all units one after the other. Where an item that
// was cut from a YAML list is no YAML alone, the list is decoded whole
// instead, if it can be: its items may share anchors, for one.
func join(name string, units []unit, decoded [][]record) []record {
	var records []record
	for i := 0; i < len(units); {
		end := i + 1
		for end < len(units) && units[i].in != nil && units[end].in == units[i].in {
			end++
		}
		part := slices.Concat(decoded[i:end]...)
		if in := units[i].in; in != nil && in.whole.text != nil && slices.ContainsFunc(part, isNotYAML) {
			u := wholeUnit(in.whole)
			u.toApply = units[i].toApply
			if whole := decodeSafely(name, u); !slices.ContainsFunc(whole, isNotYAML) {
				part = whole
			}
		}
		records = append(records, part...)
		i = end
	}
	return records
}

func isNotYAML(r record) bool { return r.notYAML }

// documentUnits cuts one document into units.
func documentUnits(doc document) []unit {
	begin := firstContent(doc.text)
	if begin == len(doc.text) {
		return nil
	}
	if c := doc.text[begin]; c == '{' || c == '[' {
		units := splitJSON(doc.text[begin:], newLineCounter(doc.text, doc.line).at(begin), 0)
		if len(units) != 1 || units[0].broken == nil || looksLikeJSON(doc.text[begin:]) {
			return units
		}
	}
	if units := splitYAMLList(doc); units != nil {
		return units
	}
	return []unit{wholeUnit(doc)}
}

func wholeUnit(doc document) unit {
	return unit{text: doc.text, yaml: true, line: doc.line}
}

// looksLikeJSON tells JSON from a flow mapping of YAML by the quotes of its
// first key.
func looksLikeJSON(text []byte) bool {
	s := scanner{text: text, pos: 1}
	c := s.space()
	return text[0] == '{' && (c == '"' || c == 0)
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

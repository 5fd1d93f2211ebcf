package netpol

import "fmt"

// own returns the pods of the namespace that a matrix is limited to, nil where
// it is not limited.
func (b *matrixBuilder) own() bitset {
	switch set := b.field.namespaces[b.options.Namespace]; {
	case b.options.Namespace == "":
		return nil
	case set == nil:
		return newBitset(len(b.field.endpoints))
	default:
		return set
	}
}

// scope finds which flows a matrix is about, when its sets are packed.
type scope struct {
	*matrixBuilder
	own    bitset // nil for all
	inside bitset // pods and nodes
	known  map[string]byFamily[bitset]
}

func (b *matrixBuilder) newScope() *scope {
	s := &scope{matrixBuilder: b, inside: newBitset(len(b.classes)), known: map[string]byFamily[bitset]{}}
	for _, class := range b.classes {
		if class.Members[0].Kind != ExternalEndpoint {
			s.inside.add(class.ID)
		}
	}
	if own := b.own(); own != nil {
		s.own = b.packed(own)
	}
	return s
}

// of returns the destinations of the flows of each family from a source: they
// are shared by all sources that are alike.
func (s *scope) of(from *Endpoint) byFamily[bitset] {
	outside := from.Kind == ExternalEndpoint
	elsewhere := s.own != nil && (from.Kind != PodEndpoint || from.Namespace != s.options.Namespace)
	key := fmt.Sprint(from.families(), outside, elsewhere)
	to, ok := s.known[key]
	if ok {
		return to
	}
	for i, set := range s.shared[from.families()] {
		if set == nil {
			continue
		}
		to[i] = newBitset(len(s.classes))
		to[i].or(s.packed(set))
		if outside {
			to[i].and(s.inside)
		}
		if elsewhere {
			to[i].and(s.own)
		}
	}
	s.known[key] = to
	return to
}

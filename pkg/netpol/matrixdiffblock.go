package netpol

import (
	"encoding/binary"
	"iter"
	"slices"
)

// Block is what changes alike: from every one of From to every one of To, but
// for a pod and itself, which always reaches itself, and for the pairs of
// Except.
type Block struct {
	From, To []*Endpoint  // of the later matrix, in its order
	Ports    []PortChange // all with the same verdicts
	Except   [][2]*Endpoint
}

// Blocks returns the same as Changes in as few pieces as are easily found: in
// the order of their first sources and destinations.
func (d *MatrixDiff) Blocks() []Block {
	b := &blocks{diffRower: newDiffRower(d), of: map[string]*classBlock{}, near: map[string][][2]*Endpoint{}, ports: map[string][]PortChange{}}
	for from := range d.after.classes {
		b.row(from)
	}
	whole := b.joined()
	for _, near := range b.nearOrder {
		pairs := b.near[near]
		whole = append(whole, b.pairs(pairs, b.ports[near])...)
	}
	slices.SortStableFunc(whole, func(a, c Block) int {
		if from := compareEndpoints(a.From[0], c.From[0]); from != 0 {
			return from
		}
		return compareEndpoints(a.To[0], c.To[0])
	})
	return whole
}

// classBlock is a Block of classes.
type classBlock struct {
	from   []int
	to     window
	ports  []PortChange
	except [][2]*Endpoint
}

// blocks joins what rows have in common.
type blocks struct {
	*diffRower
	of        map[string]*classBlock // by changes and destinations
	order     []*classBlock
	near      map[string][][2]*Endpoint // pairs by themselves, by changes
	nearOrder []string
	ports     map[string][]PortChange
}

// row adds the changes of a class of sources.
func (b *blocks) row(from int) {
	b.before.work(from)
	b.after.work(from)
	var alike []*classBlock // groups that differ where nothing changes are one
	for _, g := range b.groups() {
		for _, ports := range byVerdicts(b.changes(g.verdicts)) {
			i := slices.IndexFunc(alike, func(a *classBlock) bool { return slices.Equal(a.ports, ports) })
			if i < 0 {
				i = len(alike)
				alike = append(alike, &classBlock{to: window{words: newBitset(len(b.after.classes))}, ports: ports})
			}
			g.to.addTo(alike[i].to.words)
		}
	}
	own := make([]*classBlock, 0, len(alike))
	for _, found := range alike {
		key := portsKey(found.ports) + wordsKey(found.to)
		block := b.of[key]
		if block == nil {
			block = found
			b.of[key] = block
			b.order = append(b.order, block)
		}
		block.from = append(block.from, from)
		own = append(own, block)
	}
	b.exceptions(from, own)
}

// exceptions compares what is near with what holds for the classes.
func (b *blocks) exceptions(from int, own []*classBlock) {
	for _, source := range b.after.classes[from].Members {
		for _, to := range b.neighbours(source) {
			if source.same(to) {
				continue
			}
			changes := byVerdicts(b.changes(slices.Concat(b.before.pair(from, b.old[source], b.old[to]), b.after.pair(from, source, to))))
			id := b.after.classOf[to]
			pair := [2]*Endpoint{source, to}
			for _, block := range own {
				if !block.to.has(id) {
					continue
				}
				n := len(changes)
				changes = slices.DeleteFunc(changes, func(ports []PortChange) bool { return slices.Equal(ports, block.ports) })
				if len(changes) == n {
					block.except = append(block.except, pair)
				}
			}
			for _, ports := range changes {
				b.addNear(pair, ports)
			}
		}
	}
}

// byVerdicts takes changes apart by their verdicts, in the order of the first.
func byVerdicts(ports []PortChange) [][]PortChange {
	var parts [][]PortChange
	for _, p := range ports {
		i := slices.IndexFunc(parts, func(part []PortChange) bool { return part[0].Before == p.Before && part[0].After == p.After })
		if i < 0 {
			i = len(parts)
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], p)
	}
	return parts
}

func (b *blocks) addNear(pair [2]*Endpoint, ports []PortChange) {
	key := portsKey(ports)
	if b.near[key] == nil {
		b.nearOrder = append(b.nearOrder, key)
		b.ports[key] = ports
	}
	b.near[key] = append(b.near[key], pair)
}

// joined makes one of blocks that have the same sources and changes, and turns
// classes into their members.
func (b *blocks) joined() []Block {
	type whole struct {
		from, to bitset
		*classBlock
	}
	var order []*whole
	known := map[string]*whole{}
	n := len(b.after.classes)
	for _, block := range b.order {
		from := newBitset(n)
		for _, class := range block.from {
			from.add(class)
		}
		key := portsKey(block.ports) + wordsKey(from.window())
		w := known[key]
		if w == nil {
			w = &whole{from, newBitset(n), &classBlock{ports: block.ports}}
			known[key] = w
			order = append(order, w)
		}
		block.to.addTo(w.to)
		w.except = append(w.except, block.except...)
	}
	all := make([]Block, 0, len(order))
	for _, w := range order {
		made := Block{From: b.members(w.from), To: b.members(w.to), Ports: w.ports, Except: w.except}
		if len(made.From) > 1 || len(made.To) > 1 || !made.From[0].same(made.To[0]) {
			all = append(all, made)
		}
	}
	return all
}

func (b *blocks) members(classes bitset) []*Endpoint {
	var found []*Endpoint
	for class := range classes.all() {
		found = append(found, b.after.classes[class].Members...)
	}
	slices.SortStableFunc(found, compareEndpoints)
	return found
}

// pairs makes blocks of pairs that change alike: one for each destination.
func (b *blocks) pairs(pairs [][2]*Endpoint, ports []PortChange) []Block {
	at := map[*Endpoint]int{}
	var all []Block
	for _, pair := range pairs {
		i, ok := at[pair[1]]
		if !ok {
			i = len(all)
			at[pair[1]] = i
			all = append(all, Block{To: pair[1:], Ports: ports})
		}
		all[i].From = append(all[i].From, pair[0])
	}
	return all
}

// portsKey tells changes apart.
func portsKey(ports []PortChange) string {
	var key []byte
	for _, p := range ports {
		key = append(key, p.Ports.Protocol...)
		key = binary.BigEndian.AppendUint32(key, uint32(p.Ports.From))
		key = binary.BigEndian.AppendUint32(key, uint32(p.Ports.To))
		key = append(key, p.Before[0], p.After[0])
	}
	return string(append(key, 0))
}

func wordsKey(w window) string {
	w = w.trimmed()
	key := binary.BigEndian.AppendUint32(nil, uint32(w.first))
	for _, word := range w.words {
		key = binary.BigEndian.AppendUint64(key, word)
	}
	return string(key)
}

// Pairs returns the pairs of endpoints that the block is about.
func (b Block) Pairs() iter.Seq2[*Endpoint, *Endpoint] {
	return func(yield func(from, to *Endpoint) bool) {
		except := map[[2]*Endpoint]bool{}
		for _, pair := range b.Except {
			except[pair] = true
		}
		for _, from := range b.From {
			for _, to := range b.To {
				if !from.same(to) && !except[[2]*Endpoint{from, to}] && !yield(from, to) {
					return
				}
			}
		}
	}
}

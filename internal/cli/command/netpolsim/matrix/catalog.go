package matrix

import (
	"encoding/binary"
	"hash/maphash"
	"iter"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// maxPlainEdges is how many edges between single classes a report has at most.
// Beyond, edges are between sets of them.
const maxPlainEdges = 1_000_000

// catalog gives ids to all classes that the edges of a report name.
type catalog struct {
	*netpol.Joined
	classes []netpol.Class
	sets    []classSet // of several classes
	at      map[uint64][]int
	ends    [][2]int // by bundle, the ids of its sides; nil where edges are between single classes
	seed    maphash.Seed
	scratch [2][]v1alpha1.ClassRange

	further []v1alpha1.EndpointClass // for exceptions
	beside  []v1alpha1.ReachEdge     // those
	known   map[string]int           // classes by their members
}

// classSet is one side of a bundle.
type classSet struct {
	bundle int
	to     bool
}

// catalog finds the classes and edges of the whole matrix.
func (a *answer) catalog(maxEdges int) *catalog {
	c := &catalog{classes: a.m.Classes(), at: map[uint64][]int{}, seed: maphash.MakeSeed(), known: map[string]int{}}
	all := make([]int, len(c.classes))
	for i := range all {
		all[i] = i
	}
	c.Joined = a.m.Join(all)
	if c.plainEdges() > maxEdges {
		for i := range c.Bundles {
			c.ends = append(c.ends, [2]int{c.idOf(classSet{i, false}), c.idOf(classSet{i, true})})
		}
	}
	c.except()
	return c
}

func (c *catalog) plainEdges() int {
	edges := 0
	for i := range c.Bundles {
		edges += len(c.Bundles[i].From) * c.Bundles[i].Len() * len(v1alpha1.PortsByVerdict(c.Bundles[i].Ports))
	}
	return edges
}

// ranges are the classes of a set.
func (c *catalog) ranges(s classSet, into []v1alpha1.ClassRange) []v1alpha1.ClassRange {
	b := &c.Bundles[s.bundle]
	into = into[:0]
	if !s.to {
		for _, id := range b.From {
			into = v1alpha1.AppendID(into, id)
		}
		return into
	}
	for id := range b.To() {
		into = v1alpha1.AppendID(into, id)
	}
	return into
}

// idOf returns the id of a set, that of a class where it is one.
func (c *catalog) idOf(s classSet) int {
	ranges := c.ranges(s, c.scratch[0])
	c.scratch[0] = ranges
	if len(ranges) == 1 && ranges[0][0] == ranges[0][1] {
		return ranges[0][0]
	}
	var hash maphash.Hash
	hash.SetSeed(c.seed)
	for _, r := range ranges {
		var bytes [16]byte
		binary.LittleEndian.PutUint64(bytes[:8], uint64(r[0]))
		binary.LittleEndian.PutUint64(bytes[8:], uint64(r[1]))
		hash.Write(bytes[:])
	}
	key := hash.Sum64()
	for _, i := range c.at[key] {
		c.scratch[1] = c.ranges(c.sets[i], c.scratch[1])
		if slices.Equal(c.scratch[1], ranges) {
			return len(c.classes) + i
		}
	}
	c.at[key] = append(c.at[key], len(c.sets))
	c.sets = append(c.sets, s)
	return len(c.classes) + len(c.sets) - 1
}

// except adds edges for what passes between single endpoints beside all
// policies.
func (c *catalog) except() {
	for _, class := range c.classes {
		if len(class.Members) == 1 {
			c.known[class.Members[0].Reference()] = class.ID
		}
	}
	list := c.Exceptions
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].From == list[0].From {
			n++
		}
		c.exceptOf(list[:n])
		list = list[n:]
	}
}

// exceptOf adds the edges of one source, one for each list of ports.
func (c *catalog) exceptOf(list []netpol.Exception) {
	var order []string
	to := map[string][]string{}
	edges := map[string]v1alpha1.ReachEdge{}
	for _, e := range list {
		for _, edge := range v1alpha1.PortsByVerdict(e.Ports) {
			key := edge.Verdict + " " + strings.Join(edge.Ports, " ")
			if to[key] == nil {
				order, edges[key] = append(order, key), edge
			}
			to[key] = append(to[key], e.To.Reference())
		}
	}
	from := c.classOf([]string{list[0].From.Reference()})
	for _, key := range order {
		edge := edges[key]
		edge.From, edge.To = from, c.classOf(to[key])
		c.beside = append(c.beside, edge)
	}
}

// classOf returns the id of a class with just these members.
func (c *catalog) classOf(members []string) int {
	key := strings.Join(members, "\n")
	if id, ok := c.known[key]; ok {
		return id
	}
	id := len(c.classes) + len(c.sets) + len(c.further)
	c.known[key] = id
	c.further = append(c.further, v1alpha1.EndpointClass{ID: id, Members: members})
	return id
}

// all are the classes in the order of their ids, sets in the same memory.
func (c *catalog) all() iter.Seq[*v1alpha1.EndpointClass] {
	return func(yield func(*v1alpha1.EndpointClass) bool) {
		for _, class := range c.classes {
			if made := v1alpha1.NewEndpointClass(class); !yield(&made) {
				return
			}
		}
		set := v1alpha1.EndpointClass{Members: []string{}}
		for i := range c.sets {
			set.ID, set.Classes = len(c.classes)+i, c.ranges(c.sets[i], set.Classes)
			if !yield(&set) {
				return
			}
		}
		for i := range c.further {
			if !yield(&c.further[i]) {
				return
			}
		}
	}
}

// edges come one after the other in the same memory.
func (c *catalog) edges() iter.Seq[*v1alpha1.ReachEdge] {
	return func(yield func(*v1alpha1.ReachEdge) bool) {
		for i := range c.Bundles {
			for _, edge := range v1alpha1.PortsByVerdict(c.Bundles[i].Ports) {
				if !c.edgesOf(i, &edge, yield) {
					return
				}
			}
		}
		for i := range c.beside {
			if !yield(&c.beside[i]) {
				return
			}
		}
	}
}

// edgesOf gives an edge of a bundle all its ends.
func (c *catalog) edgesOf(bundle int, edge *v1alpha1.ReachEdge, yield func(*v1alpha1.ReachEdge) bool) bool {
	if c.ends != nil {
		edge.From, edge.To = c.ends[bundle][0], c.ends[bundle][1]
		return yield(edge)
	}
	for _, edge.From = range c.Bundles[bundle].From {
		for edge.To = range c.Bundles[bundle].To() {
			if !yield(edge) {
				return false
			}
		}
	}
	return true
}

package netpol

import (
	"iter"
	"slices"
)

// MatrixOptions limit a Matrix.
type MatrixOptions struct {
	// Family is that of all flows. With AnyFamily the flow between two ends is
	// of the first family of the destination's addresses that the source has
	// one of, too.
	Family Family
	// Ports are those that are asked about, none for all of TCP, UDP and SCTP.
	// Other protocols are left out.
	Ports []PortRange
	// Namespace limits the matrix to flows of which one end is a pod there; ""
	// for all.
	Namespace string
}

// Matrix holds the verdicts about all flows between all pods, nodes, templates
// of pods that do not exist yet, and addresses outside: as Cluster.Verdict has
// them, not through Services. Between two addresses outside there are no flows
// here: they are no matter of the cluster. Rows are worked out when they are
// asked for. It is immutable and safe for concurrent use.
type Matrix struct {
	cluster  *Cluster
	options  MatrixOptions
	everyone []*Endpoint // in order
	classes  []Class
	classOf  map[*Endpoint]int
	onNode   map[string][]*Endpoint // pods by their node
	cells    *cells

	// Sets are of classes.
	all      bitset
	unplaced bitset             // pods whose node is not known
	freeIn   twofold            // what nothing isolates for ingress
	freeOut  twofold            // and for egress
	ingress  []*flatRule        // of all policies
	egress   [][]*flatRule      // by the class that they isolate
	to       []byFamily[bitset] // by class: the destinations of its flows of each family
	planes   int                // 1 where nothing is Undefined
	complete bool               // as if no cluster-wide policy were unread

	// The tiers of cluster-wide policies, and what NetworkPolicies leave to the
	// one after them.
	admin, baseline matrixTier
	falls           map[Direction]twofold
	nobody          bitset
}

// byFamily has a value for each family that flows may be of.
type byFamily[T any] [3]T

// allFamilies are those of the values of a byFamily.
func allFamilies() []Family { return []Family{AnyFamily, IPv4, IPv6} }

// Row is what one class reaches.
type Row struct {
	From   int
	Groups []Group // by the first class; every class is in one at most
}

// Group is destinations whose ports have the same verdicts.
type Group struct {
	// Ports are in order, neighbours of one verdict joined; all others are
	// Denied. The slice is shared and must not be changed.
	Ports []OpenPorts

	to       window
	verdicts []Truth // by cell
}

// To returns the classes of the group in order.
func (g Group) To() iter.Seq[int] { return g.to.all() }

// Len returns how many classes there are in the group.
func (g Group) Len() int { return g.to.words.count() }

func (g Group) first() int {
	for to := range g.To() {
		return to
	}
	return -1
}

// Edge is what one class reaches of another.
type Edge struct {
	From, To int
	Ports    []OpenPorts // as those of a Group
}

// Classes returns all classes, pods first. The slice must not be changed.
func (m *Matrix) Classes() []Class { return m.classes }

// ClassOf returns the class of a pod, node or template of the matrix's cluster,
// false where it has none.
func (m *Matrix) ClassOf(e *Endpoint) (int, bool) {
	id, ok := m.classOf[e]
	return id, ok
}

// Row returns what the members of the class reach: between two ends that have
// no address of the same family there are no flows, and nothing is reached.
func (m *Matrix) Row(from int) Row { return newRower(m).row(from) }

// Rows returns the rows of all classes in order.
func (m *Matrix) Rows() iter.Seq[Row] {
	return m.RowsOf(m.ids())
}

// ids are those of all classes.
func (m *Matrix) ids() []int {
	ids := make([]int, len(m.classes))
	for i := range ids {
		ids[i] = i
	}
	return ids
}

// Edges returns the pairs of classes of which the first reaches any port of
// the second, or may.
func (m *Matrix) Edges() iter.Seq[Edge] {
	return func(yield func(Edge) bool) {
		for row := range m.Rows() {
			for _, group := range row.Groups {
				for to := range group.To() {
					if !yield(Edge{row.From, to, group.Ports}) {
						return
					}
				}
			}
		}
	}
}

// group returns that of a class, nil where nothing of it is reached.
func (r Row) group(to int) *Group {
	i := slices.IndexFunc(r.Groups, func(g Group) bool { return g.to.has(to) })
	if i < 0 {
		return nil
	}
	return &r.Groups[i]
}

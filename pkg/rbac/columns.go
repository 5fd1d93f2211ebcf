package rbac

// columns repeat what a question reads of every binding: a walk over ten
// thousand of them then touches a few short arrays, not as many objects.
type columns struct {
	role  []int32 // binding → position of its role in Index.roles, -1 for none
	place []int32 // binding → position of its namespace in places
	// places are the namespaces of all bindings, sorted; the first is "", which
	// stands for the whole cluster.
	places []string
	// The ids of the subjects of binding i are subjects[first[i]:first[i+1]].
	first    []int32
	subjects []int32
}

func newColumns(bindings []Binding, ids map[Subject]int32) columns {
	c := columns{
		role: make([]int32, len(bindings)), place: make([]int32, len(bindings)), places: []string{""},
		first: make([]int32, len(bindings)+1),
	}
	for i := range bindings {
		b := &bindings[i]
		if c.places[len(c.places)-1] != b.Namespace {
			c.places = append(c.places, b.Namespace)
		}
		c.place[i] = int32(len(c.places)) - 1
		c.role[i] = -1
		if b.Role != nil {
			c.role[i] = b.Role.id
		}
		for _, subject := range b.Subjects {
			c.subjects = append(c.subjects, ids[subject])
		}
		c.first[i+1] = int32(len(c.subjects))
	}
	return c
}

// named returns the ids of the subjects that a binding names.
func (c *columns) named(binding int32) []int32 {
	return c.subjects[c.first[binding]:c.first[binding+1]]
}

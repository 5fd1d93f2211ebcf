package snapshot

import "k8s.io/apimachinery/pkg/runtime/schema"

// Need is one type that a command reads. Sources that read a whole file
// anyway ignore it; the live source lists nothing else.
type Need struct {
	Type schema.GroupVersionResource
	// Namespace limits a namespaced type to one namespace; "" asks for all.
	Namespace string
	// Name asks for this one object instead of a list.
	Name string
	// Optional types leave no Gap when the server does not serve them or the
	// caller may not read them: they add to an answer that is whole without
	// them.
	Optional bool
	// IfServed keeps the Gap of an Optional type that the caller may not read
	// where the server serves it: without it answers may be wrong.
	IfServed bool
	// Widen asks for all namespaces at once, and where that fails for
	// Namespace alone: the Gap that is left then excepts it.
	Widen bool
}

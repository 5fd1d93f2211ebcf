package rbac

import (
	"encoding/binary"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// comparedIndex is one side of a comparison. It remembers what is asked again
// for each subject: mostly many subjects share few roles. It serves one
// goroutine.
type comparedIndex struct {
	*Index
	living map[placedRule][]Permission
	parts  map[partsQuestion][]PlacedPermission
	ids    map[heldRule]uint32
}

// placedRule is a rule where it counts. The rules of an index do not move.
type placedRule struct {
	rule      *rbacv1.PolicyRule
	namespace string
}

// heldRule is a rule by way of a subject's own binding, or of a group's.
type heldRule struct {
	placedRule
	own bool
}

// partsQuestion is what partsOf is asked for whoever holds the same rules.
type partsQuestion struct {
	held string // the ids of these rules
	placed
}

func newComparedIndex(x *Index) *comparedIndex {
	return &comparedIndex{x, map[placedRule][]Permission{}, map[partsQuestion][]PlacedPermission{}, map[heldRule]uint32{}}
}

// livingParts is the function of that name for a rule of the index.
func (x *comparedIndex) livingParts(rule *rbacv1.PolicyRule, namespace string) []Permission {
	at := placedRule{rule, namespace}
	parts, known := x.living[at]
	if !known {
		parts = livingParts(rule, namespace, x.snap.Catalog())
		x.living[at] = parts
	}
	return parts
}

// partsOf returns the parts of a permission that is not held whole: single
// types next to a wildcard, or namespaces of the cluster. What the subject's
// own bindings grant comes first. Names that namesOf returns are left out.
// The result is shared between subjects and must not be changed.
func (x *comparedIndex) partsOf(held *Permissions, wanted Permission, namespace string) []PlacedPermission {
	question := partsQuestion{x.idOf(held), placed{wanted, namespace}}
	parts, known := x.parts[question]
	if !known {
		parts = x.findParts(held, wanted, namespace)
		x.parts[question] = parts
	}
	return parts
}

// idOf returns the same text for whoever holds the same rules in the same
// order.
func (x *comparedIndex) idOf(held *Permissions) string {
	var id []byte
	for _, grant := range held.Grants {
		rule := heldRule{placedRule{ruleOf(grant), grant.Namespace}, grant.Via.Through == ""}
		n, known := x.ids[rule]
		if !known {
			n = uint32(len(x.ids))
			x.ids[rule] = n
		}
		id = binary.AppendUvarint(id, uint64(n))
	}
	return string(id)
}

// ruleOf returns the rule of a grant as the index holds it, nil for a
// built-in right.
func ruleOf(g Grant) *rbacv1.PolicyRule {
	if g.Via.Builtin() {
		return nil
	}
	return &g.Via.Binding.Role.Rules[g.Via.Rule]
}

func (x *comparedIndex) findParts(held *Permissions, wanted Permission, namespace string) []PlacedPermission {
	whole := wanted.rule()
	var found []Change
	seen := map[placed]bool{}
	for _, own := range []bool{true, false} {
		var parts []Change
		for _, grant := range held.Grants {
			elsewhere := grant.Namespace != "" && namespace != "" && grant.Namespace != namespace
			if elsewhere || own != (grant.Via.Through == "") || grant.Via.Builtin() {
				continue // who has everything lost nothing
			}
			for _, p := range x.livingParts(ruleOf(grant), grant.Namespace) {
				at := placed{p, grant.Namespace}
				isName := (grant.Namespace == "" || grant.Namespace == namespace) && p.isNameOf(wanted)
				if p.CoveredBy(&whole) && !isName && !seen[at] {
					seen[at] = true
					parts = append(parts, Change{Permission: p, Namespace: grant.Namespace})
				}
			}
		}
		slices.SortStableFunc(parts, compareChanges)
		found = append(found, parts...)
	}
	var parts []PlacedPermission
	for _, c := range withoutCovered(found) {
		if namespace != "" {
			c.Namespace = namespace // a part of the cluster's counts here too
		}
		parts = append(parts, PlacedPermission{c.Permission, c.Namespace})
	}
	return parts
}

// isNameOf reports whether the permission is all of another one, for one name.
func (p Permission) isNameOf(wanted Permission) bool {
	if !p.Named {
		return false
	}
	p.Named, p.Name = false, ""
	rule := p.rule()
	return wanted.CoveredBy(&rule)
}

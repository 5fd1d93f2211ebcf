package rbac

import (
	"encoding/binary"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// ruleBook gives rules numbers, equal ones the same: an aggregated role may
// take over thousands, and comparing each with each takes long.
type ruleBook struct {
	numbers map[string]int32
	rules   []rbacv1.PolicyRule
	marks   []int32 // by number: the last set that has it
	sets    int32
}

// ruleList are rules by their numbers, in order.
type ruleList []int32

func newRuleBook() *ruleBook { return &ruleBook{numbers: map[string]int32{}} }

// number returns the numbers of rules, in their order.
func (b *ruleBook) number(rules []rbacv1.PolicyRule) ruleList {
	list := make(ruleList, 0, len(rules))
	var key []byte
	for i := range rules {
		key = appendKey(key[:0], &rules[i])
		n, ok := b.numbers[string(key)]
		if !ok {
			n = int32(len(b.rules))
			b.numbers[string(key)] = n
			b.rules, b.marks = append(b.rules, rules[i]), append(b.marks, 0)
		}
		list = append(list, n)
	}
	return list
}

// appendKey appends what tells a rule from all that are not equal to it: the
// lengths keep apart what one list holds and the next, and an absent list is
// an empty one, as in equality.Semantic.
func appendKey(key []byte, rule *rbacv1.PolicyRule) []byte {
	for _, list := range [...][]string{rule.Verbs, rule.APIGroups, rule.Resources, rule.ResourceNames, rule.NonResourceURLs} {
		key = binary.AppendUvarint(key, uint64(len(list)))
		for _, s := range list {
			key = binary.AppendUvarint(key, uint64(len(s)))
			key = append(key, s...)
		}
	}
	return key
}

// policies returns the rules that have the numbers.
func (b *ruleBook) policies(list ruleList) []rbacv1.PolicyRule {
	if len(list) == 0 {
		return nil
	}
	rules := make([]rbacv1.PolicyRule, 0, len(list))
	for _, n := range list {
		rules = append(rules, b.rules[n])
	}
	return rules
}

// ruleSet is a set of rules, until the book makes the next.
type ruleSet struct{ book *ruleBook }

// seen returns the set of the rules of the lists.
func (b *ruleBook) seen(lists ...ruleList) ruleSet {
	b.sets++
	set := ruleSet{b}
	for _, list := range lists {
		for _, rule := range list {
			set.add(rule)
		}
	}
	return set
}

// add reports whether the rule was not yet in the set.
func (s ruleSet) add(rule int32) bool {
	if s.book.marks[rule] == s.book.sets {
		return false
	}
	s.book.marks[rule] = s.book.sets
	return true
}

func (s ruleSet) has(rule int32) bool { return s.book.marks[rule] == s.book.sets }

// without returns the rules of a list that are not in another.
func (b *ruleBook) without(list, other ruleList) ruleList {
	return slices.DeleteFunc(slices.Clone(list), b.seen(other).has)
}

// same compares two lists of rules as sets.
func (b *ruleBook) same(x, y ruleList) bool {
	return len(b.without(x, y)) == 0 && len(b.without(y, x)) == 0
}

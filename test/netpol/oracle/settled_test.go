package oracle

import "github.com/kubectl-secure/kubectl-secure/pkg/netpol"

// repairs is a set of errors that are put right before an evaluator is asked.
type repairs uint

const (
	sidecarPorts repairs = 1 << iota
	missingKeys
	emptyValues
	secondNames
	otherDirection
	namesWithoutNumber
	nodesOfPods
)

func (r repairs) has(one repairs) bool { return r&one != 0 }

// settled is a way in which an evaluator differs from the words of the API.
// The engine must agree with it once that alone is put right.
type settled struct {
	repair     repairs
	Evaluator  string `json:"evaluator"`
	Difference string `json:"difference"`
	Words      string `json:"words"` // what decides
	Source     string `json:"source"`
	Hits       int    `json:"hits"`
}

const (
	nameOfKubernetes = "kube-network-policies"
	nameOfCyclonus   = "cyclonus"
)

// differences are all of them.
func differences() []*settled {
	return []*settled{
		{
			repair: sidecarPorts, Evaluator: nameOfKubernetes,
			Difference: "named ports of sidecars (restartable init containers) stand for nothing",
			Words:      "with restartPolicy Always “this init container will be continually restarted on exit until all regular containers have terminated”: it serves its ports beside theirs",
			Source:     "`Container.restartPolicy`, k8s.io/api/core/v1",
		},
		{
			repair: missingKeys, Evaluator: nameOfCyclonus,
			Difference: "`NotIn` does not match where the label is missing",
			Words:      "“There is a match in the following cases: … The operator is DoesNotExist or NotIn and Labels does not have the Requirement's key”",
			Source:     "`Requirement.Matches`, k8s.io/apimachinery/pkg/labels",
		},
		{
			repair: emptyValues, Evaluator: nameOfCyclonus,
			Difference: "`matchLabels` with an empty value matches where the label is missing",
			Words:      "“A single {key,value} in the matchLabels map is equivalent to an element of matchExpressions, whose … operator is \"In\"”, which needs the key",
			Source:     "`LabelSelector.matchLabels`, k8s.io/apimachinery/pkg/apis/meta/v1",
		},
		{
			repair: secondNames, Evaluator: nameOfCyclonus,
			Difference: "a port has one name: where containers give it two, rules for the other do not count",
			Words:      "“This can either be a numerical or named port on a pod”: each of the names is one",
			Source:     "`NetworkPolicyPort.port`, k8s.io/api/networking/v1",
		},
	}
}

// judged is the answer of an evaluator after repairs.
type judged func(repairs) netpol.Truth

// settle looks for the entries of the evaluator that explain why it differs
// from the engine: with all of its errors put right it must agree, and entries
// count without which it does not. It returns false where they explain
// nothing.
func settle(table []*settled, evaluator string, engine netpol.Truth, ask judged) bool {
	var all repairs
	for _, s := range table {
		if s.Evaluator == evaluator {
			all |= s.repair
		}
	}
	if all == 0 || ask(all) != engine {
		return false
	}
	needed := 0
	for _, s := range table {
		if s.Evaluator == evaluator && ask(all&^s.repair) != engine {
			s.Hits++
			needed++
		}
	}
	return needed > 0 || settledByAny(table, evaluator, engine, ask)
}

// settledByAny counts the first entry that is enough by itself, where there
// are several.
func settledByAny(table []*settled, evaluator string, engine netpol.Truth, ask judged) bool {
	for _, s := range table {
		if s.Evaluator == evaluator && ask(s.repair) == engine {
			s.Hits++
			return true
		}
	}
	return false
}

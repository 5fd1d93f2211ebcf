package suite

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// situation is a file's entry: testdata/upstream.yaml says what it means.
type situation struct {
	Name  string `json:"name"`
	Cases []int  `json:"cases,omitempty"` // of pkg/netpol's table of semantics
	Steps []step `json:"steps"`
}

type step struct {
	Apply  []*networkingv1.NetworkPolicy `json:"apply,omitempty"`
	Delete []string                      `json:"delete,omitempty"`
	Label  map[string]map[string]string  `json:"label,omitempty"`
	Expect map[string][]string           `json:"expect"`
}

func situations(t *testing.T, file string) []situation {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []situation
	if err := yaml.UnmarshalStrict(data, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// change does to the world what the step says.
func (s step) change(w *world) error {
	for _, np := range s.Apply {
		w.apply(np.DeepCopy())
	}
	for _, name := range s.Delete {
		if !w.remove(name) {
			return fmt.Errorf("there is no policy %s", name)
		}
	}
	for name, set := range s.Label {
		if !w.label(name, set) {
			return fmt.Errorf("there is no %s", name)
		}
	}
	return nil
}

// table is what a step expects of one kind of connections: the last line that
// matches counts.
type table []line

type line struct {
	allow    bool
	from, to string
}

// tables reads what a step expects.
func (s step) tables() (map[kind]table, error) {
	all := map[kind]table{}
	for key, lines := range s.Expect {
		port, rest, _ := strings.Cut(key, "/")
		protocol, family, _ := strings.Cut(rest, "/")
		number, err := strconv.Atoi(port)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		families := map[string][]netpol.Family{"": {netpol.IPv4, netpol.IPv6}, "IPv4": {netpol.IPv4}, "IPv6": {netpol.IPv6}}[family]
		if families == nil || !slices.Contains(netpol.Protocols(), corev1.Protocol(protocol)) {
			return nil, fmt.Errorf("%s is not PORT/PROTOCOL or PORT/PROTOCOL/FAMILY", key)
		}
		var parsed table
		for _, text := range lines {
			words := strings.Fields(text)
			if len(words) != 4 || words[0] != "allow" && words[0] != "deny" || words[2] != "->" {
				return nil, fmt.Errorf("%q is not allow or deny FROM -> TO", text)
			}
			parsed = append(parsed, line{words[0] == "allow", words[1], words[3]})
		}
		for _, f := range families {
			all[kind{corev1.Protocol(protocol), int32(number), f}] = parsed
		}
	}
	return all, nil
}

func (t table) allows(from, to string) bool {
	allowed := true
	for _, l := range t {
		if matches(l.from, from) && matches(l.to, to) {
			allowed = l.allow
		}
	}
	return allowed || from == to
}

// matches knows NAME, NAMESPACE/*, */NAME, */* for all pods, and * for all.
func matches(pattern, name string) bool {
	namespace, pod, isPod := strings.Cut(name, "/")
	wantNamespace, wantPod, wantsPod := strings.Cut(pattern, "/")
	switch {
	case pattern == "*":
		return true
	case !wantsPod || !isPod:
		return pattern == name
	default:
		return (wantNamespace == "*" || wantNamespace == namespace) && (wantPod == "*" || wantPod == pod)
	}
}

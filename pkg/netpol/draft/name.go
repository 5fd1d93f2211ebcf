package draft

import (
	"fmt"
	"hash/fnv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// maxName keeps names short enough to be values of labels and parts of names
// elsewhere.
const maxName = validation.DNS1123LabelMaxLength

// Name returns a name made of the words that no policy of the namespace has,
// and takes it. The same calls give the same names.
func (d *Drafter) Name(namespace string, words ...string) string {
	base := sanitized(strings.Join(words, "-"))
	name := fit(base, "")
	for i := 2; d.taken[[2]string{namespace, name}]; i++ {
		name = fit(base, fmt.Sprintf("-%d", i))
	}
	d.taken[[2]string{namespace, name}] = true
	return name
}

// sanitized makes a DNS label of any text, but for its length.
func sanitized(text string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		default:
			return '-'
		}
	}, text)
	if name = strings.Trim(name, "-"); name == "" {
		return "policy"
	}
	return name
}

// fit cuts the name where it and the suffix are too long, and then ends it
// with a hash of the whole.
func fit(name, suffix string) string {
	if len(name)+len(suffix) <= maxName {
		return name + suffix
	}
	h := fnv.New32a()
	h.Write([]byte(name)) // never fails
	suffix = fmt.Sprintf("-%08x%s", h.Sum32(), suffix)
	return strings.TrimRight(name[:maxName-len(suffix)], "-") + suffix
}

// Word is what names an endpoint in names of policies.
func (d *Drafter) Word(e *netpol.Endpoint) string {
	u := d.Unit(e)
	switch {
	case u == nil && e.Kind == netpol.NodeEndpoint:
		return "node-" + e.Name
	case u == nil:
		return e.String()
	case u.Name == "":
		return "pods"
	default:
		_, name, _ := strings.Cut(u.Name, "/")
		return name
	}
}

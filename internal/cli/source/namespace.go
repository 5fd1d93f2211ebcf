package source

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/demo"
)

// Namespace returns the namespace to work in (-n, the kubeconfig context's,
// or the source's default), and whether -n was typed.
func (s *Source) Namespace() (namespace string, typed bool, err error) {
	switch {
	case s.namespaceTyped:
		return *s.flags.cluster.Namespace, true, nil
	case s.flags.Demo:
		return demo.Namespace, false, nil
	case len(s.flags.Filenames) > 0:
		return "default", false, nil
	}
	raw, err := s.kubeconfig()
	if err != nil {
		return "", false, err
	}
	namespace, _, err = s.flags.cluster.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return "", false, connectFault(err)
	}
	if isNamespace(namespace) {
		return namespace, false, nil
	}
	name := cmp.Or(*s.flags.cluster.Context, raw.CurrentContext)
	return "", false, fault.WithHelp(
		fmt.Errorf("the context %q of the kubeconfig names %q, which cannot be a namespace: %s", name, namespace, namespaceRule),
		"name another one with --namespace, or mend the context: kubectl config set-context "+name+" --namespace NAMESPACE")
}

// NamespaceUnless is Namespace for commands with --all-namespaces, which says
// the contrary of -n.
func (s *Source) NamespaceUnless(all bool) (namespace string, typed bool, err error) {
	if all && s.namespaceTyped {
		return "", false, fault.Usage("--namespace and --all-namespaces cannot be used together")
	}
	return s.Namespace()
}

const namespaceRule = "their names are at most 63 lower-case letters, digits and -, with a letter or digit first and last"

func isNamespace(name string) bool { return len(validation.IsDNS1123Label(name)) == 0 }

// checkNamespace refuses what is typed and cannot be a namespace: no binding
// would count in it. kubectl takes an empty one for that of the context; as it
// mostly comes of a variable that is not set, an answer about another
// namespace than the one meant would be worse than none.
func checkNamespace(name string, fs *pflag.FlagSet) error {
	switch {
	case isNamespace(name):
		return nil
	case name == "":
		return fault.Usage("--namespace is empty: name one, or leave the flag out")
	}
	err := fault.Usage("--namespace: %q cannot be a namespace: %s", name, namespaceRule)
	if strings.ContainsAny(name, "*?,") && fs.Lookup("all-namespaces") != nil {
		return fault.WithHelp(err, "to ask in every namespace: --all-namespaces (-A)")
	}
	return err
}

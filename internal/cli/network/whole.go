package network

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// AllGaps returns what is missing from the snapshot and may change an answer
// about all endpoints.
func AllGaps(c *netpol.Cluster) []snapshot.Gap {
	var gaps []snapshot.Gap
	for _, kind := range []string{"Deployment", "CronJob", "Node"} { // one of each group of types
		gaps = append(gaps, c.GapsFor(netpol.Question{From: netpol.Reference{Type: kind}})...)
	}
	return snapshot.SortGaps(gaps)
}

// Nothing returns an error where no pod and no workload could be read, in the
// namespace or in any ("").
func Nothing(c *netpol.Cluster, namespace string) error {
	gaps := c.Snapshot().Gaps()
	i := slices.IndexFunc(gaps, func(g snapshot.Gap) bool { return g.Group == "" && g.Resource == "pods" && g.Hides(namespace) })
	for _, name := range c.NamespaceNames() {
		if len(c.Pods(name)) > 0 && (namespace == "" || namespace == name) {
			return nil
		}
	}
	if i < 0 {
		return nil
	}
	where := "any namespace"
	if namespace != "" {
		where = "namespace " + namespace
	}
	return fault.WithHelp(fmt.Errorf("no workload of %s could be read: pods (%s)", where, gaps[i].Reason), RightsHelp, "--namespace names another one")
}

// Numbers validates the ports and the family for an answer about many
// endpoints, between which names of ports differ.
func (f *Flags) Numbers() (netpol.MatrixOptions, error) {
	q, err := f.Question()
	if err != nil {
		return netpol.MatrixOptions{}, err
	}
	if len(q.Names) > 0 {
		return netpol.MatrixOptions{}, fault.WithHelp(fault.Usage("--port: %q is another port on every pod", q.Names[0]), "name it by its number, as --port 8080")
	}
	if slices.ContainsFunc(q.Ports, func(r netpol.PortRange) bool { return r.Protocol == netpol.ProtocolICMP }) {
		return netpol.MatrixOptions{}, fault.WithHelp(fault.Usage("--port: ICMP has no ports, and what policies do to it is left to the network"), "ask about one flow, as: netpol-sim SOURCE DESTINATION --port icmp")
	}
	return netpol.MatrixOptions{Ports: q.Ports, Family: q.Family}, nil
}

// PortTexts are the ports as reports have them.
func PortTexts(ports []netpol.PortRange) []string {
	texts := make([]string, 0, len(ports))
	for _, p := range ports {
		texts = append(texts, p.String())
	}
	return texts
}

// ShortRanges returns the name of a party, with the first of many ranges only
// where not all is wanted.
func ShortRanges(name string, wide bool) string {
	const shown = 2
	ranges := strings.Split(name, ", ")
	if wide || len(ranges) <= shown+1 {
		return name
	}
	return fmt.Sprintf("%s and %d more ranges", strings.Join(ranges[:shown], ", "), len(ranges)-shown)
}

// CompleteBy registers the completion of --by.
func CompleteBy(cmd *cobra.Command) {
	var words []string
	for _, by := range netpol.Ways() {
		words = append(words, string(by))
	}
	if err := cmd.RegisterFlagCompletionFunc("by", cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag is not there: AddFlags was not called
	}
}

// ParseBy validates --by; "" stays.
func ParseBy(typed string) (netpol.By, error) {
	if typed != "" && !slices.Contains(netpol.Ways(), netpol.By(typed)) {
		return "", fault.Usage("--by: there is no %q: pod, workload or namespace", typed)
	}
	return netpol.By(typed), nil
}

// Nobody is a note for an answer about all endpoints where there are none; nil
// where there are.
func Nobody(c *netpol.Cluster) []string {
	if len(c.Endpoints()) > 0 {
		return nil
	}
	return []string{"there are no pods, workloads and nodes here: who reaches whom is not known"}
}

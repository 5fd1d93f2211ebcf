package generate

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/network"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// print writes the policies to stdout and what is to be known to stderr.
// Policies that may cut what works today are not for a pipe into kubectl.
func (o *Options) print(r *v1alpha1.GeneratedPoliciesReport) error {
	cut := cutFlows(r)
	if o.printer.Machine() {
		if err := o.printer.Print(r, nil); err != nil {
			return err
		}
	} else if len(cut) == 0 || o.force {
		if err := writePolicies(o.env.Out, r); err != nil {
			return err
		}
	}
	if !o.printer.Machine() {
		if err := o.printer.Hints(o.summary(r)...); err != nil {
			return err
		}
	}
	if err := o.printer.Finish(r.Coverage); err != nil {
		return err
	}
	if len(cut) == 0 || o.force {
		return nil
	}
	return fault.WithHelp(fmt.Errorf("%d flows that are allowed today would not be known to be allowed: %s", len(cut), cut[0]),
		"leave out its workload, or print the policies all the same with --force")
}

// cutFlows are the flows that are allowed today and may not be with the
// policies.
func cutFlows(r *v1alpha1.GeneratedPoliciesReport) []string {
	var cut []string
	for _, u := range r.Unmet {
		if u.Today == string(netpol.Allowed) {
			cut = append(cut, fmt.Sprintf("%s to %s on %s (%s)", u.From, u.To, u.Port, u.Why))
		}
	}
	return cut
}

// writePolicies writes the policies as a stream of YAML.
func writePolicies(out io.Writer, r *v1alpha1.GeneratedPoliciesReport) error {
	var b strings.Builder
	for _, line := range heading(r) {
		b.WriteString("# " + line + "\n")
	}
	for i := range r.Policies {
		np := &r.Policies[i]
		comments := network.Comments{Rules: map[string][]string{}}
		for _, rule := range r.Rules {
			if rule.Namespace == np.Namespace && rule.Name == np.Name {
				comments.Rules[rule.Path] = []string{purpose(rule, r.From != "")}
			}
		}
		text, err := network.PolicyYAML(np, comments)
		if err != nil {
			return err
		}
		if i > 0 {
			b.WriteString("---\n")
		}
		b.WriteString(text)
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return fmt.Errorf("write the policies: %w", err)
	}
	return nil
}

// heading says what the policies are.
func heading(r *v1alpha1.GeneratedPoliciesReport) []string {
	from := "what is open today on declared ports"
	if r.From != "" {
		from = "observed flows"
	}
	lines := []string{
		fmt.Sprintf("Least-privilege NetworkPolicies for %s, from %s.", count(len(r.Workloads), "workload"), from),
		fmt.Sprintf("Simulated: %s allowed, and each peer and port of the rules is needed for some (%d were taken away in turn).", are(r.Proof.Flows, "flow"), r.Proof.Parts),
	}
	if len(r.Unmet) > 0 {
		lines = append(lines, fmt.Sprintf("Not allowed, or not known to be, with these policies: %s.", count(len(r.Unmet), "flow")))
	}
	return lines
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func are(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return count(n, what) + " are"
}

// purpose says what a rule is for.
func purpose(rule v1alpha1.GeneratedRule, observed bool) string {
	switch {
	case rule.DNS:
		return "to resolve names"
	case !observed:
		return "open today, in " + count(rule.Flows, "flow")
	case rule.Seen > 0:
		return "seen " + count(rule.Seen, "time") + ", in " + count(rule.Flows, "flow")
	default:
		return "seen in " + count(rule.Flows, "flow")
	}
}

// maxLines is how many lines about one matter are printed; -o json has all.
const maxLines = 6

// summary is what people have to know before they apply the policies.
func (o *Options) summary(r *v1alpha1.GeneratedPoliciesReport) []printer.Printable {
	var blocks []printer.Printable
	add := func(block printer.Block, title string, lines []string) {
		if len(lines) == 0 {
			return
		}
		block.Paragraphs = append(block.Paragraphs, printer.Paragraph{Text: printer.Plain(title)})
		for i, line := range lines {
			if i == maxLines && len(lines) > maxLines+1 {
				line = fmt.Sprintf("and %d more (-o json lists all)", len(lines)-i)
			}
			if i <= maxLines {
				block.Paragraphs = append(block.Paragraphs, printer.Paragraph{Text: printer.Plain("- " + line)})
			}
		}
		blocks = append(blocks, block)
	}
	for _, line := range heading(r) {
		if !o.env.Terminal.Out { // else it is seen above
			blocks = append(blocks, printer.Note(printer.Plain(line)))
		}
	}
	var unmet, left []string
	for _, u := range r.Unmet {
		unmet = append(unmet, fmt.Sprintf("%s to %s on %s: %s, today %s: %s", u.From, u.To, u.Port, strings.ToLower(u.Verdict), strings.ToLower(u.Today), u.Why))
	}
	for _, l := range r.Left {
		text := fmt.Sprintf("%d: %s", l.Flows, l.Reason)
		if len(l.Examples) > 0 {
			text += ", as " + strings.Join(l.Examples, "; ")
		}
		left = append(left, text)
	}
	add(printer.Warning(), "these flows are not known to be allowed with the policies:", unmet)
	add(printer.Note(), "no rule is for these flows:", left)
	if r.Proof.Replicas > 0 {
		blocks = append(blocks, printer.Note(printer.Plain(fmt.Sprintf("policies select workloads, so that other replicas of them may do the same: %s of pods", count(r.Proof.Replicas, "pair")))))
	}
	add(printer.Warning(), "the policies also open:", openings(r.Proof.Wider))
	add(printer.Note(), "policies that exist allow more than these:", openings(r.Proof.Existing))
	return append(blocks, leftovers(r)...)
}

func openings(list []v1alpha1.FlowOpening) []string {
	var lines []string
	for _, o := range list {
		lines = append(lines, fmt.Sprintf("%s to %s on %s (%s)", o.From, o.To, strings.Join(o.Ports, ", "), count(o.Pairs, "pair")))
	}
	return lines
}

// leftovers tell which existing policies stand in the way of least privilege.
func leftovers(r *v1alpha1.GeneratedPoliciesReport) []printer.Printable {
	var blocks []printer.Printable
	if len(r.Superfluous) > 0 {
		byNamespace := map[string][]string{}
		var order []string
		for _, name := range r.Superfluous {
			namespace, policy, _ := strings.Cut(name, "/")
			if !slices.Contains(order, namespace) {
				order = append(order, namespace)
			}
			byNamespace[namespace] = append(byNamespace[namespace], policy)
		}
		block := printer.Help(printer.Plain("the new policies make others superfluous; when they are applied:"))
		for _, namespace := range order {
			block = block.Verbatim(printer.Plain(fmt.Sprintf("kubectl delete networkpolicy -n %s %s", namespace, strings.Join(byNamespace[namespace], " "))))
		}
		blocks = append(blocks, block)
	}
	if len(r.Others) > 0 {
		blocks = append(blocks, printer.Note(printer.Plain("these policies select other pods, too, or isolate in another direction, and stay: "+strings.Join(r.Others, ", "))))
	}
	return blocks
}

package oracle

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/mattfenwick/cyclonus/pkg/generator"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/test/netpol/generate"
)

// caseCounts are what the cases of cyclonus compared.
type caseCounts struct {
	Cases   int            `json:"cases"`
	Steps   int            `json:"steps"`
	Actions map[string]int `json:"actions"`
	Counts  counts         `json:"counts"`
}

// TestCyclonusCases plays the cases that cyclonus makes for real clusters,
// step by step, and asks about every pair of pods after each.
func TestCyclonusCases(t *testing.T) {
	table, n := differences(), &caseCounts{Actions: map[string]int{}}
	for _, one := range generator.NewTestCaseGenerator(true, podIP(2, 2), caseNamespaces(), nil, nil).GenerateAllTestCases() {
		n.Cases++
		p := newPlay(n)
		for i, step := range one.Steps {
			n.Steps++
			for _, action := range step.Actions {
				if err := p.do(action); err != nil {
					t.Fatalf("%s, step %d: %v", one.Description, i+1, err)
				}
			}
			if err := p.compare(table); err != nil {
				t.Fatalf("%s, step %d: %v", one.Description, i+1, err)
			}
		}
	}
	t.Logf("%+v", *n)
	for _, s := range table {
		t.Logf("%s: %s: %d", s.Evaluator, s.Difference, s.Hits)
	}
	if n.Cases != 230 || n.Steps != 256 {
		t.Errorf("%d cases with %d steps, this version of cyclonus has 230 with 256", n.Cases, n.Steps)
	}
	for _, action := range []string{"create policy", "update policy", "delete policy", "create namespace", "label namespace", "delete namespace", "create pod", "label pod", "delete pod"} {
		if n.Actions[action] == 0 {
			t.Errorf("no step is to %s", action)
		}
	}
	if !testing.Short() {
		record(t, "testdata/cases.json", n)
	}
}

func caseNamespaces() []string { return []string{"x", "y", "z"} }

func podIP(namespace, pod int) string { return fmt.Sprintf("192.168.%d.%d", 7+namespace, 10+pod) }

// play is the state of a case: the cluster that cyclonus sets up, with the
// steps done.
type play struct {
	c    generate.Cluster
	n    *caseCounts
	pods int // that were ever made
}

func newPlay(n *caseCounts) *play {
	p := &play{n: n}
	for i, ns := range caseNamespaces() {
		p.addNamespace(ns, map[string]string{"ns": ns})
		for j, name := range []string{"a", "b", "c"} {
			p.addPod(ns, name, map[string]string{"pod": name}, podIP(i, j))
		}
	}
	return p
}

func (p *play) addNamespace(name string, labels map[string]string) {
	p.c.Namespaces = append(p.c.Namespaces, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}})
}

// addPod adds a pod that serves two ports in three protocols, by name.
func (p *play) addPod(ns, name string, labels map[string]string, ip string) {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name, Labels: labels}}
	pod.Spec.NodeName = "node"
	for _, number := range []int32{80, 81} {
		for protocol, suffix := range map[corev1.Protocol]string{corev1.ProtocolTCP: "tcp", corev1.ProtocolUDP: "udp", corev1.ProtocolSCTP: "sctp"} {
			port := corev1.ContainerPort{Name: fmt.Sprintf("serve-%d-%s", number, suffix), ContainerPort: number, Protocol: protocol}
			pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Name: port.Name, Ports: []corev1.ContainerPort{port}})
		}
	}
	pod.Status.PodIPs = []corev1.PodIP{{IP: ip}}
	p.c.Pods = append(p.c.Pods, pod)
	p.pods++
}

// do applies one action of a step.
func (p *play) do(a *generator.Action) error {
	hit := func(what string) { p.n.Actions[what]++ }
	switch {
	case a.CreatePolicy != nil:
		hit("create policy")
		p.c.Policies = append(p.c.Policies, a.CreatePolicy.Policy)
	case a.UpdatePolicy != nil:
		hit("update policy")
		p.removePolicy(a.UpdatePolicy.Policy.Namespace, a.UpdatePolicy.Policy.Name)
		p.c.Policies = append(p.c.Policies, a.UpdatePolicy.Policy)
	case a.DeletePolicy != nil:
		hit("delete policy")
		p.removePolicy(a.DeletePolicy.Namespace, a.DeletePolicy.Name)
	case a.CreateNamespace != nil:
		hit("create namespace")
		p.addNamespace(a.CreateNamespace.Namespace, a.CreateNamespace.Labels)
	case a.SetNamespaceLabels != nil:
		hit("label namespace")
		for _, ns := range p.c.Namespaces {
			if ns.Name == a.SetNamespaceLabels.Namespace {
				ns.Labels = a.SetNamespaceLabels.Labels
			}
		}
	case a.DeleteNamespace != nil:
		hit("delete namespace")
		name := a.DeleteNamespace.Namespace
		p.c.Namespaces = slices.DeleteFunc(p.c.Namespaces, func(o *corev1.Namespace) bool { return o.Name == name })
		p.c.Pods = slices.DeleteFunc(p.c.Pods, func(o *corev1.Pod) bool { return o.Namespace == name })
		p.c.Policies = slices.DeleteFunc(p.c.Policies, func(o *networkingv1.NetworkPolicy) bool { return o.Namespace == name })
	case a.CreatePod != nil:
		hit("create pod")
		p.addPod(a.CreatePod.Namespace, a.CreatePod.Pod, a.CreatePod.Labels, podIP(9, p.pods))
	case a.SetPodLabels != nil:
		hit("label pod")
		for _, pod := range p.c.Pods {
			if pod.Namespace == a.SetPodLabels.Namespace && pod.Name == a.SetPodLabels.Pod {
				pod.Labels = maps.Clone(a.SetPodLabels.Labels)
			}
		}
	case a.DeletePod != nil:
		hit("delete pod")
		p.c.Pods = slices.DeleteFunc(p.c.Pods, func(o *corev1.Pod) bool { return o.Namespace == a.DeletePod.Namespace && o.Name == a.DeletePod.Pod })
	default:
		return fmt.Errorf("an unknown action: %+v", a)
	}
	return nil
}

func (p *play) removePolicy(ns, name string) {
	p.c.Policies = slices.DeleteFunc(p.c.Policies, func(o *networkingv1.NetworkPolicy) bool { return o.Namespace == ns && o.Name == name })
}

// compare asks about every pair of pods, on the ports that they serve and on
// two that they do not.
func (p *play) compare(table []*settled) error {
	trial, err := newTrial(&p.c, &p.n.Counts, table)
	if err != nil {
		return err
	}
	for _, from := range p.c.Pods {
		for _, to := range p.c.Pods {
			for _, port := range servedPorts() {
				f := generate.Flow{From: generate.End{Pod: from}, To: generate.End{Pod: to}, Protocol: port.Protocol, Port: port.ContainerPort, Family: 4}
				if err := trial.compare(f); err != nil {
					return fmt.Errorf("%w\n%s", err, trial.dump(f))
				}
			}
		}
	}
	return nil
}

func servedPorts() []corev1.ContainerPort {
	if testing.Short() {
		return []corev1.ContainerPort{{ContainerPort: 80, Protocol: corev1.ProtocolTCP}, {ContainerPort: 81, Protocol: corev1.ProtocolUDP}}
	}
	ports := []corev1.ContainerPort{{ContainerPort: 79, Protocol: corev1.ProtocolTCP}, {ContainerPort: 53, Protocol: corev1.ProtocolUDP}}
	for _, protocol := range []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP} {
		ports = append(ports, corev1.ContainerPort{ContainerPort: 80, Protocol: protocol}, corev1.ContainerPort{ContainerPort: 81, Protocol: protocol})
	}
	return ports
}

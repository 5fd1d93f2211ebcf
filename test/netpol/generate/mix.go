package generate

import "slices"

// Mix counts features by name.
type Mix map[string]int

// Hit counts a feature once more.
func (m Mix) Hit(feature string) { m[feature]++ }

// Rare returns the wanted features that are there less often than that.
func (m Mix) Rare(wanted []string, atLeast int) []string {
	return slices.DeleteFunc(slices.Clone(wanted), func(feature string) bool { return m[feature] >= atLeast })
}

// Features lists what generators put into clusters and flows.
func Features() []string {
	return slices.Concat(
		[]string{
			"namespace without labels", "namespace with a false name label", "namespace not in the input",
			"node not in the input", "node with two addresses of a family",
			"pod of the host's network", "pod that has ended", "address used again", "pod without address", "pod with podIP only",
			"pod of IPv4", "pod of IPv6", "pod of both families", "pod without node", "pod without labels", "pod name of another namespace",
			"named port", "named port of a sidecar", "named port of an init container", "port name of two containers", "two names of one port",
			"container port without protocol",
		},
		[]string{
			"policyTypes missing", "policyTypes empty", "policyTypes missing with egress rules", "policyTypes of rules that are not there",
			"rules of a direction that is not in policyTypes", "policyTypes repeated",
			"rules nil", "rules empty", "rule for all", "peers nil", "peers empty", "ports nil", "ports empty",
			"podSelector", "namespaceSelector", "podSelector and namespaceSelector", "ipBlock", "except",
			"subject everything", "podSelector empty", "namespaceSelector empty",
			"matchLabels", "matchLabels with empty value", "In", "NotIn", "Exists", "DoesNotExist", "two requirements",
			"namespace by name", "block of everything", "block of IPv4", "block of IPv6", "block of one address", "block with host bits", "block with leading zeros", "block of mapped IPv4",
			"protocol missing", "protocol TCP", "protocol UDP", "protocol SCTP", "every port of a protocol", "port number", "port name", "port name that no pod has",
			"endPort", "endPort of one port", "endPort 65535", "policy refused by API servers",
		},
		[]string{"labels of a pod changed", "labels of a namespace changed", "policy removed"},
		[]string{
			"flow of a pod", "flow of a pod by address", "flow of a pod of the host's network", "flow of a node", "flow of an address outside",
			"flow of an ended pod's address", "flow of a pod that does not exist yet", "flow of a pod to itself", "flow from the pod's own node", "flow from another node",
			"flow over IPv4", "flow over IPv6", "flow of unknown family", "TCP", "UDP", "SCTP",
		},
	)
}

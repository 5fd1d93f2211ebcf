package e2e

// netpolOutcome is what the API server and the engine make of a policy.
type netpolOutcome string

const (
	netpolTaken   netpolOutcome = "taken"
	netpolRefused netpolOutcome = "refused"
	// netpolLegacy policies are refused only when they are created: stored
	// objects may be so, therefore the engine takes them with a remark.
	netpolLegacy netpolOutcome = "legacy"
	// netpolMalformed policies cannot be decoded: the file has a gap there.
	netpolMalformed netpolOutcome = "malformed"
	// netpolIgnored policies have fields that do not exist: they count without.
	netpolIgnored netpolOutcome = "ignored in part"
)

// netpolCase is a NetworkPolicy as written by hand.
type netpolCase struct {
	name    string
	spec    string // in one line; "" to leave it out
	outcome netpolOutcome
}

func netpolCases() []netpolCase {
	cases := []netpolCase{{"no spec", "", netpolTaken}, {"null spec", "null", netpolTaken}}
	for _, group := range [][]netpolCase{netpolDefaults(), netpolBlocks(), netpolPeers(), netpolPorts(), netpolTypes()} {
		cases = append(cases, group...)
	}
	return cases
}

// netpolDefaults are about what is left out, null or empty.
func netpolDefaults() []netpolCase {
	return []netpolCase{
		{"empty spec", "{}", netpolTaken},
		{"no podSelector", "{policyTypes: [Ingress]}", netpolTaken},
		{"null podSelector", "{podSelector: null, policyTypes: [Egress]}", netpolTaken},
		{"no types, no rules", "{podSelector: {}}", netpolTaken},
		{"no types, ingress rules", "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}", netpolTaken},
		{"no types, egress rules", "{podSelector: {}, egress: [{ports: [{port: 80}]}]}", netpolTaken},
		{"no types, both", "{podSelector: {}, ingress: [{}], egress: [{ports: [{port: 80}]}]}", netpolTaken},
		{"no types, egress []", "{podSelector: {}, egress: []}", netpolTaken},
		{"no types, egress [null]", "{podSelector: {}, egress: [null]}", netpolTaken},
		{"types []", "{podSelector: {}, policyTypes: []}", netpolTaken},
		{"types [], egress rules", "{podSelector: {}, policyTypes: [], egress: [{ports: [{port: 80}]}]}", netpolTaken},
		{"types null", "{podSelector: {}, policyTypes: null, egress: [{}]}", netpolTaken},
		{"type twice", "{podSelector: {}, policyTypes: [Ingress, Ingress]}", netpolTaken},
		{"three types", "{podSelector: {}, policyTypes: [Ingress, Egress, Ingress]}", netpolRefused},
		{"unknown type", "{podSelector: {}, policyTypes: [Both]}", netpolRefused},
		{"lower-case type", "{podSelector: {}, policyTypes: [ingress]}", netpolRefused},
		{"empty type", `{podSelector: {}, policyTypes: [""]}`, netpolRefused},
		{"Egress with ingress rules", "{podSelector: {}, policyTypes: [Egress], ingress: [{ports: [{port: 80}]}]}", netpolTaken},
		{"Ingress with egress rules", "{podSelector: {}, policyTypes: [Ingress], egress: [{ports: [{port: 80}]}]}", netpolTaken},
		{"Egress with wrong ingress rules", "{podSelector: {}, policyTypes: [Egress], ingress: [{from: [{}]}]}", netpolRefused},
		{"ingress []", "{podSelector: {}, ingress: []}", netpolTaken},
		{"ingress null", "{podSelector: {}, ingress: null}", netpolTaken},
		{"ingress [null]", "{podSelector: {}, ingress: [null]}", netpolTaken},
		{"ingress [{}]", "{podSelector: {}, ingress: [{}]}", netpolTaken},
		{"from []", "{podSelector: {}, ingress: [{from: []}]}", netpolTaken},
		{"from null", "{podSelector: {}, ingress: [{from: null, ports: [{port: 80}]}]}", netpolTaken},
		{"ports []", "{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: []}]}", netpolTaken},
		{"ports null", "{podSelector: {}, ingress: [{ports: null}]}", netpolTaken},
	}
}

// netpolBlocks are about ranges of addresses.
func netpolBlocks() []netpolCase {
	from := func(block string) string { return "{podSelector: {}, ingress: [{from: [{ipBlock: " + block + "}]}]}" }
	return []netpolCase{
		{"block", from("{cidr: 172.17.0.0/16}"), netpolTaken},
		{"one address", from("{cidr: 172.17.5.9/32}"), netpolTaken},
		{"all addresses", from("{cidr: 0.0.0.0/0}"), netpolTaken},
		{"IPv6", from("{cidr: 'fd00::/64'}"), netpolTaken},
		{"IPv6 written long", from("{cidr: 'fd00:0:0::/64'}"), netpolTaken},
		{"bits beyond the prefix", from("{cidr: 172.17.5.9/16}"), netpolLegacy},
		{"leading zeros", from("{cidr: 010.000.001.000/24}"), netpolLegacy},
		{"IPv4 mapped into IPv6", from("{cidr: '::ffff:10.0.1.0/120'}"), netpolLegacy},
		{"no prefix", from("{cidr: 10.0.1.1}"), netpolRefused},
		{"prefix too long", from("{cidr: 10.0.1.1/33}"), netpolRefused},
		{"no range", from("{cidr: internet}"), netpolRefused},
		{"range around spaces", from("{cidr: ' 10.0.1.0/24'}"), netpolRefused},
		{"empty range", from(`{cidr: ""}`), netpolRefused},
		{"no cidr", from("{}"), netpolRefused},
		{"only except", from("{except: [10.0.1.0/24]}"), netpolRefused},
		{"except", from("{cidr: 10.0.0.0/8, except: [10.0.1.0/31]}"), netpolTaken},
		{"except null", from("{cidr: 10.0.0.0/8, except: null}"), netpolTaken},
		{"except []", from("{cidr: 10.0.0.0/8, except: []}"), netpolTaken},
		{"except is the block", from("{cidr: 10.0.1.0/24, except: [10.0.1.0/24]}"), netpolRefused},
		{"except holds the block", from("{cidr: 10.0.1.0/24, except: [10.0.0.0/16]}"), netpolRefused},
		{"except outside", from("{cidr: 10.0.1.0/24, except: [10.0.2.0/25]}"), netpolRefused},
		{"except of the other family", from("{cidr: 10.0.1.0/24, except: ['fd00::/64']}"), netpolRefused},
		{"except twice", from("{cidr: 10.0.1.0/24, except: [10.0.1.2/32, 10.0.1.2/32]}"), netpolTaken},
		{"except with bits beyond the prefix", from("{cidr: 10.0.1.0/24, except: [10.0.1.3/31]}"), netpolLegacy},
		{"except is no range", from("{cidr: 10.0.1.0/24, except: [10.0.1.2]}"), netpolRefused},
		{"except empty", from(`{cidr: 10.0.1.0/24, except: [""]}`), netpolRefused},
		{"egress with bits beyond the prefix", "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.1.2/24}}]}]}", netpolLegacy},
	}
}

// netpolPeers are about peers and selectors.
func netpolPeers() []netpolCase {
	from := func(peer string) string { return "{podSelector: {}, ingress: [{from: [" + peer + "]}]}" }
	return []netpolCase{
		{"peer {}", from("{}"), netpolRefused},
		{"peer null", from("null"), netpolRefused},
		{"peer {} beside another", from("{podSelector: {}}, {}"), netpolRefused},
		{"peer with null selectors", from("{podSelector: null, namespaceSelector: null}"), netpolRefused},
		{"peer {} of egress", "{podSelector: {}, egress: [{to: [{}]}]}", netpolRefused},
		{"ipBlock with podSelector", from("{ipBlock: {cidr: 10.0.1.0/24}, podSelector: {}}"), netpolRefused},
		{"ipBlock with namespaceSelector", from("{ipBlock: {cidr: 10.0.1.0/24}, namespaceSelector: {}}"), netpolRefused},
		{"ipBlock with null podSelector", from("{ipBlock: {cidr: 10.0.1.0/24}, podSelector: null}"), netpolTaken},
		{"podSelector {}", from("{podSelector: {}}"), netpolTaken},
		{"namespaceSelector {}", from("{namespaceSelector: {}}"), netpolTaken},
		{"labels", from("{podSelector: {matchLabels: {pod: a}}}"), netpolTaken},
		{"null labels", from("{podSelector: {matchLabels: null, matchExpressions: null}}"), netpolTaken},
		{"empty label", from(`{podSelector: {matchLabels: {pod: ""}}}`), netpolTaken},
		{"key of no label", from("{podSelector: {matchLabels: {'a b': c}}}"), netpolRefused},
		{"value of no label", from("{podSelector: {matchLabels: {pod: 'a b'}}}"), netpolRefused},
		{"In", from("{podSelector: {matchExpressions: [{key: pod, operator: In, values: [a]}]}}"), netpolTaken},
		{"In without values", from("{podSelector: {matchExpressions: [{key: pod, operator: In}]}}"), netpolRefused},
		{"In []", from("{podSelector: {matchExpressions: [{key: pod, operator: In, values: []}]}}"), netpolRefused},
		{"In a value of no label", from("{podSelector: {matchExpressions: [{key: pod, operator: In, values: ['a b']}]}}"), netpolRefused},
		{"NotIn a missing key", from("{podSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [web]}]}}"), netpolTaken},
		{"Exists", from("{podSelector: {matchExpressions: [{key: pod, operator: Exists}]}}"), netpolTaken},
		{"Exists with values", from("{podSelector: {matchExpressions: [{key: pod, operator: Exists, values: [a]}]}}"), netpolRefused},
		{"unknown operator", from("{podSelector: {matchExpressions: [{key: pod, operator: Is, values: [a]}]}}"), netpolRefused},
		{"operator of nodes", from("{podSelector: {matchExpressions: [{key: pod, operator: Gt, values: ['1']}]}}"), netpolRefused},
		{"expression without key", from("{podSelector: {matchExpressions: [{operator: Exists}]}}"), netpolRefused},
		{"null expression", from("{podSelector: {matchExpressions: [null]}}"), netpolRefused},
		{"wrong subject", "{podSelector: {matchLabels: {pod: 'a b'}}}", netpolRefused},
		{"wrong namespaces", from("{namespaceSelector: {matchLabels: {'/x': a}}}"), netpolRefused},
	}
}

// netpolPorts are about ports.
func netpolPorts() []netpolCase {
	on := func(port string) string { return "{podSelector: {}, ingress: [{ports: [" + port + "]}]}" }
	return []netpolCase{
		{"port {}", on("{}"), netpolTaken},
		{"port null", on("null"), netpolTaken},
		{"protocol only", on("{protocol: UDP}"), netpolTaken},
		{"SCTP", on("{protocol: SCTP, port: 80}"), netpolTaken},
		{"null protocol", on("{protocol: null, port: 80}"), netpolTaken},
		{"lower-case protocol", on("{protocol: tcp, port: 80}"), netpolRefused},
		{"ICMP", on("{protocol: ICMP}"), netpolRefused},
		{"empty protocol", on(`{protocol: "", port: 80}`), netpolRefused},
		{"number", on("{port: 80}"), netpolTaken},
		{"number as text", on(`{port: "80"}`), netpolRefused},
		{"name", on("{port: http}"), netpolTaken},
		{"name of no port", on("{port: nosuch}"), netpolTaken},
		{"name of another protocol", on("{port: dns}"), netpolTaken},
		{"upper-case name", on("{port: HTTP}"), netpolRefused},
		{"long name", on("{port: sixteen-letters-}"), netpolRefused},
		{"empty name", on(`{port: ""}`), netpolRefused},
		{"zero", on("{port: 0}"), netpolRefused},
		{"negative", on("{port: -1}"), netpolRefused},
		{"last", on("{port: 65535}"), netpolTaken},
		{"too large", on("{port: 65536}"), netpolRefused},
		{"range", on("{port: 80, endPort: 90}"), netpolTaken},
		{"range of one", on("{port: 80, endPort: 80}"), netpolTaken},
		{"null end", on("{port: 80, endPort: null}"), netpolTaken},
		{"end below", on("{port: 80, endPort: 79}"), netpolRefused},
		{"end zero", on("{port: 80, endPort: 0}"), netpolRefused},
		{"end too large", on("{port: 80, endPort: 65536}"), netpolRefused},
		{"end alone", on("{endPort: 90}"), netpolRefused},
		{"end of a name", on("{port: http, endPort: 90}"), netpolRefused},
		{"name of egress", "{podSelector: {}, egress: [{ports: [{port: http}]}]}", netpolTaken},
	}
}

// netpolTypes are about values of the wrong type.
func netpolTypes() []netpolCase {
	on := func(port string) string { return "{podSelector: {}, ingress: [{ports: [" + port + "]}]}" }
	return []netpolCase{
		{"spec is a list", "[]", netpolMalformed},
		{"one type for a list", "{podSelector: {}, policyTypes: Ingress}", netpolMalformed},
		{"one rule for a list", "{podSelector: {}, ingress: {}}", netpolMalformed},
		{"one peer for a list", "{podSelector: {}, ingress: [{from: {podSelector: {}}}]}", netpolMalformed},
		{"podSelector is a text", "{podSelector: a}", netpolMalformed},
		{"label is a number", "{podSelector: {matchLabels: {pod: 1}}}", netpolMalformed},
		{"label is a truth value", "{podSelector: {matchLabels: {pod: yes}}}", netpolMalformed},
		{"label is null", "{podSelector: {matchLabels: {pod: null}}}", netpolTaken},
		{"value is null", "{podSelector: {matchExpressions: [{key: pod, operator: In, values: [null]}]}}", netpolTaken},
		{"port is a truth value", on("{port: true}"), netpolMalformed},
		{"port is a fraction", on("{port: 80.5}"), netpolMalformed},
		{"port beyond 32 bits", on("{port: 4294967376}"), netpolMalformed},
		{"hexadecimal port", on("{port: 0x50}"), netpolTaken},
		{"end is a text", on("{port: 80, endPort: '90'}"), netpolMalformed},
		{"end beyond 32 bits", on("{port: 80, endPort: 4294967386}"), netpolMalformed},
		{"protocol is a number", on("{protocol: 6}"), netpolMalformed},
		{"except is a text", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: 10.0.1.0/24}}]}]}", netpolMalformed},
		{"unknown field", "{podSelector: {}, policyType: [Egress]}", netpolIgnored},
		{"field in upper case", "{podSelector: {}, PolicyTypes: [Egress]}", netpolIgnored},
	}
}

package lint_test

import (
	"strings"
	"testing"
)

func TestBlocks(t *testing.T) {
	to := func(blocks ...string) string {
		for i, block := range blocks {
			blocks[i] = "{ipBlock: {" + block + "}}"
		}
		return policy("p", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: ["+strings.Join(blocks, ", ")+"]}]}")
	}
	pods, services := "low ipblock-pods NetworkPolicy x/p spec.egress[0].to[0].ipBlock", "medium ipblock-services NetworkPolicy x/p spec.egress[0].to[0].ipBlock"
	runAll(t, []findingsTest{
		{"outside", input{manifests: shop() + to("cidr: 203.0.113.0/24")}, nil, ""},
		{"pods", input{manifests: shop() + to("cidr: 10.0.0.0/29")}, []string{pods}, "x/Pod/api, x/Pod/database, x/Pod/web"},
		{"pods and Services", input{manifests: shop() + to("cidr: 10.0.0.0/8")}, []string{pods}, ""},
		{"pods excepted", input{manifests: shop() + to("cidr: 10.0.0.0/8, except: [10.0.0.0/16]")}, []string{services}, "kube-system/kube-dns"},
		{"pods and Services excepted", input{manifests: shop() + to("cidr: 10.0.0.0/8, except: [10.0.0.0/16, 10.96.0.0/16]")}, nil, ""},
		{"Services", input{manifests: shop() + to("cidr: 10.96.0.0/16")}, []string{services}, ""},
		{"all addresses", input{manifests: shop() + to("cidr: 0.0.0.0/0")}, []string{strings.Replace(pods, "low", "info", 1)}, "the cluster's own pods too"},
		{"all outside", input{manifests: shop() + to("cidr: 0.0.0.0/0, except: [10.0.0.0/8]")}, nil, ""},
		{"pods of the host's network", input{manifests: shop() + host(pod("x", "agent", "", "192.168.0.1", "")) + to("cidr: 192.168.0.0/24")}, nil, ""},
		{"a pod without an address", input{manifests: namespace("x", "") + strings.Replace(pod("x", "web", "app: web", "", ""), `{ip: ""}`, "", 1) + to("cidr: 10.0.0.0/8")}, nil, ""},
		{"nothing left", input{manifests: shop() + to("cidr: 203.0.113.0/24, except: [203.0.113.0/25, 203.0.113.128/25]")}, []string{"medium ipblock-empty NetworkPolicy x/p spec.egress[0].to[0].ipBlock"}, "leave nothing of 203.0.113.0/24"},
		{"something left", input{manifests: shop() + to("cidr: 203.0.113.0/24, except: [203.0.113.0/25, 203.0.113.128/26]")}, nil, ""},
	}, "ipblock-pods", "ipblock-services", "ipblock-empty")
}

func TestBlockFamily(t *testing.T) {
	dual := namespace("x", "") + strings.Replace(pod("x", "web", "app: web", "10.0.0.1", ""), `podIPs: [`, `podIPs: [{ip: "fd00::1"}, `, 1)
	out := func(rules string) string {
		return policy("p", "{podSelector: {}, policyTypes: [Egress], egress: ["+rules+"]}")
	}
	narrow, all, six := "{to: [{ipBlock: {cidr: 203.0.113.0/24}}]}", "{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}", "{to: [{ipBlock: {cidr: '2000::/3'}}]}"
	runAll(t, []findingsTest{
		{"a range", input{manifests: dual + out(narrow)}, []string{"info ipblock-family NetworkPolicy x/p spec.egress[0]"}, "none of IPv6"},
		{"all of one family", input{manifests: dual + out(all)}, []string{"low ipblock-family NetworkPolicy x/p spec.egress[0]"}, "add an ipBlock of IPv6"},
		{"IPv6 only", input{manifests: dual + out(six)}, []string{"info ipblock-family NetworkPolicy x/p spec.egress[0]"}, "none of IPv4"},
		{"both families", input{manifests: dual + out(all+", "+six)}, nil, ""},
		{"another rule allows all", input{manifests: dual + out(narrow+", {ports: [{port: 53}]}")}, nil, ""},
		{"one family of the pods", input{manifests: shop() + out(narrow)}, nil, ""},
		{"no blocks", input{manifests: dual + out("{to: [{podSelector: {}}]}")}, nil, ""},
	}, "ipblock-family")
}

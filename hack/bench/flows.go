package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
)

func flowPromises() []promise {
	return []promise{
		{"flows-check-cpu", "CPU of `netpol-sim check`, 100,000 assertions about 10,000 pods", "ms", 5000},
		{"flows-check-memory", "the same: memory", "MB", 800},
	}
}

// The cluster of the assertions, and their number.
const (
	flowNamespaces = 100
	flowApps       = 10 // in each namespace, each with a Service and a policy
	flowPods       = 10 // of each app
	flowAssertions = 100_000
	flowTeams      = 7
)

// flows checks assertions from the start of the process to its end. All of
// them hold, so that the program ends well.
func (b *bench) flows(ctx context.Context) (map[string][]float64, error) {
	const rounds = 5
	cluster, assertions := filepath.Join(b.tmp, "FLOWS.json"), filepath.Join(b.tmp, "FLOWS.jsonl")
	for name, data := range map[string][]byte{cluster: flowCluster(), assertions: flowChecks()} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return nil, fmt.Errorf("write the input: %w", err)
		}
	}
	samples, err := inTurns(ctx, rounds, b.command("netpol-sim", "check", assertions, "-f", cluster, "-o", "json"))
	if err != nil {
		return nil, err
	}
	return map[string][]float64{
		"flows-check-cpu":    valuesOf(samples[0], cpuOf),
		"flows-check-memory": valuesOf(samples[0], memoryOf),
	}, nil
}

// flowCluster is a List: namespaces of teams, with apps that take port 8080
// from namespaces of their own team.
func flowCluster() []byte {
	var out bytes.Buffer
	out.WriteString(`{"apiVersion":"v1","kind":"List","items":[`)
	for n := range flowNamespaces {
		if n > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"ns-%d","labels":{"team":"%d"}}}`, n, n%flowTeams)
		for app := range flowApps {
			meta := fmt.Sprintf(`"metadata":{"name":"app-%d","namespace":"ns-%d"}`, app, n)
			fmt.Fprintf(&out, `,{"apiVersion":"v1","kind":"Service",%s,"spec":{"selector":{"app":"%d"},"ports":[{"port":80,"targetPort":"http"}]}}`, meta, app)
			fmt.Fprintf(&out, `,{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy",%s,"spec":{"podSelector":{"matchLabels":{"app":"%d"}},"ingress":[{"from":[{"namespaceSelector":{"matchLabels":{"team":"%d"}}}],"ports":[{"port":"http"}]}]}}`, meta, app, n%flowTeams)
			for pod := range flowPods {
				fmt.Fprintf(&out, `,{"apiVersion":"v1","kind":"Pod","metadata":{"name":"app-%d-%d","namespace":"ns-%d","labels":{"app":"%d"}},"spec":{"nodeName":"node-%d","containers":[{"name":"c","image":"i","ports":[{"name":"http","containerPort":8080}]}]},"status":{"phase":"Running","podIPs":[{"ip":"10.%d.%d.%d"}]}}`,
					app, pod, n, app, n, n, app, pod+1)
			}
		}
	}
	out.WriteString("]}\n")
	return out.Bytes()
}

// flowChecks are assertions as JSON Lines, half of them about Services, half
// about pods.
func flowChecks() []byte {
	var out bytes.Buffer
	for i := range flowAssertions {
		from, to := i%flowNamespaces, 7*i/flowNamespaces%flowNamespaces
		expect := "deny"
		if from%flowTeams == to%flowTeams {
			expect = "allow"
		}
		end := fmt.Sprintf(`"ns-%d/svc/app-%d","port":80`, to, i/3%flowApps)
		if i%2 == 0 {
			end = fmt.Sprintf(`"ns-%d/app-%d-%d","port":"8080/TCP"`, to, i/3%flowApps, i%flowPods)
		}
		fmt.Fprintf(&out, `{"from":"ns-%d/app-%d-%d","to":%s,"expect":%q}`+"\n", from, i/7%flowApps, i/11%flowPods, end, expect)
	}
	return out.Bytes()
}

package netpol_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// TestBlocksAreTheChanges expands blocks of random clusters: they are the same
// changes of the same pairs, each once.
func TestBlocksAreTheChanges(t *testing.T) {
	pairs, blocks, excepted := 0, 0, 0
	for seed := range uint64(150) {
		d := newDice(seed)
		w := d.world()
		if seed%3 == 0 {
			w = d.less(w)
		}
		profile := pick(d, netpol.Profiles()...)
		diff := d.withTemplates(t, w, profile).Matrix(netpol.MatrixOptions{}).Diff(d.withTemplates(t, d.later(w), profile).Matrix(netpol.MatrixOptions{}))
		want := map[[2]string][]netpol.PortChange{}
		for change := range diff.Changes() {
			for from, to := range change.Pairs() {
				want[[2]string{from.String(), to.String()}] = change.Ports
			}
		}
		got := map[[2]string][]netpol.PortChange{}
		for _, block := range diff.Blocks() {
			blocks++
			for from, to := range block.Pairs() {
				pair := [2]string{from.String(), to.String()}
				for _, p := range block.Ports {
					if p.Before != block.Ports[0].Before || p.After != block.Ports[0].After {
						t.Fatalf("seed %d: different verdicts: %v", seed, block.Ports)
					}
				}
				got[pair] = append(got[pair], block.Ports...)
			}
			excepted += len(block.Except)
		}
		for pair := range got {
			slices.SortFunc(got[pair], inOrder)
		}
		if d := gocmp.Diff(want, got); d != "" {
			t.Fatalf("seed %d (-changes +blocks):\n%s", seed, d)
		}
		pairs += len(got)
	}
	if pairs < 4*blocks || excepted < 100 {
		t.Errorf("the random clusters tell little: %d pairs in %d blocks, %d exceptions", pairs, blocks, excepted)
	}
}

// inOrder is that of Change.Ports.
func inOrder(a, b netpol.PortChange) int {
	protocol := func(p netpol.PortChange) int { return slices.Index(netpol.Protocols(), p.Ports.Protocol) }
	return cmp.Or(protocol(a)-protocol(b), int(a.Ports.From-b.Ports.From))
}

// A default deny is one block, however many pods of however many labels.
func TestBlocksAreFew(t *testing.T) {
	before, after := clusterOf(t, abc()), clusterOf(t, abc()+policy("p", `{podSelector: {}}`))
	blocks := before.Matrix(netpol.MatrixOptions{}).Diff(after.Matrix(netpol.MatrixOptions{})).Blocks()
	if len(blocks) != 1 || len(blocks[0].To) < 2 {
		t.Errorf("%d blocks: %v", len(blocks), blocks)
	}
}

// TestDiffFollowsWorkloads compares pods that a workload has replaced.
func TestDiffFollowsWorkloads(t *testing.T) {
	ownedPod := func(name, address string) string {
		return strings.ReplaceAll(strings.Replace(pod(name, address, ""), "namespace: x,", "namespace: x, "+
			"ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: web, uid: u, controller: true}],", 1), "{pod: "+name+"}", "{pod: web}")
	}
	before := clusterOf(t, abc()+ownedPod("web-1", "10.0.1.1")+ownedPod("web-2", "10.0.1.2"))
	after := clusterOf(t, abc()+ownedPod("web-3", "10.0.1.3")+policy("p", `{podSelector: {matchLabels: {pod: web}}}`))
	diff := before.Matrix(netpol.MatrixOptions{}).Diff(after.Matrix(netpol.MatrixOptions{}))
	if got := fmt.Sprint(diff.Added(), diff.Gone()); got != "[] [pod/x/web-2]" {
		t.Errorf("got %s", got)
	}
	heir := after.Pod("x", "web-3")
	if diff.Before(heir) != before.Pod("x", "web-1") {
		t.Errorf("before: %v", diff.Before(heir))
	}
	blocks := diff.Blocks()
	if len(blocks) != 1 || !slices.Contains(blocks[0].To, heir) || len(blocks[0].To) != 1 {
		t.Errorf("%v", blocks)
	}
}

// Static pods of one node are not each other.
func TestDiffKeepsStaticPodsApart(t *testing.T) {
	static := func(name, address string) string {
		return strings.Replace(pod(name, address, ""), "namespace: x,", "namespace: x, ownerReferences: [{apiVersion: v1, kind: Node, name: n1, uid: u, controller: true}],", 1)
	}
	diff := clusterOf(t, static("etcd-n1", "10.0.1.1")).Matrix(netpol.MatrixOptions{}).Diff(clusterOf(t, static("proxy-n1", "10.0.1.2")).Matrix(netpol.MatrixOptions{}))
	if got := fmt.Sprint(diff.Added(), diff.Gone()); got != "[pod/x/proxy-n1] [pod/x/etcd-n1]" {
		t.Errorf("got %s", got)
	}
}

// BenchmarkMatrixBlocks is BenchmarkMatrixDiff with blocks.
func BenchmarkMatrixBlocks(b *testing.B) {
	for _, size := range sizes() {
		b.Run(fmt.Sprintf("%dx%d", size.pods, size.policies), func(b *testing.B) {
			before := netpol.NewCluster(largeCluster(b, size.pods, size.policies), netpol.ProfileCommon).Matrix(netpol.MatrixOptions{})
			after := netpol.NewCluster(largeCluster(b, size.pods, size.policies+10), netpol.ProfileCommon).Matrix(netpol.MatrixOptions{})
			blocks, ends := 0, 0
			for b.Loop() {
				blocks, ends = 0, 0
				for _, block := range before.Diff(after).Blocks() {
					blocks++
					ends += len(block.From) + len(block.To)
				}
			}
			b.ReportMetric(float64(blocks), "blocks")
			b.ReportMetric(float64(ends), "ends")
		})
	}
}

package generate

// Change changes labels of pods and of a namespace, or takes a policy away.
func (g *Generator) Change() {
	for range 2 {
		pod := pick(g.dice, g.Cluster.Pods...)
		pod.Labels = g.podLabels()
		g.mix.Hit("labels of a pod changed")
	}
	if len(g.Cluster.Namespaces) > 0 {
		ns := pick(g.dice, g.Cluster.Namespaces...)
		ns.Labels = g.namespaceLabels()
		g.mix.Hit("labels of a namespace changed")
	}
	if n := len(g.Cluster.Policies); n > 1 && g.dice.percent(40) {
		g.Cluster.Policies = g.Cluster.Policies[:n-1]
		g.mix.Hit("policy removed")
	}
}

package main

import "context"

// The benchmarks of pkg/netpol that promises are about.
const (
	oneFlow     = "BenchmarkAnswer/pod_to_pod,_one_port"
	largeMatrix = "BenchmarkMatrix/10000x1000"
	largeDiff   = "BenchmarkMatrixDiff/10000x1000"
)

func enginePromises() []promise {
	return []promise{
		{oneFlow, "One flow among 10,000 pods and 1,000 policies, loaded", "ms", 1},
		{largeDiff, "What a policy changes there, to the whole matrix", "×", 2},
	}
}

// engine runs the benchmarks of pkg/netpol, which hold the clusters.
func (b *bench) engine(ctx context.Context) (map[string][]float64, error) {
	values, err := b.benchmarks(ctx, "netpol", series{"^BenchmarkAnswer$/^pod_to_pod,_one_port$", "300x"}, series{"^BenchmarkMatrix(Diff)?$/10000", "1x"})
	if err != nil {
		return nil, err
	}
	for i, matrix := range values[largeMatrix] {
		values[largeDiff][i] /= matrix
	}
	delete(values, largeMatrix)
	return values, nil
}

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

func networkPromises() []promise {
	return []promise{
		{"network-cpu", "`netpol-sim matrix -o json -f` 1,000 pods × 150 policies: CPU", "ms", 1000},
		{"network-memory", "the same: memory", "MB", 100},
		{"network-large-wall", "`netpol-sim matrix -o json -f` 10,000 pods × 1,000 policies: time", "ms", 5000},
		{"network-large-memory", "the same: memory", "MB", 500},
	}
}

// network makes the whole matrix, all ports, of two clusters, from the start of
// the process to its end.
func (b *bench) network(ctx context.Context) (map[string][]float64, error) {
	values := map[string][]float64{}
	for _, size := range []struct {
		pods, policies, rounds int
		time, memory           string
		of                     func(sample) float64
	}{
		{1000, 150, 15, "network-cpu", "network-memory", cpuOf},
		{10_000, 1000, 5, "network-large-wall", "network-large-memory", wallOf},
	} {
		file := filepath.Join(b.tmp, fmt.Sprintf("network-%d.json", size.pods))
		if err := os.WriteFile(file, bigNetwork(size.pods, size.policies), 0o600); err != nil {
			return nil, fmt.Errorf("write the input: %w", err)
		}
		samples, err := inTurns(ctx, size.rounds, b.command("netpol-sim", "matrix", "-o", "json", "-f", file))
		if err != nil {
			return nil, err
		}
		values[size.time] = valuesOf(samples[0], size.of)
		values[size.memory] = valuesOf(samples[0], memoryOf)
	}
	return values, nil
}

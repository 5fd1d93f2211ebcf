package main

import (
	"context"
	"strings"
)

// starts are the commands that need neither a cluster nor a kubeconfig, and
// that people and shells wait for.
func starts() []string { return []string{"--help", "version", "completion bash"} }

func startPromises() []promise {
	var promises []promise
	for _, command := range starts() {
		promises = append(promises, promise{command, "CPU of `kubectl secure " + command + "`", "ms", 15})
	}
	return promises
}

func (b *bench) start(ctx context.Context) (map[string][]float64, error) {
	const rounds = 30
	var programs []program
	for _, command := range starts() {
		programs = append(programs, b.command(strings.Fields(command)...))
	}
	samples, err := inTurns(ctx, rounds, programs...)
	if err != nil {
		return nil, err
	}
	values := map[string][]float64{}
	for i, command := range starts() {
		values[command] = valuesOf(samples[i], cpuOf)
	}
	return values, nil
}

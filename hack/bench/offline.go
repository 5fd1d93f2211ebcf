package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

func offlinePromises() []promise {
	return []promise{
		{"offline-wall", "`who-can get pods -A -f BIG.json`: time, to `jq length BIG.json`", "×", 1},
		{"offline-cpu", "the same: CPU, to that of jq", "×", 1},
		{"offline-memory", "the same: memory", "MB", 150},
	}
}

// offline asks a question of a large file, from the start of the process to
// its end, and has jq read the same file in between.
func (b *bench) offline(ctx context.Context) (map[string][]float64, error) {
	const rounds = 15
	jq, err := exec.LookPath("jq")
	if err != nil {
		return nil, errors.Join(err, errors.New("install jq: it is what the program is compared with"))
	}
	file := filepath.Join(b.tmp, "BIG.json")
	if err := os.WriteFile(file, bigList(), 0o600); err != nil {
		return nil, fmt.Errorf("write the input: %w", err)
	}
	samples, err := inTurns(ctx, rounds,
		b.command("who-can", "get", "pods", "-A", "-f", file),
		program{path: jq, args: []string{"length", file}, env: []string{"HOME=" + b.tmp}})
	if err != nil {
		return nil, err
	}
	ours, theirs := samples[0], samples[1]
	return map[string][]float64{
		"offline-wall":   ratios(valuesOf(ours, wallOf), valuesOf(theirs, wallOf)),
		"offline-cpu":    ratios(valuesOf(ours, cpuOf), valuesOf(theirs, cpuOf)),
		"offline-memory": valuesOf(ours, memoryOf),
	}, nil
}

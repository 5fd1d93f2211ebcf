package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// program is something to run and to measure.
type program struct {
	path string
	args []string
	env  []string // the whole environment
}

// sample is what one run of a program took.
type sample struct {
	wall   time.Duration
	cpu    time.Duration // in the program and, for it, in the kernel
	memory int64         // the most that was resident, in bytes; 0 where the system does not tell
}

// run runs the program to its end. What it prints is thrown away.
func (p program) run(ctx context.Context) (sample, error) {
	cmd := exec.CommandContext(ctx, p.path, p.args...)
	cmd.Env = p.env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	begin := time.Now()
	err := cmd.Run()
	wall := time.Since(begin)
	if err != nil {
		return sample{}, fmt.Errorf("run %s %s: %w\n%s", filepath.Base(p.path), strings.Join(p.args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	state := cmd.ProcessState
	return sample{wall: wall, cpu: state.UserTime() + state.SystemTime(), memory: peakMemory(state)}, nil
}

// inTurns runs the programs one after another, as often as told: whatever
// else the machine does then slows all of them. A first round, to fill the
// file cache, is not counted. The result has the samples of each program.
func inTurns(ctx context.Context, rounds int, programs ...program) ([][]sample, error) {
	samples := make([][]sample, len(programs))
	for round := range rounds + 1 {
		for i, p := range programs {
			s, err := p.run(ctx)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				samples[i] = append(samples[i], s)
			}
		}
	}
	return samples, nil
}

func wallOf(s sample) float64   { return milliseconds(s.wall) }
func cpuOf(s sample) float64    { return milliseconds(s.cpu) }
func memoryOf(s sample) float64 { return float64(s.memory) / 1e6 }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func valuesOf(samples []sample, of func(sample) float64) []float64 {
	values := make([]float64, 0, len(samples))
	for _, s := range samples {
		values = append(values, of(s))
	}
	return values
}

// ratios compares runs that followed each other.
func ratios(a, b []float64) []float64 {
	quotients := make([]float64, 0, len(a))
	for i := range a {
		quotients = append(quotients, a[i]/b[i])
	}
	return quotients
}

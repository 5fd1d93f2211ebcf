package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// question is the prefix of the benchmarks that answer one.
const question = "BenchmarkWhoCan/"

func analysisPromises() []promise {
	return []promise{
		{"BenchmarkNewIndex", "Index of the loaded snapshot", "ms", 50},
		{question + "namespace", "One question: in one namespace", "ms", 1},
		{question + "named", "One question: an object by name", "ms", 1},
		{question + "cluster-scoped", "One question: a cluster-scoped type", "ms", 1},
		{question + "anywhere-rare", "One question: in any namespace, few may", "ms", 1},
		{question + "anywhere-common", "One question: in any namespace, thousands may", "ms", 1},
	}
}

// analysis runs the benchmarks of pkg/rbac, which hold the cluster.
func (b *bench) analysis(ctx context.Context) (map[string][]float64, error) {
	return b.benchmarks(ctx, "rbac", series{"^BenchmarkNewIndex$", "20x"}, series{"^BenchmarkWhoCan$", "300x"})
}

// series is benchmarks and how often they run at a time.
type series struct{ pattern, times string }

// benchmarks runs those of a package below pkg.
func (b *bench) benchmarks(ctx context.Context, pkg string, all ...series) (map[string][]float64, error) {
	test := filepath.Join(b.tmp, pkg+".test")
	build := exec.CommandContext(ctx, "go", "test", "-c", "-o", test, "./pkg/"+pkg)
	build.Dir = b.root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the benchmarks: %w\n%s", err, out)
	}
	values := map[string][]float64{}
	for _, s := range all {
		cmd := exec.CommandContext(ctx, test, "-test.run=^$", "-test.bench="+s.pattern, "-test.benchtime="+s.times, "-test.count=9")
		cmd.Dir = filepath.Join(b.root, "pkg", pkg)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("run the benchmarks: %w\n%s%s", err, out, stderr.Bytes())
		}
		if err := readBenchmarks(out, values); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// readBenchmarks adds the results that a test program has printed, in
// milliseconds an operation, by the name of the benchmark.
func readBenchmarks(out []byte, values map[string][]float64) error {
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		// NAME-PROCESSORS  TIMES  NUMBER ns/op  …
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") || fields[3] != "ns/op" {
			continue
		}
		nanoseconds, err := strconv.ParseFloat(fields[2], 64)
		if err != nil {
			return fmt.Errorf("read the result of %s: %w", fields[0], err)
		}
		name := fields[0]
		// Without a number of processors where there is one of them.
		if i := strings.LastIndexByte(name, '-'); i > 0 {
			if _, err := strconv.Atoi(name[i+1:]); err == nil {
				name = name[:i]
			}
		}
		values[name] = append(values[name], nanoseconds/1e6)
	}
	return lines.Err()
}

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// maxBinary is the promise of docs/performance.md, in bytes, for a stripped binary.
const maxBinary = 36_000_000

// distConfig is everything that makeDist depends on.
type distConfig struct {
	root, out string
	uriBase   string // without a trailing slash
	release   release
	targets   []target
	build     builder
	log       io.Writer
}

// makeDist writes one archive a target, sha256sums.txt and krew-manifest.yaml
// into c.out, and returns the manifest.
func makeDist(ctx context.Context, c distConfig) ([]byte, error) {
	licence, err := os.ReadFile(filepath.Join(c.root, "LICENSE"))
	if err != nil {
		return nil, fmt.Errorf("pack the licence: %w", err)
	}
	if err := os.MkdirAll(c.out, 0o755); err != nil {
		return nil, fmt.Errorf("make the output directory: %w", err)
	}
	var platforms []platform
	var sums bytes.Buffer
	for _, t := range c.targets {
		program, err := compile(ctx, c, t)
		if err != nil {
			return nil, err
		}
		var archive bytes.Buffer
		err = writeArchive(&archive, c.release.date, []entry{
			{name: t.binary(), data: program, executable: true},
			{name: "LICENSE", data: licence},
		})
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", t, err)
		}
		if err := os.WriteFile(filepath.Join(c.out, t.archive()), archive.Bytes(), 0o644); err != nil {
			return nil, fmt.Errorf("pack %s: %w", t, err)
		}
		hash := sha256.Sum256(archive.Bytes())
		sum := hex.EncodeToString(hash[:])
		fmt.Fprintf(&sums, "%s  %s\n", sum, t.archive())
		fmt.Fprintf(c.log, "%-14s %5.1f MB, packed %5.1f MB  %s\n", t, mega(len(program)), mega(archive.Len()), sum)
		platforms = append(platforms, platform{target: t, uri: c.uriBase + "/" + t.archive(), sha256: sum})
	}
	manifest, err := renderManifest(c.release.version, platforms)
	if err != nil {
		return nil, err
	}
	for name, data := range map[string][]byte{"sha256sums.txt": sums.Bytes(), "krew-manifest.yaml": manifest} {
		if err := os.WriteFile(filepath.Join(c.out, name), data, 0o644); err != nil {
			return nil, fmt.Errorf("write %s: %w", name, err)
		}
	}
	return manifest, nil
}

// compile builds the program for t and returns its bytes.
func compile(ctx context.Context, c distConfig, t target) ([]byte, error) {
	tmp, err := os.MkdirTemp("", "kubectl-secure-dist-")
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", t, err)
	}
	defer os.RemoveAll(tmp)
	file := filepath.Join(tmp, t.binary())
	if err := c.build(ctx, c.root, t, c.release, file); err != nil {
		return nil, err
	}
	program, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", t, err)
	}
	if len(program) > maxBinary {
		return nil, fmt.Errorf("build %s: the binary has %.1f MB, more than the %.1f MB that docs/performance.md promises", t, mega(len(program)), mega(maxBinary))
	}
	return program, nil
}

func mega(bytes int) float64 { return float64(bytes) / 1e6 }

package main

import (
	"fmt"
	"slices"
	"strings"
)

// target is a platform in Go's names.
type target struct{ os, arch string }

// allTargets are the platforms of a release, sorted.
func allTargets() []target {
	return []target{
		{"darwin", "amd64"},
		{"darwin", "arm64"},
		{"linux", "amd64"},
		{"linux", "arm64"},
		{"windows", "amd64"},
		{"windows", "arm64"},
	}
}

func parseTarget(s string) (target, error) {
	name, arch, ok := strings.Cut(s, "/")
	t := target{name, arch}
	if !ok || !slices.Contains(allTargets(), t) {
		return target{}, fmt.Errorf("platform %q is none of %v", s, allTargets())
	}
	return t, nil
}

func (t target) String() string { return t.os + "/" + t.arch }

// binary is the program's file name, which is also what krew links.
func (t target) binary() string {
	if t.os == "windows" {
		return "kubectl-secure.exe"
	}
	return "kubectl-secure"
}

func (t target) archive() string {
	return fmt.Sprintf("kubectl-secure_%s_%s.tar.gz", t.os, t.arch)
}

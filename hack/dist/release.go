package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// release says what is being built. All of it comes from the commit, nothing
// from the machine or the hour.
type release struct {
	version string // with a leading v, as krew demands
	commit  string // full hash
	date    time.Time
}

// semver is krew's rule for spec.version.
var semver = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)

// describe asks git for the commit, and for the version unless one is given.
func describe(ctx context.Context, root, version string) (release, error) {
	commit, err := git(ctx, root, "rev-parse", "HEAD")
	if err != nil {
		return release{}, err
	}
	stamp, err := git(ctx, root, "log", "-1", "--format=%cI")
	if err != nil {
		return release{}, err
	}
	date, err := time.Parse(time.RFC3339, stamp)
	if err != nil {
		return release{}, fmt.Errorf("read the date of commit %s: %w", commit, err)
	}
	if version == "" {
		version, err = git(ctx, root, "describe", "--tags", "--match", "v[0-9]*", "--dirty")
	}
	if err != nil { // no tag in reach: a version that sorts before every release
		version = fmt.Sprintf("v0.0.0-%s-%.12s", date.UTC().Format("20060102150405"), commit)
	}
	if !semver.MatchString(version) {
		return release{}, fmt.Errorf("name the release: %q is no semantic version with a leading v", version)
	}
	return release{version: version, commit: commit, date: date.UTC()}, nil
}

func git(ctx context.Context, root string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("ask git %s in %s: %w", args[0], root, err)
	}
	return strings.TrimSpace(string(out)), nil
}

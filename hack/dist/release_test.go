package main

import (
	"context"
	"os/exec"
	"testing"
)

const commitDate = "2026-11-23T09:30:00+01:00"

// repository has one commit with a known date, and a tag if one is given.
func repository(t *testing.T, tag string) string {
	t.Helper()
	root := t.TempDir()
	commands := [][]string{
		{"init", "-q"},
		{"-c", "user.name=n", "-c", "user.email=e@example.test", "commit", "-q", "--allow-empty", "-m", "x"},
	}
	if tag != "" {
		commands = append(commands, []string{"tag", tag})
	}
	for _, args := range commands {
		cmd := exec.Command("git", args...)
		cmd.Dir = root
		cmd.Env = append(cmd.Environ(), "GIT_COMMITTER_DATE="+commitDate, "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	return root
}

func TestDescribe(t *testing.T) {
	tests := []struct {
		name, tag, version string
		want               string // before the commit's hash, where there is one
	}{
		{name: "given", tag: "v0.1.0", version: "v9.9.9", want: "v9.9.9"},
		{name: "tagged", tag: "v0.1.0", want: "v0.1.0"},
		{name: "other tags are no versions", tag: "vendored", want: "v0.0.0-20261123083000-"},
		{name: "no tag", want: "v0.0.0-20261123083000-"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rel, err := describe(context.Background(), repository(t, tt.tag), tt.version)
			if err != nil {
				t.Fatal(err)
			}
			want := tt.want
			if want[len(want)-1] == '-' {
				want += rel.commit[:12]
			}
			if rel.version != want || len(rel.commit) != 40 {
				t.Errorf("version %s, commit %s; want version %s", rel.version, rel.commit, want)
			}
			if got := rel.date.Format("2006-01-02T15:04:05Z07:00"); got != "2026-11-23T08:30:00Z" {
				t.Errorf("date = %s, want the commit's in UTC", got)
			}
		})
	}
}

func TestSemver(t *testing.T) {
	for version, want := range map[string]bool{
		"v0.1.0": true, "v0.1.0-3-gabcdef": true, "v0.1.0-dirty": true, "v1.2.3-rc.1+build": true,
		"0.1.0": false, "v0.1": false, "": false, "v1.2.3 -X main.evil=1": false,
	} {
		if semver.MatchString(version) != want {
			t.Errorf("semver(%q) = %v", version, !want)
		}
	}
}

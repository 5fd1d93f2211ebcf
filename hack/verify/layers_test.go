package main

import (
	"strings"
	"testing"
)

func TestImportBreach(t *testing.T) {
	tests := []struct {
		name, from, to string
		want           string // part of the text; "" when the import is fine
	}{
		{name: "main uses the command line", from: "cmd/kubectl-secure", to: "internal/cli"},
		{name: "root adds commands", from: "internal/cli", to: "internal/cli/command/whocan"},
		{name: "command uses helpers", from: "internal/cli/command/whocan", to: "internal/cli/source"},
		{name: "command uses analysis", from: "internal/cli/command/whocan", to: "pkg/rbac"},
		{name: "command uses its own part", from: "internal/cli/command/whocan", to: "internal/cli/command/whocan/check"},
		{name: "helper uses helper", from: "internal/cli/source", to: "internal/cli/fault"},
		{name: "analysis reads the snapshot", from: "pkg/rbac", to: "pkg/snapshot"},
		{name: "analysis knows types", from: "pkg/rbac", to: "pkg/apiresource"},
		{name: "joined analysis", from: "pkg/secrets", to: "pkg/rbac"},
		{name: "loader builds the snapshot", from: "pkg/snapshot/live", to: "pkg/snapshot"},
		{name: "loader uses loader", from: "pkg/snapshot/demo", to: "pkg/snapshot/dir"},
		{name: "hack may use all", from: "hack/gendocs", to: "internal/cli"},

		{name: "command uses command", from: "internal/cli/command/whocan", to: "internal/cli/command/why", want: "imports go down"},
		{name: "similar names are different commands", from: "internal/cli/command/who", to: "internal/cli/command/whocan", want: "imports go down"},
		{name: "helper uses command", from: "internal/cli/source", to: "internal/cli/command/whocan", want: "imports go down"},
		{name: "command uses root", from: "internal/cli/command/whocan", to: "internal/cli", want: "imports go down"},
		{name: "pkg uses internal", from: "pkg/snapshot", to: "internal/cli/fault", want: "imports go down"},
		{name: "snapshot uses analysis", from: "pkg/snapshot", to: "pkg/rbac", want: "imports go down"},
		{name: "snapshot uses loader", from: "pkg/snapshot", to: "pkg/snapshot/dir", want: "imports go down"},
		{name: "snapshot uses report", from: "pkg/snapshot", to: "pkg/report/v1alpha1", want: "imports go down"},
		{name: "rbac uses secrets", from: "pkg/rbac", to: "pkg/secrets", want: "imports go down"},
		{name: "peers of one rank are strangers", from: "pkg/secrets", to: "pkg/netpol", want: "imports go down"},
		{name: "printer knows the cluster", from: "pkg/printer", to: "pkg/snapshot", want: "printers know reports"},
		{name: "analysis loads", from: "pkg/rbac", to: "pkg/snapshot/live", want: "whoever made it"},
		{name: "product uses test support", from: "pkg/rbac", to: "internal/testkit", want: "imports go down"},
		{name: "product uses hack", from: "cmd/kubectl-secure", to: "hack/dist", want: "imports go down"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := importBreach(tt.from, tt.to)
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("importBreach(%s, %s) = %q, want %q", tt.from, tt.to, got, tt.want)
			}
		})
	}
}

func TestCheckLayers(t *testing.T) {
	imports := func(path string) string { return "import _ \"" + testModule + "/" + path + "\"\n" }
	tests := []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{
			name:  "upward arrow",
			files: map[string]string{"pkg/rbac/a.go": "package rbac\n" + imports("pkg/tui")},
			want:  []string{"pkg/rbac/a.go:2: layers: pkg/rbac must not import pkg/tui: imports go down, and these are pkg/rbac/... and pkg/tui/..."},
		},
		{
			name:  "file for another system",
			files: map[string]string{"pkg/rbac/a_windows.go": "package rbac\n" + imports("internal/cli")},
			want:  []string{"pkg/rbac/a_windows.go:2: layers: pkg/rbac must not import internal/cli: imports go down, and these are pkg/rbac/... and internal/cli"},
		},
		{
			name:  "tests may look anywhere",
			files: map[string]string{"pkg/rbac/a_test.go": "package rbac\n" + imports("internal/testkit")},
			want:  []string{},
		},
		{
			name:  "a new place has to be put on the map",
			files: map[string]string{"pkg/misc/a.go": "package misc\n"},
			want:  []string{"pkg/misc/a.go: layers: pkg/misc has no layer: give it one in hack/verify/layers.go"},
		},
		{
			name:  "others' packages are not ours to order",
			files: map[string]string{"pkg/rbac/a.go": "package rbac\nimport _ \"other.test/internal/cli\"\n"},
			want:  []string{},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, texts(checkLayers(load(t, tt.files))))
		})
	}
}

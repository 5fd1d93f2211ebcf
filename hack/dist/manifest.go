package main

import (
	"bytes"
	"fmt"
	"text/template"
)

const (
	homepage = "https://github.com/kubectl-secure/kubectl-secure"
	// krew shows 50 characters of it; longer ones are refused in review.
	shortDescription = "Answer who can do what in a cluster, with proof"
)

// platform is one archive as krew's manifest names it.
type platform struct {
	target
	uri    string
	sha256 string // of the archive, lower case hex
}

// manifestTemplate follows krew's plugin manifest v1alpha2. `files` is left
// out: krew then installs the whole archive, the licence included. The
// description has no examples, as the reviewers of krew-index ask.
var manifestTemplate = template.Must(template.New("manifest").Parse(`apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: secure
spec:
  version: {{ .Version }}
  homepage: {{ .Homepage }}
  shortDescription: {{ .Short }}
  description: |
    Answers the questions that people ask about a cluster in an audit and in an
    incident: who is allowed to do this, through which binding and role, and
    what would have to change. The answers equal those of the API server's own
    authorizer, come from the live cluster, from manifests or from a saved
    snapshot, and say what could not be read. Nothing is installed in the
    cluster, and the values of Secrets are not requested.
  platforms:
{{- range .Platforms }}
  - selector:
      matchLabels:
        os: {{ .OS }}
        arch: {{ .Arch }}
    uri: {{ .URI }}
    sha256: {{ .SHA256 }}
    bin: {{ .Bin }}
{{- end }}
`))

// renderManifest writes the manifest of a version with these platforms.
func renderManifest(version string, platforms []platform) ([]byte, error) {
	type row struct{ OS, Arch, URI, SHA256, Bin string }
	rows := make([]row, 0, len(platforms))
	for _, p := range platforms {
		rows = append(rows, row{p.os, p.arch, p.uri, p.sha256, p.binary()})
	}
	var buf bytes.Buffer
	err := manifestTemplate.Execute(&buf, map[string]any{
		"Version": version, "Homepage": homepage, "Short": shortDescription, "Platforms": rows,
	})
	if err != nil {
		return nil, fmt.Errorf("render the krew manifest: %w", err)
	}
	return buf.Bytes(), nil
}

package main

import (
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

func TestRenderManifest(t *testing.T) {
	sum := strings.Repeat("0f", 32)
	data, err := renderManifest("v1.2.3", []platform{{target: target{"windows", "arm64"}, uri: "https://example.test/a.tar.gz", sha256: sum}})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		APIVersion, Kind string
		Metadata         struct{ Name string }
		Spec             struct {
			Version, Homepage, ShortDescription, Description, Caveats string
			Platforms                                                 []struct {
				URI, SHA256, Bin string
				Selector         struct{ MatchLabels map[string]string }
			}
		}
	}
	if err := yaml.UnmarshalStrict(data, &got); err != nil {
		t.Fatalf("the manifest is no YAML of this shape: %v\n%s", err, data)
	}
	if got.APIVersion != "krew.googlecontainertools.github.com/v1alpha2" || got.Kind != "Plugin" || got.Metadata.Name != "secure" {
		t.Errorf("it is %s %s %s", got.APIVersion, got.Kind, got.Metadata.Name)
	}
	if got.Spec.Version != "v1.2.3" || got.Spec.Homepage != homepage || got.Spec.ShortDescription != shortDescription {
		t.Errorf("spec = %+v", got.Spec)
	}
	if n := len(got.Spec.Platforms); n != 1 {
		t.Fatalf("%d platforms, want 1", n)
	}
	p := got.Spec.Platforms[0]
	if p.URI != "https://example.test/a.tar.gz" || p.SHA256 != sum || p.Bin != "kubectl-secure.exe" ||
		p.Selector.MatchLabels["os"] != "windows" || p.Selector.MatchLabels["arch"] != "arm64" {
		t.Errorf("platform = %+v", p)
	}
}

// What the reviewers of krew-index look at and no validator knows.
func TestManifestMeetsReview(t *testing.T) {
	if n := len(shortDescription); n > 50 {
		t.Errorf("shortDescription has %d characters, more than 50", n)
	}
	data, err := renderManifest("v1.2.3", nil)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if len(line) > 81 && !strings.Contains(line, "https://") {
			t.Errorf("longer than 80 characters: %s", line)
		}
	}
	if strings.Contains(string(data), "kubectl secure") {
		t.Error("the description shows usage")
	}
}

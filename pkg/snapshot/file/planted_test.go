package file_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/file"
)

// The words in testdata/planted: configuration, values of Secrets, and what
// must be in every file.
var planted = regexp.MustCompile(`\b(?:conf|value)-\d{2,3}\b|kept[\w-]*`)

// words returns the planted words of a text, also those in base64.
func words(text string) []string {
	found := planted.FindAllString(text, -1)
	for _, encoded := range regexp.MustCompile(`[A-Za-z0-9+/]{8,}={0,2}`).FindAllString(text, -1) {
		if decoded, err := base64.StdEncoding.DecodeString(encoded); err == nil {
			found = append(found, planted.FindAllString(string(decoded), -1)...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func load(t *testing.T, path string) *snapshot.Snapshot {
	t.Helper()
	s, err := dir.Load(t.Context(), dir.Options{Paths: []string{path}, DefaultNamespace: "default"})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Gaps()) > 0 {
		t.Fatalf("gaps: %v", s.Gaps())
	}
	return s
}

// Manifests as people write them, with texts in odd places.
func TestSavePlanted(t *testing.T) {
	for _, name := range []string{"builtin.yaml", "policies.yaml", "secrets.yaml"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", "planted", name)
			manifests, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s := load(t, path)
			for _, includeConfig := range []bool{false, true} {
				var out bytes.Buffer
				if err := file.Save(&out, s, file.SaveOptions{IncludeConfig: includeConfig}); err != nil {
					t.Fatal(err)
				}
				saved := words(out.String())
				for _, word := range words(string(manifests)) {
					want := strings.HasPrefix(word, "kept") || includeConfig && strings.HasPrefix(word, "conf")
					// kubectl's copies of objects are never kept.
					if word == "conf-206" || word == "conf-279" {
						want = false
					}
					if got := slices.Contains(saved, word); got != want {
						t.Errorf("include-config %v: %s is saved: %v", includeConfig, word, got)
					}
				}
				if strings.Contains(out.String(), "1010101") && !includeConfig {
					t.Error("a number of a free field is saved")
				}
			}
		})
	}
}

// packed returns a text as Helm keeps a release.
func packed(t *testing.T, text string) string {
	t.Helper()
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(zipped.Bytes())
}

// Releases of Helm in ConfigMaps and copies that deployment tools keep are
// compressed: a search of the file would not find the values.
func TestSaveDropsCompressedSecrets(t *testing.T) {
	release := packed(t, `{"manifest":"---\nkind: Secret\ndata:\n  a: dmFsdWU=\n"}`)
	harmless := packed(t, `{"manifest":"---\nkind: ConfigMap\ndata:\n  a: b\n"}`)
	text := saved(
		t, snapshot.Info{}, file.SaveOptions{IncludeConfig: true},
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Data: map[string]string{"release": release, "twice": base64.StdEncoding.EncodeToString([]byte(release))}},
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "b", Annotations: map[string]string{"objectset.rio.cattle.io/applied": release}}, Data: map[string]string{"release": harmless}},
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "c", Annotations: map[string]string{"example.com/copy": harmless, "cert-manager.io/issuer-name": "kept"}}},
	)
	if strings.Contains(text, release) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(release))) {
		t.Error("a compressed Secret is saved")
	}
	if strings.Count(text, harmless) != 1 || !strings.Contains(text, `"kept"`) {
		t.Errorf("configuration is not kept, or a Secret keeps a compressed annotation: %s", text)
	}
}

// What is read back and saved again is the same, and a redacted object is
// what its own redaction is: snapshots can be compared.
func TestRedactTwice(t *testing.T) {
	r, err := file.NewRedactor()
	if err != nil {
		t.Fatal(err)
	}
	for obj := range load(t, filepath.Join("testdata", "planted")).All() {
		once := r.Redact(obj)
		a, errA := json.Marshal(once)
		b, errB := json.Marshal(r.Redact(once))
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("once:  %s %v\ntwice: %s %v", a, errA, b, errB)
		}
	}
}

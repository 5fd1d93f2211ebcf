package dir

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
)

func TestTypeMeta(t *testing.T) {
	tests := []struct {
		meta   typeMeta
		isList bool
		item   typeMeta
		info   bool
	}{
		{typeMeta{"v1", "List"}, true, typeMeta{}, false},
		{typeMeta{"v1", "PodList"}, true, typeMeta{"v1", "Pod"}, false},
		{typeMeta{"v1", "Pod"}, false, typeMeta{}, false},
		{typeMeta{"v1", "Listing"}, false, typeMeta{}, false},
		{typeMeta{}, false, typeMeta{}, false},
		{typeMeta{"kubectl-secure.io/v1alpha1", "SnapshotInfo"}, false, typeMeta{}, true},
		{typeMeta{"kubectl-secure.io/v9", "SnapshotInfo"}, false, typeMeta{}, true},
		{typeMeta{"example.com/v1", "SnapshotInfo"}, false, typeMeta{}, false},
		{typeMeta{"kubectl-secure.io/v1alpha1", "WhoCanReport"}, false, typeMeta{}, false},
	}
	for _, tt := range tests {
		if tt.meta.isList() != tt.isList || tt.meta.item() != tt.item || tt.meta.isSnapshotInfo() != tt.info {
			t.Errorf("%+v: isList %v, item %+v, isSnapshotInfo %v", tt.meta, tt.meta.isList(), tt.meta.item(), tt.meta.isSnapshotInfo())
		}
	}
}

func TestBuiltInKind(t *testing.T) {
	tests := []struct {
		apiVersion, kind string
		want             bool
		err              string
	}{
		{"v1", "Pod", true, ""},
		{"apps/v1", "Deployment", true, ""},
		{"autoscaling/v1", "HorizontalPodAutoscaler", true, ""},
		{"autoscaling/v2", "HorizontalPodAutoscaler", true, ""},
		{"example.com/v1", "Pod", false, ""},
		{"apiextensions.k8s.io/v1", "CustomResourceDefinition", false, ""},
		{"apps/v1beta2", "Deployment", false, "Deployment.apps is read in version v1, not in v1beta2"},
		{"apps/v2", "Deployment", false, "Deployment.apps is read in version v1, not in v2"},
		{"apps/v1", "Pod", false, `apps/v1 has no kind "Pod"`},
		{"v2", "Pod", false, "Pod is read in version v1, not in v2"},
		{"v1", "pod", false, `v1 has no kind "pod"`},
		{"policy/v1beta1", "PodSecurityPolicy", false, `policy/v1beta1 has no kind "PodSecurityPolicy"`},
		{"extensions/v1beta1", "NetworkPolicy", false, "the group extensions is no longer served"},
	}
	for _, tt := range tests {
		got, err := builtInKind(schema.FromAPIVersionAndKind(tt.apiVersion, tt.kind))
		if got != tt.want || fmt.Sprint(err) != tt.err && err != nil || err == nil && tt.err != "" {
			t.Errorf("%s %s: %v, %v, want %v, %s", tt.apiVersion, tt.kind, got, err, tt.want, tt.err)
		}
	}
}

// Every type that the API server serves in a stable version is read as a Go
// type. The two groups are those of other servers within it.
func TestEveryServedTypeIsBuiltIn(t *testing.T) {
	checked := 0
	for _, r := range apiresource.NewCatalog().Resources() {
		if r.Virtual || r.DefaultOff || r.Group == "apiextensions.k8s.io" || r.Group == "apiregistration.k8s.io" {
			continue
		}
		checked++
		got, err := builtInKind(schema.GroupVersionKind{Group: r.Group, Version: r.Version, Kind: r.Kind})
		if !got || err != nil {
			t.Errorf("%s: %v, %v", r, got, err)
		}
	}
	if checked < 40 {
		t.Errorf("only %d types are checked", checked)
	}
}

// No version of any built-in kind may be taken for a custom resource: the
// analyses would not see it and nobody would know.
func TestNoBuiltInTypeIsCustom(t *testing.T) {
	for gvk := range scheme.Scheme.AllKnownTypes() {
		if gvk.Version == "__internal" {
			continue
		}
		if got, err := builtInKind(gvk); !got && err == nil {
			t.Errorf("%s is taken for a custom resource", gvk)
		}
	}
}

func TestIsStable(t *testing.T) {
	for version, want := range map[string]bool{"v1": true, "v12": true, "v1beta1": false, "v1alpha1": false, "v": false, "": false, "1": false, "__internal": false, "v1-": false} {
		if got := isStable(version); got != want {
			t.Errorf("%q: %v", version, got)
		}
	}
}

func TestIsManifest(t *testing.T) {
	tests := map[string]bool{
		"a.yaml": true, "a.yml": true, "a.json": true, "A.YAML": true, "a.yaml.gz": true, "a.json.GZ": true, ".a.yaml": true,
		"a.yaml.tpl": false, "a.txt": false, "a.gz": false, "yaml": false, "a.yaml~": false, "._a.yaml": false, "a.tar.gz": false, "": false,
	}
	for name, want := range tests {
		if got := isManifest(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestDetect(t *testing.T) {
	tests := []struct {
		name string
		head string
		want encoding
	}{
		{"nothing", "", utf8Text},
		{"one byte", "a", utf8Text},
		{"ASCII", "abcd", utf8Text},
		{"UTF-8 with mark", "\xef\xbb\xbfa", utf8Text},
		{"little endian mark", "\xff\xfea\x00", utf16LittleEndian},
		{"big endian mark", "\xfe\xff\x00a", utf16BigEndian},
		{"little endian", "a\x00b\x00", utf16LittleEndian},
		{"big endian", "\x00a\x00b", utf16BigEndian},
		{"binary", "\x00\x00\x00a", utf8Text},
	}
	for _, tt := range tests {
		if got := detect([]byte(tt.head)); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestWithoutFields(t *testing.T) {
	tests := []struct {
		name, text string
		kept       string
		had        []string
		fails      bool
	}{
		{"none", `{"a":1}`, `{"a":1}`, nil, false},
		{"both", `{"data":{"x":"y"},"a":{"data":1},"stringData":{"z":""}}`, `{"a":{"data":1}}`, []string{"data", "stringData"}, false},
		{"empty", `{"data":{},"stringData":null,"b":2}`, `{"b":2}`, nil, false},
		{"once empty", `{"data":{"x":1},"data":{}}`, `{}`, []string{"data"}, false},
		{"another type", `{"data":"text"}`, `{}`, []string{"data"}, false},
		{"escaped key", `{"d\u0061ta":1,"a\"b":2}`, `{"a\"b":2}`, []string{"data"}, false},
		{"another case", `{"Data":1}`, `{"Data":1}`, nil, false},
		{"broken", `{"data":`, "", nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			kept, had, err := withoutFields([]byte(tt.text), "data", "stringData")
			if (err != nil) != tt.fails {
				t.Fatalf("error %v", err)
			}
			if err == nil && (string(kept) != tt.kept || !cmp.Equal(tt.had, had)) {
				t.Errorf("kept %s, had %q", kept, had)
			}
		})
	}
}

// The parser's own words come through a whole file.
func TestParserWordsStay(t *testing.T) {
	for text, want := range map[string]string{
		"a: [1, 2\nb: 3\n":   "line 1: did not find expected ',' or ']'",
		"a: {b: 1\nc: 3\n":   "line 1: did not find expected ',' or '}'",
		"a: b\nnonsense\n":   "line 3: could not find expected ':'",
		"- a\n- b\nc: d\n":   "line 2: did not find expected '-' indicator",
		"a: !<tag:x b\n":     "did not find the expected '>'",
		"a: *hunter2\n":      "unknown anchor '…' referenced",
		"%YAML 1\n---\na: b": "did not find expected digit or '.' character",
	} {
		if _, err := yamlToJSON(document{[]byte(text), 1}); err == nil || err.Error() != "not valid YAML: "+want {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
}

func TestWithoutQuotes(t *testing.T) {
	tests := []struct{ words, want string }{
		{"line 3: did not find expected key", "line 3: did not find expected key"},
		{"line 10: did not find expected ',' or ']'", "line 10: did not find expected ',' or ']'"},
		{"could not find expected ':'", "could not find expected ':'"},
		{"unknown anchor '-' referenced", "unknown anchor '…' referenced"},
		{"unknown anchor 'x: could not find expected ':'", "unknown anchor '…':'"},
		{"line 2: line 3: did not find expected '!'", "line 2: line 3: did not find expected '…'"},
		{"unknown anchor 'x' referenced", "unknown anchor '…' referenced"},
		{"cannot decode !!str `x'y` as a !!int", "cannot decode !!str '…' as a !!int"},
		{`line 2: key "rules" already set in map`, `line 2: key "rules" already set in map`},
		{"invalid map key: map[interface {}]interface {}{1:2}", "invalid map key"},
		{"cannot decode `never closed", "cannot decode '"},
	}
	for _, tt := range tests {
		if got := withoutQuotes(tt.words); got != tt.want {
			t.Errorf("%s became %s", tt.words, got)
		}
	}
}

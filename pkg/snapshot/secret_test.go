package snapshot_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func TestBuilderDropsValuesOfSecrets(t *testing.T) {
	const applied = corev1.LastAppliedConfigAnnotation
	meta := func(annotations map[string]string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Name: "s", Annotations: annotations}
	}
	work := custom("x.io/v1", "Work", "", "s")
	work.Object["spec"] = map[string]any{"manifests": []any{
		map[string]any{"kind": "Secret", "data": map[string]any{"a": "x"}, "stringData": map[string]any{"a": "x"}, "type": "t"},
		map[string]any{"kind": "ConfigMap", "data": map[string]any{"a": "x"}, "metadata": map[string]any{"annotations": map[string]any{applied: "x", "b": "c"}}},
	}}
	wantWork := custom("x.io/v1", "Work", "", "s")
	wantWork.Object["spec"] = map[string]any{"manifests": []any{
		map[string]any{"kind": "Secret", "type": "t"},
		map[string]any{"kind": "ConfigMap", "data": map[string]any{"a": "x"}, "metadata": map[string]any{"annotations": map[string]any{"b": "c"}}},
	}}
	tests := []struct {
		name      string
		obj, want snapshot.Object
	}{
		{
			name: "all parts",
			obj: &corev1.Secret{
				ObjectMeta: meta(map[string]string{applied: "x", "cert-manager.io/issuer-name": "c"}), Type: "t",
				Data: map[string][]byte{"a": []byte("x")}, StringData: map[string]string{"a": "x"},
			},
			want: &corev1.Secret{ObjectMeta: meta(map[string]string{"cert-manager.io/issuer-name": "c", snapshot.DroppedAnnotation: "data,stringData,last-applied"}), Type: "t"},
		},
		{name: "nothing to drop", obj: &corev1.Secret{ObjectMeta: meta(nil)}, want: &corev1.Secret{ObjectMeta: meta(nil)}},
		{
			name: "what the loader noted stays",
			obj:  &corev1.Secret{ObjectMeta: meta(map[string]string{snapshot.DroppedAnnotation: "data"}), Data: map[string][]byte{"a": nil}},
			want: &corev1.Secret{ObjectMeta: meta(map[string]string{snapshot.DroppedAnnotation: "data"})},
		},
		{name: "annotation of another object", obj: &corev1.Pod{ObjectMeta: meta(map[string]string{applied: "x"})}, want: &corev1.Pod{ObjectMeta: meta(nil)}},
		{name: "within a custom resource", obj: work, want: wantWork},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for got := range build(t, tt.obj).All() {
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("object (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// folded breaks a text into lines of 64 characters.
func folded(text, lineBreak string) string {
	var lines []string
	for line := range slices.Chunk([]byte(text), 64) {
		lines = append(lines, string(line))
	}
	return strings.Join(lines, lineBreak)
}

// What unpacks without an end is not searched to its end, and left out.
func TestHoldsSecretInBomb(t *testing.T) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	for range 17 {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if !snapshot.HoldsSecret(base64.StdEncoding.EncodeToString(zipped.Bytes())) {
		t.Error("what was not searched is kept")
	}
}

// Custom resources carry values of Secrets under many names.
func TestBuilderDropsValuesInCustomResources(t *testing.T) {
	tests := []struct{ name, object, want string }{
		{
			"kind that ends so", `{"apiVersion":"clustersecret.io/v1","kind":"ClusterSecret","data":{"a":"VALUE"},"spec":{"data":{"a":"VALUE"}}}`,
			`{"apiVersion":"clustersecret.io/v1","kind":"ClusterSecret","data":{"a":""},"spec":{"data":{"a":""}}}`,
		},
		{
			"the same within another", `{"kind":"Work","m":[{"kind":"ClusterSecret","data":{"a":"VALUE"}}]}`,
			`{"kind":"Work","m":[{"kind":"ClusterSecret","data":{"a":""}}]}`,
		},
		{
			"references stay", `{"kind":"ExternalSecret","spec":{"data":[{"secretKey":"a","remoteRef":{"key":"b"}}]}}`,
			`{"kind":"ExternalSecret","spec":{"data":[{"secretKey":"a","remoteRef":{"key":"b"}}]}}`,
		},
		{
			"a definition stays", `{"kind":"CustomResourceDefinition","spec":{"names":{"kind":"ClusterSecret"},"schema":{"properties":{"kind":{"type":"string"},"data":{"type":"object"}}}}}`,
			`{"kind":"CustomResourceDefinition","spec":{"names":{"kind":"ClusterSecret"},"schema":{"properties":{"kind":{"type":"string"},"data":{"type":"object"}}}}}`,
		},
		{
			"generator", `{"apiVersion":"generators.external-secrets.io/v1alpha1","kind":"Fake","spec":{"controller":"c","data":{"a":"VALUE"}}}`,
			`{"apiVersion":"generators.external-secrets.io/v1alpha1","kind":"Fake","spec":{"controller":"c"}}`,
		},
		{
			"generator of the cluster", `{"apiVersion":"generators.external-secrets.io/v1alpha1","kind":"ClusterGenerator","spec":{"generator":{"fakeSpec":{"data":{"a":"VALUE"}}}}}`,
			`{"apiVersion":"generators.external-secrets.io/v1alpha1","kind":"ClusterGenerator","spec":{"generator":{"fakeSpec":{}}}}`,
		},
		{
			"patch as text", `{"kind":"Kustomization","spec":{"patches":[{"target":{"kind":"Secret"},"patch":"- {op: add, path: /data/a, value: VALUE}"}]}}`,
			`{"kind":"Kustomization","spec":{"patches":[{"target":{"kind":"Secret"},"patch":""}]}}`,
		},
		{
			"patch of any kind", `{"kind":"HelmRelease","p":[{"target":{"name":"a"},"patch":"- op: add\n  path: /data/a\n  value: VALUE"},{"target":{"kind":"Sec.*|X"},"patch":"- {op: add, path: '', value: VALUE}"}]}`,
			`{"kind":"HelmRelease","p":[{"target":{"name":"a"},"patch":""},{"target":{"kind":"Sec.*|X"},"patch":""}]}`,
		},
		{
			"patch as a list", `{"kind":"Kustomization","p":[{"target":{"kind":"Secret"},"patch":[{"op":"add","path":"/data/a","value":"VALUE"},{"op":"add","path":"/metadata/labels/a","value":"b"}]}]}`,
			`{"kind":"Kustomization","p":[{"target":{"kind":"Secret"},"patch":[{"op":"add","path":"/data/a"},{"op":"add","path":"/metadata/labels/a","value":"b"}]}]}`,
		},
		{
			"patches of others stay", `{"kind":"Kustomization","p":[{"target":{"kind":"Deployment"},"patch":"- {op: add, path: /data/a, value: b}"},{"target":{"name":"a"},"patch":"- {op: add, path: /spec/a, value: b}"}]}`,
			`{"kind":"Kustomization","p":[{"target":{"kind":"Deployment"},"patch":"- {op: add, path: /data/a, value: b}"},{"target":{"name":"a"},"patch":"- {op: add, path: /spec/a, value: b}"}]}`,
		},
		{
			"patch without a target", `{"kind":"Patch","ops":[{"op":"add","path":"/stringData/a","value":"VALUE"}]}`,
			`{"kind":"Patch","ops":[{"op":"add","path":"/stringData/a"}]}`,
		},
		{
			"generator of kustomize", `{"kind":"Kustomization","secretGenerator":[{"name":"a","literals":["a=VALUE"],"files":["f"]}]}`,
			`{"kind":"Kustomization","secretGenerator":[{"name":"a","files":["f"]}]}`,
		},
		{
			"key of a Route", `{"apiVersion":"route.openshift.io/v1","kind":"Route","spec":{"host":"h","tls":{"key":"VALUE","termination":"edge"}}}`,
			`{"apiVersion":"route.openshift.io/v1","kind":"Route","spec":{"host":"h","tls":{"termination":"edge"}}}`,
		},
		{
			"what is called so elsewhere", `{"apiVersion":"example.org/v1","kind":"Route","spec":{"tls":{"key":"k"}}}`,
			`{"apiVersion":"example.org/v1","kind":"Route","spec":{"tls":{"key":"k"}}}`,
		},
		{
			"file of a machine", `{"kind":"KubeadmConfig","spec":{"files":[{"path":"p","content":"` + base64.StdEncoding.EncodeToString([]byte("kind: Secret\ndata: {a: VALUE}\nmetadata: {}")) + `"}]}}`,
			`{"kind":"KubeadmConfig","spec":{"files":[{"path":"p","content":""}]}}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			obj, want := &unstructured.Unstructured{}, map[string]any{}
			if err := errors.Join(json.Unmarshal([]byte(tt.object), &obj.Object), json.Unmarshal([]byte(tt.want), &want)); err != nil {
				t.Fatal(err)
			}
			for got := range build(t, obj).All() {
				if diff := cmp.Diff(want, got.(*unstructured.Unstructured).Object); diff != "" {
					t.Errorf("object (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// Values are in annotations in every format.
func TestBuilderDropsAnnotationsOfSecrets(t *testing.T) {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "s", Annotations: map[string]string{
		"original/yaml": "data:\n  password: x\n", "original/flat": "password=x", "list": `[{"password":"x"}]`,
		"b64": "eyJwIjoieCJ9", "openshift.io/token-secret.value": "x", "kubernetes.io/config.hash": "x",
		corev1.ServiceAccountNameKey: "web", corev1.ServiceAccountUIDKey: "uid", "cert-manager.io/issuer-name": "ca",
		"auth.openshift.io/certificate-not-after": "2026-01-02T03:04:05Z",
	}}}
	want := map[string]string{
		corev1.ServiceAccountNameKey: "web", corev1.ServiceAccountUIDKey: "uid", "cert-manager.io/issuer-name": "ca",
		"auth.openshift.io/certificate-not-after": "2026-01-02T03:04:05Z", snapshot.DroppedAnnotation: "annotations",
	}
	for got := range build(t, secret).All() {
		if diff := cmp.Diff(want, got.GetAnnotations()); diff != "" {
			t.Errorf("annotations (-want +got):\n%s", diff)
		}
	}
}

func TestHoldsSecret(t *testing.T) {
	quoted := func(text string) string {
		out, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	manifest := "apiVersion: v1\nkind: Secret\ndata:\n  a: eA==\n"
	tests := []struct {
		name, text string
		want       bool
	}{
		{"YAML", manifest, true},
		{"JSON", `{"kind":"Secret","data":{"a":"eA=="}}`, true},
		{"JSON in JSON", quoted(quoted(`{"kind": "Secret", "data": {}}`)), true},
		{"YAML in JSON in JSON", quoted(quoted(manifest)), true},
		{"template", "{{ if x }}\nkind: 'Secret'\n{{ end }}\ndata: {{ y }}", true},
		{"patch without a kind", "stringData:\n  a: x", true},
		{"JSON patch", `[{"op":"add","path":"/stringData/a","value":"x"}]`, true},
		{"list", "kind: SecretList\nitems: [{data: {a: eA==}}]", true},
		{"anchor", "kind: &k Secret\ndata:\n  a: x", true},
		{"alias", "x: &k Secret\nkind: *k\ndata:\n  a: x", true},
		{"tag", "kind: !!str Secret\ndata:\n  a: x", true},
		{"comment between", "kind: # x\n  # y\n  Secret\ndata:\n  a: x", true},
		{"block", "kind: >-\n  Secret\ndata:\n  a: x", true},
		{"anchor in a template", "{{ if x }}\nkind: &k !!str Secret\n{{ end }}\ndata: {{ y }}", true},
		{"kind that ends so", "kind: ClusterSecret\ndata:\n  a: x", true},
		{"the same in a template", "{{ if x }}\nkind: ClusterSecret\n{{ end }}\ndata: {{ y }}", true},
		{"references of a kind that ends so", "kind: ExternalSecret\nspec:\n  data: [{remoteRef: {key: x}}]", false},
		{"second document", "kind: ConfigMap\ndata: {a: b}\n---\nkind: ClusterSecret\ndata:\n  a: x", true},
		{"in a text of a text", "kind: ConfigMap\ndata:\n  a: |\n    kind: ClusterSecret\n    data:\n      a: x", true},
		{"JSON patch of a target", "patches:\n- target: {kind: Secret}\n  patch: |\n    - op: add\n      path: /data/a\n      value: x", true},
		{"generator of kustomize", "secretGenerator:\n- name: x\n  literals: [password=x]", true},
		{"files of a generator", "secretGenerator:\n- name: x\n  files: [password.txt]", false},
		{"binaryData", "kind: Secret\nbinaryData:\n  a: x", true},
		{"base64", base64.StdEncoding.EncodeToString([]byte(manifest)), true},
		{"base64 of the URL alphabet", base64.URLEncoding.EncodeToString([]byte(manifest + "# ???>>>")), true},
		{"base64 in user data", "write_files:\n- path: /x\n  content: " + base64.StdEncoding.EncodeToString([]byte(manifest)), true},
		{"folded base64", "content: |\n  " + folded(base64.StdEncoding.EncodeToString([]byte("# "+strings.Repeat("x", 99)+"\n"+manifest)), "\n  "), true},
		{"folded base64 in JSON", `{"content":"x\n` + folded(base64.StdEncoding.EncodeToString([]byte("# "+strings.Repeat("x", 99)+"\n"+manifest)), `\n`) + `"}`, true},
		{"base64 of something else", base64.StdEncoding.EncodeToString([]byte("kind: ConfigMap\ndata:\n  a: x\n")), false},
		{"reference", "kind: Secret\nname: x", false},
		{"annotation with another object", "kind: ConfigMap\ndata: {a: b}\nx: {kind: SecretRef}\nmetadata: {annotations: {" + corev1.LastAppliedConfigAnnotation + ": x}}", false},
		{"another kind", "kind: SecretStore\nmetadata: {}\ndata: {}", false},
		{"only a part of the word", "mankind: Secret\nmetadata: {}", false},
		{"nothing", "", false},
		{"no base64", "H4sI!", false},
		{"no gzip", "H4sIAAAA", false},
		{"truncated gzip", "\x1f\x8b", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := snapshot.HoldsSecret(tt.text); got != tt.want {
				t.Errorf("HoldsSecret(%q) = %v", tt.text, got)
			}
		})
	}
}

package snapshot_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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
				ObjectMeta: meta(map[string]string{applied: "x", "b": "c"}), Type: "t",
				Data: map[string][]byte{"a": []byte("x")}, StringData: map[string]string{"a": "x"},
			},
			want: &corev1.Secret{ObjectMeta: meta(map[string]string{"b": "c", snapshot.DroppedAnnotation: "data,stringData,last-applied"}), Type: "t"},
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
		{"reference", "kind: Secret\nname: x", false},
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

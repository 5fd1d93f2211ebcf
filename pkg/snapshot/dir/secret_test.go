package dir_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

const (
	plainValue   = "hunter2-plain"
	encodedValue = "aHVudGVyMi1wbGFpbg==" // the same in base64
	secretJSON   = `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"data\":{\"a\":\"` + encodedValue + `\"}}"}},"data":{"a":"` + encodedValue + `"},"stringData":{"b":"` + plainValue + `"}}`
	secretYAML   = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ndata: {a: " + encodedValue + "}\nstringData:\n  b: " + plainValue + "\n"
)

// TestNoSecretValue proves that nothing reachable from a snapshot, nor any
// error, holds a byte sequence of a secret value.
func TestNoSecretValue(t *testing.T) {
	tests := []struct{ name, file, text string }{
		{"JSON", "in.json", secretJSON},
		{"YAML", "in.yaml", secretYAML},
		{"in a list", "in.json", `{"apiVersion":"v1","items":[` + secretJSON + `,` + secretJSON + `],"kind":"List"}`},
		{"in a typed list", "in.json", `{"apiVersion":"v1","kind":"SecretList","items":[{"metadata":{"name":"s"},"data":{"a":"` + encodedValue + `"}}]}`},
		{"in a YAML list", "in.yaml", "apiVersion: v1\nkind: SecretList\nitems:\n- metadata: {name: s}\n  data: {a: " + encodedValue + "}\n"},
		{"in a list in a list", "in.json", `{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"List","items":[` + secretJSON + `]}]}`},
		{"key with escapes", "in.json", `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"d\u0061ta":{"a":"` + encodedValue + `"}}`},
		{"data twice", "in.json", `{"data":{"a":"` + encodedValue + `"},"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"b":"` + encodedValue + `"}}`},
		{"kind with escapes", "in.json", strings.Replace(secretJSON, "Secret", `Sec\u0072et`, 1)},
		{"value of the wrong type", "in.json", `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"a":["` + encodedValue + `"]},"stringData":"` + plainValue + `"}`},
		{"value in the wrong place", "in.json", `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"password":"` + plainValue + `","Data":{"a":"` + encodedValue + `"}}`},
		{"wrong type beside the value", "in.json", `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","labels":"` + plainValue + `"},"data":{"a":"` + encodedValue + `"}}`},
		{"annotation of the wrong type", "in.json", `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","creationTimestamp":"` + plainValue + `"}}`},
		{"truncated", "in.json", secretJSON[:len(secretJSON)-12]},
		{"truncated in a list", "in.json", `{"apiVersion":"v1","items":[` + secretJSON[:len(secretJSON)-12]},
		{"broken JSON", "in.json", strings.Replace(secretJSON, `"stringData"`, `stringData`, 1)},
		{"broken YAML", "in.yaml", secretYAML + "  c: " + plainValue + ": " + plainValue + "\n"},
		{"unquoted YAML directive", "in.yaml", secretYAML + "  c: *" + plainValue + "\n"},
		{"YAML value with a wrong tag", "in.yaml", "a: !!int " + plainValue + "\n"},
		{"YAML value as a key", "in.yaml", "? {a: " + plainValue + "}\n: b\n"},
		{"YAML value of a null key", "in.yaml", "~: " + plainValue + "\n"},
		{"value behind the document", "in.yaml", "{apiVersion: v1, kind: Pod, metadata: {name: x}}\n" + plainValue + ": {\n"},
		{"misspelt kind", "in.yaml", strings.Replace(secretYAML, "Secret", "Secrets", 1)},
		{"no kind", "in.yaml", strings.Replace(secretYAML, "kind: Secret\n", "", 1)},
		{"no name", "in.yaml", strings.Replace(secretYAML, "name: s", "labels: {}", 1)},
		{"unknown version", "in.yaml", strings.Replace(secretYAML, "v1", "v2", 1)},
		{"repeated key", "in.yaml", secretYAML + "data: {a: " + encodedValue + "}\n"},
		{
			"in a custom resource", "in.json",
			`{"apiVersion":"work.example.com/v1","kind":"ManifestWork","metadata":{"name":"w"},"spec":{"manifests":[` + secretJSON + `]}}`,
		},
		{
			"in the annotation of another object", "in.json",
			`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"kind\":\"Secret\",\"data\":{\"a\":\"` + encodedValue + `\"}}"}}}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			write(t, map[string]string{tt.file: tt.text, "pod.yaml": pod("p")})
			s := loadPaths(t, tt.file, "pod.yaml")
			for _, value := range []string{plainValue, encodedValue} {
				if path := find(reflect.ValueOf(s), value, map[any]bool{}, "snapshot"); path != "" {
					t.Errorf("%q is at %s", value, path)
				}
			}
			if _, err := dir.Load(t.Context(), dir.Options{Paths: []string{tt.file}}); err != nil {
				if text := fmt.Sprintf("%+v", err); strings.Contains(text, plainValue) || strings.Contains(text, encodedValue) {
					t.Errorf("the error holds the value: %s", text)
				}
				if none := (*dir.NoObjectsError)(nil); !errors.As(err, &none) {
					t.Errorf("unexpected error %v", err)
				}
			}
		})
	}
}

// The search itself must find what is there.
func TestFindIsNotBlind(t *testing.T) {
	b := snapshot.NewBuilder()
	b.Warn("%s", plainValue)
	b.Add(
		&corev1.ConfigMap{BinaryData: map[string][]byte{"x": []byte("..." + plainValue)}},
		&unstructured.Unstructured{Object: map[string]any{"spec": []any{map[string]any{encodedValue: int64(1)}}}},
	)
	s, err := b.Build(snapshot.Info{})
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{plainValue, encodedValue} {
		if find(reflect.ValueOf(s), value, map[any]bool{}, "snapshot") == "" {
			t.Errorf("%q is not found", value)
		}
	}
}

// find returns where in a value, unexported fields included, a text is.
func find(v reflect.Value, text string, seen map[any]bool, path string) string {
	switch v.Kind() {
	case reflect.String:
		if strings.Contains(v.String(), text) {
			return path
		}
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return ""
		}
		if v.Kind() == reflect.Pointer {
			key := [2]any{v.Pointer(), v.Type()}
			if seen[key] || v.Type().String() == "*reflect.rtype" || v.Type().String() == "*abi.Type" {
				return ""
			}
			seen[key] = true
		}
		return find(v.Elem(), text, seen, path)
	case reflect.Struct:
		for i := range v.NumField() {
			if found := find(v.Field(i), text, seen, path+"."+v.Type().Field(i).Name); found != "" {
				return found
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			if v.Kind() == reflect.Slice && strings.Contains(string(v.Bytes()), text) {
				return path
			}
			return ""
		}
		for i := range v.Len() {
			if found := find(v.Index(i), text, seen, fmt.Sprintf("%s[%d]", path, i)); found != "" {
				return found
			}
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			if found := find(entries.Key(), text, seen, path+".key"); found != "" {
				return found
			}
			if found := find(entries.Value(), text, seen, fmt.Sprintf("%s[%v]", path, entries.Key())); found != "" {
				return found
			}
		}
	default:
	}
	return ""
}

func TestSecretNotesWhatWasDropped(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"all", secretJSON, "data,stringData,last-applied"},
		{"data", `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"a":""}}`, "data"},
		{"nothing", `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{ },"stringData":null}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			secret := snapshot.Get[corev1.Secret](load(t, "in.json", tt.text), "here", "s")
			if got := secret.Annotations[snapshot.DroppedAnnotation]; got != tt.want {
				t.Errorf("dropped %q, want %q", got, tt.want)
			}
		})
	}
}

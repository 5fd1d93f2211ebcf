package demo_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/demo"
)

// document is one object of the tree, strictly parsed.
type document struct {
	file    string
	gvk     schema.GroupVersionKind
	typed   runtime.Object // *unstructured.Unstructured for kinds outside client-go
	object  metav1.Object
	mistake []string // names of the mistake comments of this document
}

// readTree parses every document of the tree, as strictly as the API server's
// fieldValidation=Strict: unknown and duplicate fields are errors.
func readTree(t *testing.T) []document {
	t.Helper()
	var docs []document
	err := fs.WalkDir(demo.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if path.Ext(name) != ".yaml" {
			t.Errorf("%s: not a .yaml file", name)
			return nil
		}
		raw, err := fs.ReadFile(demo.FS(), name)
		if err != nil {
			return err
		}
		docs = append(docs, readFile(t, name, raw)...)
		return nil
	})
	if err != nil {
		t.Fatalf("walk the tree: %v", err)
	}
	return docs
}

func readFile(t *testing.T, name string, raw []byte) []document {
	t.Helper()
	var docs []document
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(raw)))
	for {
		text, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return docs
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		docs = append(docs, parse(t, name, text))
	}
}

func parse(t *testing.T, name string, text []byte) document {
	t.Helper()
	var head metav1.TypeMeta
	if err := yaml.Unmarshal(text, &head); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, text)
	}
	doc := document{file: name, gvk: schema.FromAPIVersionAndKind(head.APIVersion, head.Kind)}
	for _, match := range regexp.MustCompile(`(?m)^# mistake: ([a-z-]+): `).FindAllSubmatch(text, -1) {
		doc.mistake = append(doc.mistake, string(match[1]))
	}
	if scheme.Scheme.Recognizes(doc.gvk) {
		typed, err := scheme.Scheme.New(doc.gvk)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := yaml.UnmarshalStrict(text, typed); err != nil {
			t.Fatalf("%s: %s: %v\n%s", name, doc.gvk.Kind, err, text)
		}
		doc.typed = typed
	} else {
		content := map[string]any{}
		if err := yaml.UnmarshalStrict(text, &content); err != nil {
			t.Fatalf("%s: %s: %v\n%s", name, doc.gvk.Kind, err, text)
		}
		doc.typed = &unstructured.Unstructured{Object: content}
	}
	object, ok := doc.typed.(metav1.Object)
	if !ok {
		t.Fatalf("%s: %s has no metadata", name, doc.gvk.Kind)
	}
	doc.object = object
	return doc
}

// all returns the objects of Go type T, by "namespace/name" ("name" alone for
// cluster-scoped ones).
func all[T metav1.Object](docs []document) map[string]T {
	found := map[string]T{}
	for _, doc := range docs {
		if object, ok := doc.typed.(T); ok {
			found[key(object.GetNamespace(), object.GetName())] = object
		}
	}
	return found
}

// custom returns the unstructured objects of a kind, keyed as all does.
func custom(docs []document, kind string) map[string]map[string]any {
	found := map[string]map[string]any{}
	for _, doc := range docs {
		if object, ok := doc.typed.(*unstructured.Unstructured); ok && doc.gvk.Kind == kind {
			found[key(object.GetNamespace(), object.GetName())] = object.Object
		}
	}
	return found
}

func key(namespace, name string) string {
	return strings.TrimPrefix(namespace+"/"+name, "/")
}

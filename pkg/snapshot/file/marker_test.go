package file_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/file"
)

// markers fills every text of an object with a text of its own and remembers
// the fields.
type markers struct {
	of    map[string]string // path by marker
	depth map[reflect.Type]int
}

var marked = regexp.MustCompile(`mark-\d{5}-`)

func (m *markers) text(path string) string {
	marker := fmt.Sprintf("mark-%05d-", len(m.of))
	m.of[marker] = path
	return marker
}

func (m *markers) fill(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	if m.depth[v.Type()] > 1 {
		return // a type that holds itself
	}
	m.depth[v.Type()]++
	defer func() { m.depth[v.Type()]-- }()
	switch v.Addr().Interface().(type) {
	case *metav1.Time, *metav1.MicroTime:
		v.Field(0).Set(reflect.ValueOf(time.Unix(1, 0)))
		return
	case *runtime.RawExtension, *metav1.FieldsV1:
		v.FieldByName("Raw").SetBytes([]byte(`{"x":"` + m.text(path) + `"}`))
		return
	case *intstr.IntOrString:
		v.Set(reflect.ValueOf(intstr.FromString(m.text(path))))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(m.text(path))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		m.fill(t, v.Elem(), path)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(m.text(path)))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		m.fill(t, v.Index(0), path+"[]")
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		key.SetString(m.text(path + "{key}"))
		m.fill(t, value, path+"{}")
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			switch {
			case !field.IsExported(), field.Type == reflect.TypeFor[metav1.TypeMeta]():
			case strings.Contains(options, "inline"), name == "":
				m.fill(t, v.Field(i), path)
			default:
				m.fill(t, v.Field(i), path+"."+name)
			}
		}
	case reflect.Interface, reflect.Chan, reflect.Func:
		t.Fatalf("%s: a value of the kind %s is not filled", path, v.Kind())
	default: // numbers and booleans hold no text
	}
}

// survivors returns the paths of the texts that are in the saved object.
// Bytes are in it as base64, which decodes back to the marker.
func (m *markers) survivors(t *testing.T, text string) []string {
	t.Helper()
	var list struct{ Items []any }
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	var walk func(any)
	look := func(text string) {
		var decoded []byte
		_ = json.Unmarshal([]byte(`"`+text+`"`), &decoded) // no base64, mostly
		for _, marker := range marked.FindAllString(text+string(decoded), -1) {
			found[m.of[marker]] = true
		}
	}
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			look(v)
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			for key, value := range v {
				look(key)
				walk(value)
			}
		}
	}
	walk(list.Items[len(list.Items)-1])
	return slices.Collect(maps.Keys(found))
}

// builtIn returns the Go types of all kinds that clusters store, the versions
// of a kind together.
func builtIn() map[schema.GroupKind][]schema.GroupVersionKind {
	kinds := map[schema.GroupKind][]schema.GroupVersionKind{}
	for gvk := range scheme.Scheme.AllKnownTypes() {
		obj, err := scheme.Scheme.New(gvk)
		if err != nil {
			continue
		}
		if _, ok := obj.(snapshot.Object); ok && gvk.Version != runtime.APIVersionInternal {
			kinds[gvk.GroupKind()] = append(kinds[gvk.GroupKind()], gvk)
		}
	}
	return kinds
}

// shared replaces the parts that many kinds have by their names, so that each
// is in the golden file once.
func shared(path string) string {
	for _, part := range []struct{ in, name string }{
		{".template.spec.", "POD."},
		{"Pod.spec.", "POD."},
		{".metadata.", "META."},
		{"POD.initContainers[].", "CONTAINER."},
		{"POD.ephemeralContainers[].", "CONTAINER."},
		{"POD.containers[].", "CONTAINER."},
		{"CONTAINER.livenessProbe.", "PROBE."},
		{"CONTAINER.readinessProbe.", "PROBE."},
		{"CONTAINER.startupProbe.", "PROBE."},
		{"CONTAINER.lifecycle.postStart.", "HANDLER."},
		{"CONTAINER.lifecycle.preStop.", "HANDLER."},
	} {
		if i := strings.Index(path, part.in); i >= 0 && part.name != "META." || i >= 0 && !strings.HasPrefix(path, "Secret.metadata.managedFields") {
			path = part.name + path[i+len(part.in):]
		}
	}
	for _, selector := range []string{".matchLabels", ".matchExpressions"} {
		if i := strings.Index(path, selector); i >= 0 {
			path = path[:i] + " (a label selector)"
		}
	}
	return path
}

// Every text of every built-in kind is planted; testdata/saved.txt lists all
// fields of which the text is in the file. A line more there is a decision to
// publish a field.
func TestEveryTextThatIsSaved(t *testing.T) {
	found := map[string]bool{}
	for kind, gvks := range builtIn() {
		for _, gvk := range gvks {
			created, err := scheme.Scheme.New(gvk)
			if err != nil {
				t.Fatal(err)
			}
			m := &markers{of: map[string]string{}, depth: map[reflect.Type]int{}}
			m.fill(t, reflect.ValueOf(created).Elem(), kind.String())
			created.GetObjectKind().SetGroupVersionKind(gvk)
			for _, path := range m.survivors(t, saved(t, snapshot.Info{}, file.SaveOptions{}, created.(snapshot.Object))) {
				found[shared(path)] = true
			}
		}
	}
	got := strings.Join(slices.Sorted(maps.Keys(found)), "\n") + "\n"
	golden := filepath.Join("testdata", "saved.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("fields that are saved (-decided +saved); go test -update, and justify each line:\n%s", diff)
	}
}

// What is emptied must not look as if it had never been there: a volume of an
// unlisted type stays a volume of that type, and numbers and booleans, by which
// pods are judged, stay as they are.
func TestRedactKeepsWhatPodsAreJudgedBy(t *testing.T) {
	pod := &corev1.Pod{}
	m := &markers{of: map[string]string{}, depth: map[reflect.Type]int{}}
	m.fill(t, reflect.ValueOf(pod).Elem(), "Pod")
	spec := &pod.Spec
	spec.HostNetwork, spec.HostPID, spec.HostIPC = true, true, true
	context := spec.Containers[0].SecurityContext
	*context.Privileged, *context.RunAsNonRoot, *context.RunAsUser = true, true, 7
	*context.AllowPrivilegeEscalation, *context.WindowsOptions.HostProcess = true, true
	r, err := file.NewRedactor()
	if err != nil {
		t.Fatal(err)
	}
	redacted := r.Redact(pod).(*corev1.Pod)
	before, after := reflect.ValueOf(spec.Volumes[0].VolumeSource), reflect.ValueOf(redacted.Spec.Volumes[0].VolumeSource)
	for i := range before.NumField() {
		if !before.Field(i).IsNil() && after.Field(i).IsNil() {
			t.Errorf("the volume is no %s any more", before.Type().Field(i).Name)
		}
	}
	context.WindowsOptions.GMSACredentialSpec = nil // is free text
	got := redacted.Spec.Containers[0].SecurityContext
	got.WindowsOptions.GMSACredentialSpec = nil
	if diff := cmp.Diff(context, got); diff != "" {
		t.Errorf("security context (-before +after):\n%s", diff)
	}
	if s := redacted.Spec; !s.HostNetwork || !s.HostPID || !s.HostIPC || len(s.Containers) != 1 || len(s.InitContainers) != 1 || len(s.EphemeralContainers) != 1 {
		t.Errorf("pod %+v", s)
	}
}

var update = flag.Bool("update", false, "rewrite testdata/saved.txt")

package v1alpha1_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
)

// TestRoundTrip writes reports in which every field is set, and reads them
// back: no two fields share a name, and none is lost.
func TestRoundTrip(t *testing.T) {
	for _, empty := range kinds() {
		t.Run(kindOf(empty), func(t *testing.T) {
			full := reflect.New(reflect.TypeOf(empty).Elem())
			(&filler{}).fill(t, full.Elem())
			data, err := json.Marshal(full.Interface())
			if err != nil {
				t.Fatal(err)
			}
			decoder := json.NewDecoder(bytes.NewReader(data))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(empty); err != nil {
				t.Fatalf("%v in\n%s", err, data)
			}
			if diff := cmp.Diff(full.Interface(), empty); diff != "" {
				t.Errorf("(-written +read):\n%s", diff)
			}
		})
	}
}

// filler sets every field to a value that no other field has.
type filler struct{ n int }

func (f *filler) fill(t *testing.T, v reflect.Value) {
	t.Helper()
	f.n++
	switch value := v.Addr().Interface().(type) {
	case *metav1.Time:
		*value = metav1.Date(2026, 11, 20, 8, 0, f.n%60, 0, time.UTC).Rfc3339Copy()
		return
	case *rbacv1.ClusterRole:
		*value = rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: f.text()}}
		return
	case *networkingv1.NetworkPolicy:
		*value = networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Name: f.text()}}
		return
	case *networkingv1.NetworkPolicyPeer:
		*value = networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: f.text()}}
		return
	case *networkingv1.NetworkPolicyPort:
		*value = networkingv1.NetworkPolicyPort{EndPort: new(int32(f.n))}
		return
	case *v1alpha1.Objects:
		*value = v1alpha1.Objects{&unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "K", "metadata": map[string]any{"name": f.text()}}}}
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(f.text())
	case reflect.Int, reflect.Int32:
		v.SetInt(int64(f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(t, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.fill(t, v.Index(0))
		f.fill(t, v.Index(1))
	case reflect.Array:
		for i := range v.Len() {
			f.fill(t, v.Index(i))
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			f.fill(t, field)
		}
	default:
		t.Fatalf("a report has a %s: teach the test to fill it", v.Type())
	}
}

func (f *filler) text() string { return fmt.Sprintf("text %d", f.n) }

func TestObjectsOfAnyKind(t *testing.T) {
	var objects v1alpha1.Objects
	if err := json.Unmarshal([]byte(`[{"apiVersion":"example.org/v1","kind":"Widget","metadata":{"name":"w"}}]`), &objects); err != nil {
		t.Fatal(err)
	}
	if len(objects) != 1 || objects[0].GetName() != "w" || objects[0].GetObjectKind().GroupVersionKind().Kind != "Widget" {
		t.Errorf("objects %+v", objects)
	}
	if err := json.Unmarshal([]byte(`[{"metadata":{"name":"w"}}]`), &objects); err == nil {
		t.Error("an object without kind is accepted")
	}
}

// A report is an object of Kubernetes: printers of kubectl print it.
func TestReportsAreObjects(t *testing.T) {
	for _, report := range kinds() {
		kind := kindOf(report)
		meta := reflect.ValueOf(report).Elem().FieldByName("Meta").Addr().Interface().(*v1alpha1.Meta)
		*meta = v1alpha1.NewMeta(kind)
		if got := report.GetObjectKind().GroupVersionKind().String(); got != "kubectl-secure.io/v1alpha1, Kind="+kind {
			t.Errorf("%s is a %s", kind, got)
		}
		copied := report.DeepCopyObject()
		if diff := cmp.Diff(report, copied, cmp.Comparer(func(a, b runtime.Object) bool { return reflect.DeepEqual(a, b) })); diff != "" || copied == report {
			t.Errorf("copy of %s (-report +copy):\n%s", kind, diff)
		}
		covered, ok := report.(v1alpha1.Report)
		if kind == "VersionReport" {
			continue // is about no cluster
		}
		if !ok || covered.IsIncomplete() {
			t.Errorf("%s: a Report: %v", kind, ok)
			continue
		}
		reflect.ValueOf(report).Elem().FieldByName("Coverage").FieldByName("Incomplete").SetBool(true)
		if !covered.IsIncomplete() {
			t.Errorf("%s hides that it is incomplete", kind)
		}
	}
}

package file_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/file"
)

func TestSaveIsAList(t *testing.T) {
	role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: "n", Name: "<r>"}}
	text := saved(t, snapshot.Info{Source: snapshot.FromServer, Taken: time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))}, file.SaveOptions{}, role)
	want := `{"apiVersion":"v1","kind":"List","metadata":{},"items":[
{"kind":"SnapshotInfo","apiVersion":"kubectl-secure.io/v1alpha1","metadata":{"name":"snapshot"},"source":"server","taken":"2026-01-02T02:04:05Z","redacted":true,"resources":[],"gaps":[],"warnings":[]},
{"kind":"Role","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{"name":"<r>","namespace":"n"},"rules":null}
]}
`
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
	if role.Kind != "" {
		t.Error("the object has changed")
	}
}

func TestSaveKeepsWhatWasLeftOutBefore(t *testing.T) {
	text := saved(t, snapshot.Info{Source: snapshot.FromSaved, Redacted: true}, file.SaveOptions{IncludeConfig: true}, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "n"}})
	info := firstItem(t, text)
	if !info.Redacted || info.Source != snapshot.FromServer {
		t.Errorf("info %+v", info)
	}
}

func firstItem(t *testing.T, text string) file.Info {
	t.Helper()
	var list struct{ Items []json.RawMessage }
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	info, err := file.ParseInfo(list.Items[0])
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestInfoSource(t *testing.T) {
	tests := []struct{ before, after snapshot.SourceKind }{
		{snapshot.FromServer, snapshot.FromSaved},
		{snapshot.FromSaved, snapshot.FromSaved},
		{snapshot.FromFiles, snapshot.FromFiles},
		{snapshot.FromDemo, snapshot.FromDemo},
	}
	for _, tt := range tests {
		text := saved(t, snapshot.Info{Source: tt.before}, file.SaveOptions{})
		if got := firstItem(t, text).Snapshot().Source; got != tt.after {
			t.Errorf("%s became %s, want %s", tt.before, got, tt.after)
		}
	}
}

func TestParseInfoErrors(t *testing.T) {
	tests := []struct {
		name, text string
		version    bool
	}{
		{"other version", `{"apiVersion":"kubectl-secure.io/v9","kind":"SnapshotInfo","gaps":"later"}`, true},
		{"no version", `{}`, true},
		{"no JSON", `{`, false},
		{"wrong type", `{"apiVersion":"kubectl-secure.io/v1alpha1","gaps":1}`, false},
		{"wrong type of the version", `{"apiVersion":1}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := file.ParseInfo([]byte(tt.text))
			var version *file.VersionError
			if err == nil || errors.As(err, &version) != tt.version {
				t.Errorf("error %v", err)
			}
		})
	}
}

// unknownType is an object that no scheme knows.
type unknownType struct{ corev1.Pod }

func (u *unknownType) GetName() string { return "u" }

func TestSaveErrors(t *testing.T) {
	b := snapshot.NewBuilder()
	b.Add(&unknownType{})
	s, err := b.Build(snapshot.Info{})
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Save(&bytes.Buffer{}, s, file.SaveOptions{}); err == nil {
		t.Error("an object of no known type is saved")
	}
	t.Chdir(t.TempDir())
	if err := file.SaveFile("s.json", s, false); err == nil {
		t.Error("an object of no known type is saved")
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 0 {
		t.Errorf("left over: %v, %v", entries, err)
	}
	for _, zipped := range []bool{false, true} {
		good, err := snapshot.NewBuilder().Build(snapshot.Info{})
		if err != nil {
			t.Fatal(err)
		}
		if err := file.Save(fullDisk{}, good, file.SaveOptions{Gzip: zipped}); !errors.Is(err, os.ErrClosed) {
			t.Errorf("gzip %v: error %v", zipped, err)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, os.ErrClosed }

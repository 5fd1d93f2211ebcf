package dir_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/file"
)

// hostile are texts that must come back exactly as they were.
func hostile() []string {
	return []string{"\x1b[31mred\x07", "\u202ertl", "\u2028", "a\"b\\c\n\t\r", "<&>", "\x00", "日本😀", "\x7f", "- a: b", "{{x}}", "\uFEFF"}
}

// cluster is a snapshot as a live one is: typed objects without kind.
func cluster(t *testing.T) *snapshot.Snapshot {
	t.Helper()
	b := snapshot.NewBuilder()
	for i, text := range hostile() {
		b.Add(&rbacv1.ClusterRole{
			ObjectMeta: metav1.ObjectMeta{Name: text, Labels: map[string]string{text: text}, CreationTimestamp: metav1.Unix(int64(i), 0)},
			Rules:      []rbacv1.PolicyRule{{Verbs: []string{text}, Resources: []string{text}, ResourceNames: []string{""}}},
		})
	}
	b.Add(
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "n", Name: "s"}, Type: corev1.SecretTypeOpaque, Data: map[string][]byte{"k": []byte(plainValue)}},
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "n", Name: "c"}, Data: map[string]string{"k": hostile()[0]}},
		&unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy",
			"metadata": map[string]any{"name": "p"},
			"spec":     map[string]any{"webhookTimeoutSeconds": int64(1 << 60), "failurePolicy": hostile()[3]},
			"status":   map[string]any{"rulecount": map[string]any{"validate": 1.5}},
		}},
	)
	b.Gap(
		snapshot.Gap{Resource: "pods", Namespace: hostile()[1], Reason: snapshot.Forbidden, Detail: hostile()[0]},
		snapshot.Gap{Group: "x.io", Resource: "ys", Reason: snapshot.NotServed},
	)
	b.Warn("%s", hostile()[3])
	s, err := b.Build(snapshot.Info{
		Source: snapshot.FromServer, Taken: time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC), ServerVersion: "v1.37.2",
		ClusterID: "uid", User: hostile()[2], Resources: []apiresource.Resource{{Group: "x.io", Name: "ys", Kind: "Y", Verbs: []string{"get"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func save(t *testing.T, s *snapshot.Snapshot, opts file.SaveOptions) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := file.Save(&out, s, opts); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func loadBytes(t *testing.T, data []byte) *snapshot.Snapshot {
	t.Helper()
	s, err := dir.Load(t.Context(), dir.Options{Paths: []string{"-"}, Stdin: bytes.NewReader(data), DefaultNamespace: "here"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// One who may read nothing saves gaps only.
func TestSavedSnapshotOfNothing(t *testing.T) {
	b := snapshot.NewBuilder()
	b.Gap(snapshot.Gap{Resource: "pods", Reason: snapshot.Forbidden})
	s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
	if err != nil {
		t.Fatal(err)
	}
	after := loadBytes(t, save(t, s, file.SaveOptions{}))
	if diff := cmp.Diff(s.Gaps(), after.Gaps()); diff != "" || !after.Info().Saved {
		t.Errorf("saved %v, gaps (-want +got):\n%s", after.Info().Saved, diff)
	}
}

// Who is in the groups of EKS is configuration: where it was not saved, an
// answer about groups is incomplete.
func TestSavedSnapshotWithoutGroups(t *testing.T) {
	left := []snapshot.Gap{{Resource: "configmaps", Namespace: "kube-system", Reason: snapshot.Redacted, Detail: "aws-auth"}}
	tests := []struct {
		name           string
		namespace, key string
		value          string
		include        bool
		want           []snapshot.Gap
	}{
		{name: "users", namespace: "kube-system", key: "mapUsers", value: "[]", want: left},
		{name: "roles", namespace: "kube-system", key: "mapRoles", value: "[]", want: left},
		{name: "kept", namespace: "kube-system", key: "mapRoles", value: "[]", include: true},
		{name: "nothing of groups", namespace: "kube-system", key: "mapAccounts", value: "[]"},
		{name: "another namespace", namespace: "default", key: "mapRoles", value: "[]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := snapshot.NewBuilder()
			b.Add(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: tt.namespace, Name: "aws-auth"}, Data: map[string]string{tt.key: tt.value}})
			s, err := b.Build(snapshot.Info{Source: snapshot.FromServer})
			if err != nil {
				t.Fatal(err)
			}
			after := loadBytes(t, save(t, s, file.SaveOptions{IncludeConfig: tt.include}))
			again := loadBytes(t, save(t, after, file.SaveOptions{IncludeConfig: true}))
			for _, s := range []*snapshot.Snapshot{after, again} {
				if diff := cmp.Diff(tt.want, s.Gaps(), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("gaps (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestSavedSnapshotRoundTrip(t *testing.T) {
	for _, opts := range []file.SaveOptions{{}, {Gzip: true}, {IncludeConfig: true}, {IncludeConfig: true, Gzip: true}} {
		before := cluster(t)
		saved := save(t, before, opts)
		if again := save(t, cluster(t), opts); !bytes.Equal(saved, again) {
			t.Errorf("%+v: two saves differ", opts)
		}
		after := loadBytes(t, saved)
		if diff := cmp.Diff(save(t, before, file.SaveOptions{IncludeConfig: opts.IncludeConfig}), save(t, after, file.SaveOptions{IncludeConfig: opts.IncludeConfig})); diff != "" {
			t.Errorf("%+v: saved again, it differs:\n%s", opts, diff)
		}
		wantInfo := before.Info()
		wantInfo.Source, wantInfo.Saved, wantInfo.Redacted = snapshot.FromSaved, true, !opts.IncludeConfig
		if diff := cmp.Diff(wantInfo, after.Info()); diff != "" {
			t.Errorf("%+v: info (-want +got):\n%s", opts, diff)
		}
		if diff := cmp.Diff(before.Gaps(), after.Gaps()); diff != "" {
			t.Errorf("%+v: gaps (-want +got):\n%s", opts, diff)
		}
		if diff := cmp.Diff(before.Warnings(), after.Warnings()); diff != "" {
			t.Errorf("%+v: warnings (-want +got):\n%s", opts, diff)
		}
		var objects []snapshot.Object
		for obj := range after.All() {
			objects = append(objects, obj)
		}
		i := 0
		for want := range before.All() {
			got := objects[i]
			i++
			want = want.DeepCopyObject().(snapshot.Object)
			want.GetObjectKind().SetGroupVersionKind(got.GetObjectKind().GroupVersionKind())
			if config, ok := want.(*corev1.ConfigMap); ok && !opts.IncludeConfig {
				config.Data["k"] = ""
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%+v: object (-want +got):\n%s", opts, diff)
			}
		}
		if i != len(objects) {
			t.Errorf("%+v: %d objects became %d", opts, i, len(objects))
		}
	}
}

func TestSavedSnapshotInYAML(t *testing.T) {
	s := load(t, "in.yaml", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: kubectl-secure.io/v1alpha1\n  kind: SnapshotInfo\n  source: server\n  serverVersion: v1.30.0\n  gaps: [{resource: pods, reason: forbidden}]\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: a}\n")
	if info := s.Info(); info.Source != snapshot.FromSaved || info.ServerVersion != "v1.30.0" || !info.CoverageKnown() {
		t.Errorf("info %+v", info)
	}
	if len(s.Gaps()) != 1 || s.Gaps()[0].Reason != snapshot.Forbidden {
		t.Errorf("gaps %+v", s.Gaps())
	}
}

// What was read from files has unknown coverage also after it was saved.
func TestSavedManifestsStayManifests(t *testing.T) {
	s := loadBytes(t, save(t, load(t, "in.yaml", pod("a")), file.SaveOptions{}))
	if s.Info().Source != snapshot.FromFiles || s.Info().CoverageKnown() {
		t.Errorf("info %+v", s.Info())
	}
}

func TestSavedSnapshotErrors(t *testing.T) {
	const info = `{"apiVersion":"kubectl-secure.io/v1alpha1","kind":"SnapshotInfo"}`
	const object = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"}}`
	list := func(items ...string) string {
		return `{"apiVersion":"v1","kind":"List","items":[` + strings.Join(items, ",\n") + "]}\n"
	}
	tests := []struct {
		name string
		text string
		want string
	}{
		{"with a manifest", list(info, object) + object, "in.json:1 is a saved snapshot and in.json:3 is not in it: a snapshot cannot be mixed with other input"},
		{"with another list", list(object) + list(info, object), "in.json:2 is a saved snapshot and in.json:1 is not in it: a snapshot cannot be mixed with other input"},
		{"twice", list(info, object) + list(info, object), "in.json:1 is a saved snapshot and in.json:3 is not in it: a snapshot cannot be mixed with other input"},
		{"newer", list(strings.Replace(info, "v1alpha1", "v2", 1), object), `cannot read in.json:1: the saved snapshot has the version "kubectl-secure.io/v2" and this program reads "kubectl-secure.io/v1alpha1": it was written by another version of the program`},
		{"malformed", list(strings.Replace(info, `}`, `,"taken":"hunter2"}`, 1), object), "cannot read in.json:1: malformed SnapshotInfo"},
		{"without objects", list(info), "no Kubernetes object in in.json"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			write(t, map[string]string{"in.json": tt.text})
			_, err := dir.Load(t.Context(), dir.Options{Paths: []string{"in.json"}})
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if mixed := (*dir.MixedInputError)(nil); strings.Contains(tt.want, "mixed") != errors.As(err, &mixed) {
				t.Errorf("error is a %T", err)
			}
		})
	}
	if err := dir.Decode(t.Context(), snapshot.NewBuilder(), "x", strings.NewReader(list(info, object)), ""); err == nil {
		t.Error("Decode accepts a saved snapshot")
	}
}

// A snapshot whose end is missing is used as far as it goes, with a gap.
func TestSavedSnapshotTruncated(t *testing.T) {
	data := save(t, cluster(t), file.SaveOptions{})
	write(t, map[string]string{"s.json": string(data[:len(data)*2/3])})
	s := loadPaths(t, "s.json")
	if s.Info().Source != snapshot.FromSaved || s.Info().ServerVersion != "v1.37.2" {
		t.Errorf("info %+v", s.Info())
	}
	found := false
	for _, gap := range s.Gaps() {
		found = found || gap.Reason == snapshot.Unparsable && strings.HasSuffix(gap.Detail, "unexpected EOF")
	}
	if !found || snapshot.Count[rbacv1.ClusterRole](s) == 0 {
		t.Errorf("gaps %+v, %d roles", s.Gaps(), snapshot.Count[rbacv1.ClusterRole](s))
	}
}

func TestSaveFile(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"s.json", "s.json.gz"} {
		for range 2 { // the second replaces the first
			if err := file.SaveFile(name, cluster(t), false); err != nil {
				t.Fatal(err)
			}
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if isZipped := data[0] == 0x1f; isZipped != strings.HasSuffix(name, ".gz") {
			t.Errorf("%s begins with %x", name, data[0])
		}
		if loadPaths(t, name).Info().ClusterID != "uid" {
			t.Errorf("%s does not come back", name)
		}
		if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
	}
	if err := file.SaveFile("gone/s.json", cluster(t), false); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 2 {
		t.Errorf("left over: %v, %v", entries, err)
	}
}

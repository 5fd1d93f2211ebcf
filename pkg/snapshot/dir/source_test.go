package dir_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

func TestLoadDirectory(t *testing.T) {
	write(t, map[string]string{
		"d/b.yaml":          pod("b"),
		"d/a.yml":           pod("a"),
		"d/sub/deep/c.json": `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"}}`,
		"d/sub/D.YAML.GZ":   zipped(t, pod("d")),
		"d/.git/x.yaml":     pod("hidden"),
		"d/._a.yaml":        "\x00\x05\x16\x07 metadata file of macOS",
		"d/README.md":       pod("not-a-manifest"),
		"d/Chart.yaml":      "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
		"d/broken.json":     "\x00\x01\x02\x03",
		"elsewhere/e.yaml":  pod("e"),
	})
	if err := os.Mkdir("d/sub/only", 0o700); err != nil {
		t.Fatal(err)
	}
	links := [][2]string{
		{"../../../elsewhere", "d/sub/only/link"},
		{"../elsewhere", "d/link"},          // a directory: not followed
		{"..", "d/sub/loop"},                // an ancestor
		{"../elsewhere/e.yaml", "d/e.yaml"}, // a file
		{"../elsewhere", "d/..data"},        // as kubelet mounts a ConfigMap
		{"gone.yaml", "d/dangling.yaml"},
	}
	for _, link := range links {
		if err := os.Symlink(link[0], link[1]); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	s := loadPaths(t, "d", "d/a.yml", "./d")
	want := []string{
		"d/a.yml:1 Pod here/a", "d/b.yaml:1 Pod here/b", "d/sub/deep/c.json:1 Pod here/c",
		"d/sub/D.YAML.GZ:1 Pod here/d", "d/e.yaml:1 Pod here/e",
	}
	if diff := cmp.Diff(want, summary(s)); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	wantGaps := []string{
		"/ d/broken.json: binary data, neither YAML nor JSON",
		"/ d/dangling.yaml: no such file or directory",
		"/ d/link is a symbolic link to a directory, which is not followed: name it to read it",
		"/ d/sub/only/link is a symbolic link to a directory, which is not followed: name it to read it",
	}
	if diff := cmp.Diff(wantGaps, details(s)); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	if _, err := dir.Load(t.Context(), dir.Options{Paths: []string{"d/sub/only"}}); err == nil || !strings.HasSuffix(err.Error(), "d/sub/only: d/sub/only/link is a symbolic link to a directory, which is not followed: name it to read it") {
		t.Errorf("a directory of links: %v", err)
	}
	if diff := cmp.Diff([]string{"d/link/e.yaml:1 Pod here/e"}, summary(loadPaths(t, "d/link"))); diff != "" {
		t.Errorf("a link that is named (-want +got):\n%s", diff)
	}
}

func TestLoadPathErrors(t *testing.T) {
	write(t, map[string]string{"empty/.keep": "", "a.yaml": pod("a")})
	tests := []struct {
		name  string
		paths []string
		want  string
		is    error
	}{
		{"no such file", []string{"a.yaml", "gone.yaml"}, "cannot read gone.yaml: no such file or directory", fs.ErrNotExist},
		{"empty directory", []string{"empty"}, "no Kubernetes object in empty", nil},
		{"empty standard input", []string{"-", "empty"}, "no Kubernetes object in -, empty", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := dir.Load(t.Context(), dir.Options{Paths: tt.paths})
			if err == nil || err.Error() != tt.want || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

// A file of 2 GiB is refused by its size, without reading it.
func TestLoadHugeFile(t *testing.T) {
	write(t, map[string]string{"d/a.yaml": pod("a"), "d/huge.json": ""})
	if err := os.Truncate("d/huge.json", 2<<30); err != nil { // sparse
		t.Skip(err)
	}
	if _, err := dir.Load(t.Context(), dir.Options{Paths: []string{"d/huge.json"}}); !errors.Is(err, dir.ErrTooLarge) {
		t.Errorf("error %v", err)
	}
	if got := details(loadPaths(t, "d")); len(got) != 1 || got[0] != "/ d/huge.json: too large: the file has more than 512 MiB" {
		t.Errorf("gaps %q", got)
	}
}

// A link to itself cannot be read by anybody, not even by root.

func TestLoadEncodings(t *testing.T) {
	text := "# Größe ☃ 😀\r\n" + strings.ReplaceAll(pod("a"), "\n", "\r\n") + "  labels: {l: '😀'}\r\n"
	tests := []struct {
		name string
		data []byte
		gap  string
	}{
		{name: "UTF-8", data: []byte(text)},
		{name: "UTF-8 with byte order mark", data: []byte("\uFEFF" + text)},
		{name: "UTF-16 little endian", data: utf16Bytes("\uFEFF"+text, binary.LittleEndian)},
		{name: "UTF-16 big endian", data: utf16Bytes("\uFEFF"+text, binary.BigEndian)},
		{name: "UTF-16 little endian without mark", data: utf16Bytes(text, binary.LittleEndian)},
		{name: "UTF-16 big endian without mark", data: utf16Bytes(text, binary.BigEndian)},
		{name: "gzip", data: []byte(zipped(t, text))},
		{name: "gzip of UTF-16", data: []byte(zipped(t, string(utf16Bytes("\uFEFF"+text, binary.LittleEndian))))},
		{name: "UTF-16 with half a character at the end", data: append(utf16Bytes("\uFEFF"+text, binary.LittleEndian), 0), gap: "/ -:7: the end is missing: half a character of UTF-16"},
		{name: "UTF-16 with half a pair", data: append(utf16Bytes("\uFEFF"+text+"#", binary.LittleEndian), 0x3d, 0xd8), gap: "/ -:7: half a character of UTF-16"},
		{name: "damaged gzip", data: []byte(zipped(t, text)[:len(zipped(t, text))-9]), gap: "/ -:7: the end is missing: unexpected EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := dir.Load(t.Context(), dir.Options{Paths: []string{"-"}, Stdin: bytes.NewReader(tt.data), DefaultNamespace: "here"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"-:2 Pod here/a"}, summary(s)); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
			for obj := range s.All() {
				if got := obj.GetLabels()["l"]; got != "😀" {
					t.Errorf("label %q", got)
				}
			}
			if got := strings.Join(details(s), "; "); got != tt.gap {
				t.Errorf("gaps %q, want %q", got, tt.gap)
			}
		})
	}
}

func TestLoadStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	blocked, release := io.Pipe()
	defer release.Close()
	begin := time.Now()
	_, err := dir.Load(ctx, dir.Options{Paths: []string{"-"}, Stdin: blocked})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestLoadFSAndDecode(t *testing.T) {
	fsys := fstest.MapFS{
		"b/x.yaml":      {Data: []byte(pod("x"))},
		"a.json":        {Data: []byte(`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"n","namespace":"cleared"}}`)},
		"notes.txt":     {Data: []byte("hello")},
		".hidden/y.yml": {Data: []byte(pod("y"))},
	}
	s, err := dir.LoadFS(t.Context(), fsys, snapshot.Info{Source: snapshot.FromDemo, ServerVersion: "v1"}, "shop")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a.json:1 Namespace /n", "b/x.yaml:1 Pod shop/x"}, summary(s)); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	if info := s.Info(); info.Source != snapshot.FromDemo || info.ServerVersion != "v1" {
		t.Errorf("info %+v", info)
	}

	b := snapshot.NewBuilder()
	if err := dir.Decode(t.Context(), b, "roles", strings.NewReader(pod("p")), "ns"); err != nil {
		t.Fatal(err)
	}
	s, err = b.Build(snapshot.Info{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"roles:1 Pod ns/p"}, summary(s)); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := io.WriteString(w, text)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func utf16Bytes(text string, order binary.AppendByteOrder) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

func TestLoadKeepsTheNameThatTheUserGave(t *testing.T) {
	write(t, map[string]string{"d/a.yaml": pod("a")})
	abs, err := filepath.Abs("d/a.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{abs, "./d/a.yaml", "d/../d/a.yaml"} {
		for _, origin := range loadPaths(t, name).All() {
			if origin.File != name {
				t.Errorf("%s became %s", name, origin.File)
			}
		}
	}
}

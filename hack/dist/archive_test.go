package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWriteArchive(t *testing.T) {
	when := time.Date(2026, 11, 23, 9, 0, 0, 999, time.FixedZone("", 3600))
	var buf bytes.Buffer
	err := writeArchive(&buf, when, []entry{
		{name: "kubectl-secure", data: []byte("binary"), executable: true},
		{name: "LICENSE", data: []byte("licence")},
	})
	if err != nil {
		t.Fatal(err)
	}
	zip, err := gzip.NewReader(&buf)
	if err != nil {
		t.Fatal(err)
	}
	if zip.Name != "" || !zip.ModTime.IsZero() {
		t.Errorf("the gzip header says %q, %s: it must say nothing", zip.Name, zip.ModTime)
	}
	type file struct {
		Name, Data, Owner string
		Mode              int64
		Time              time.Time
	}
	var got []file
	for pack := tar.NewReader(zip); ; {
		h, err := pack.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(pack)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, file{h.Name, string(data), h.Uname + h.Gname, h.Mode, h.ModTime.UTC()})
	}
	stamp := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	want := []file{
		{Name: "LICENSE", Data: "licence", Mode: 0o644, Time: stamp},
		{Name: "kubectl-secure", Data: "binary", Mode: 0o755, Time: stamp},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("archive (-want +got):\n%s", d)
	}
}

// full accepts limit bytes and then fails, as a full disk does.
type full struct{ limit int }

func (f *full) Write(p []byte) (int, error) {
	f.limit -= len(p)
	if f.limit < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestWriteArchiveReportsAFullDisk(t *testing.T) {
	for _, limit := range []int{0, 10, 40} {
		err := writeArchive(&full{limit}, time.Unix(0, 0), []entry{{name: "a", data: bytes.Repeat([]byte("x"), 1<<20)}})
		if !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("after %d bytes: error = %v, want the writer's", limit, err)
		}
	}
}

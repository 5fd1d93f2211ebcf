package main

import (
	"archive/tar"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"slices"
	"time"
)

// entry is one file of an archive.
type entry struct {
	name       string
	data       []byte
	executable bool
}

// writeArchive writes a tar.gz that depends on nothing but its arguments:
// sorted names, one time, no owner, no name of a machine.
func writeArchive(w io.Writer, when time.Time, entries []entry) error {
	zip, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("write archive: %w", err)
	}
	pack := tar.NewWriter(zip)
	sorted := slices.SortedFunc(slices.Values(entries), func(a, b entry) int { return cmp.Compare(a.name, b.name) })
	for _, e := range sorted {
		header := &tar.Header{
			Typeflag: tar.TypeReg, Name: e.name, Size: int64(len(e.data)), Mode: 0o644,
			ModTime: when.UTC().Truncate(time.Second), Format: tar.FormatUSTAR,
		}
		if e.executable {
			header.Mode = 0o755
		}
		if err := pack.WriteHeader(header); err != nil {
			return fmt.Errorf("write archive entry %s: %w", e.name, err)
		}
		if _, err := pack.Write(e.data); err != nil {
			return fmt.Errorf("write archive entry %s: %w", e.name, err)
		}
	}
	if err := pack.Close(); err != nil {
		return fmt.Errorf("write archive: %w", err)
	}
	if err := zip.Close(); err != nil {
		return fmt.Errorf("write archive: %w", err)
	}
	return nil
}

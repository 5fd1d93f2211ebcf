// Package file defines the file of a saved snapshot and writes it.
//
// The file is a "v1 List" in JSON, gzipped or not, so that any tool can read
// it. Its first item, the SnapshotInfo, says when and by whom the snapshot was
// taken and what could not be read. Package dir reads the file back.
package file

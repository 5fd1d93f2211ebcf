// Package dir reads snapshots from manifests, dumps and saved snapshots: from
// files, directories, standard input or an embedded file system.
//
// An input is YAML or JSON in UTF-8 or UTF-16, gzipped or not: objects,
// several documents, Lists, typed lists, lists within lists, arrays. Of a
// directory, the files *.yaml, *.yml and *.json (and those with .gz behind) are
// read in lexical order, also through symbolic links to files; directories
// whose name begins with a dot are left out, and links to directories with a
// warning.
//
// What cannot be understood becomes a Gap with FILE:LINE, and everything else
// is still used. Documents that are no Kubernetes objects by intent are counted
// in one warning: without apiVersion and kind (values files, CI), Helm's
// Chart.yaml, kustomize's own files, and custom documents without metadata
// (configuration of some program). Built-in types are read in their stable
// version only; other versions are Gaps, since the analyses would not see them.
//
// An object with only a generateName stays, under the name
// GENERATENAME<FILE:LINE>: the server would invent one at each creation, and
// two such objects are two. Namespaced objects without namespace get the
// default one; objects of unknown custom types stay as they are.
//
// A List with a SnapshotInfo (package file) is a saved snapshot. It cannot be
// mixed with other input.
//
// The values of Secrets are dropped before an object is decoded; no error text
// quotes them. An input may have 512 MiB of text, an object 16 MiB.
package dir

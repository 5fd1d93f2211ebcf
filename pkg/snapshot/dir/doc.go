// Package dir reads snapshots from manifests, dumps and saved snapshots: from
// files, directories, standard input or an embedded file system.
//
// What it cannot understand becomes a Gap with FILE:LINE, and everything else
// is still used. The values of Secrets are dropped before an object is
// decoded; no error text quotes them.
package dir

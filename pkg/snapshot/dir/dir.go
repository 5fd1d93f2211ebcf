package dir

import (
	"context"
	"io"
	"io/fs"

	"github.com/kubectl-secure/kubectl-secure/pkg/apiresource"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Options say what to read.
type Options struct {
	// Paths are files, directories (read recursively) or "-" for Stdin.
	Paths []string
	// Stdin is read for the path "-".
	Stdin io.Reader
	// DefaultNamespace is where namespaced objects go that name none.
	DefaultNamespace string
	// Types are custom types that are known beside those that the input
	// defines: of the cluster that the input is to be laid over. They tell
	// whether an object belongs into a namespace.
	Types []apiresource.Resource
	// ToApply keeps the texts of the objects: the snapshot is to be laid over
	// another one.
	ToApply bool
}

// Load reads all paths into one snapshot. A path that cannot be read, input
// without any Kubernetes object (*NoObjectsError), a saved snapshot among other
// input (*MixedInputError) and two different objects of one name
// (*snapshot.DuplicateError) are errors. Everything else that is wrong with
// the input is a Gap or a warning of the snapshot.
//
// A saved snapshot comes back with the Info and the Gaps of its time, anything
// else as snapshot.FromFiles: an object that is not in it may exist.
func Load(ctx context.Context, opts Options) (*snapshot.Snapshot, error) {
	found, err := expand(opts)
	if err != nil {
		return nil, err
	}
	c := newCollector(opts.DefaultNamespace)
	c.gaps, c.types, c.toApply = found.gaps, opts.Types, opts.ToApply
	return c.load(ctx, found.sources, opts.Paths, snapshot.Info{Source: snapshot.FromFiles})
}

// LoadFS reads every manifest of a file system, such as an embedded one, in
// the same way as Load reads a directory. The info is the snapshot's.
func LoadFS(ctx context.Context, fsys fs.FS, info snapshot.Info, defaultNamespace string) (*snapshot.Snapshot, error) {
	sources, err := expandFS(fsys)
	if err != nil {
		return nil, err
	}
	return newCollector(defaultNamespace).load(ctx, sources, []string{"the embedded files"}, info)
}

// Decode reads one input and adds its objects, gaps and warnings to b. The
// name stands for the input in origins and messages. A saved snapshot is
// refused: its Info has no place in a Builder.
func Decode(ctx context.Context, b *snapshot.Builder, name string, r io.Reader, defaultNamespace string) error {
	c := newCollector(defaultNamespace)
	if err := c.read(ctx, []source{streamSource(name, r)}); err != nil {
		return err
	}
	if len(c.infos) > 0 {
		return &MixedInputError{Snapshot: c.infos[0].origin, Other: snapshot.Origin{File: "its use here"}}
	}
	return c.finish(b, []string{name})
}

func (c *collector) load(ctx context.Context, sources []source, names []string, info snapshot.Info) (*snapshot.Snapshot, error) {
	if err := c.read(ctx, sources); err != nil {
		return nil, err
	}
	b := snapshot.NewBuilder()
	info, err := c.info(b, info)
	if err != nil {
		return nil, err
	}
	if err := c.finish(b, names); err != nil {
		return nil, err
	}
	return b.Build(info)
}

package dir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// source is one input to read.
type source struct {
	name  string // as the user named it
	size  int64  // bytes, -1 when not known
	named bool   // given by the user: failing to read it is an error, not a Gap
	open  func() (io.ReadCloser, error)
}

func streamSource(name string, r io.Reader) source {
	return source{name: name, size: -1, named: true, open: func() (io.ReadCloser, error) {
		if r == nil {
			r = strings.NewReader("")
		}
		return io.NopCloser(r), nil
	}}
}

// expand turns the paths of the options into the inputs to read, in the order
// given; directories in lexical order.
func expand(opts Options) (*walker, error) {
	w := &walker{seenDirs: map[string]bool{}, seenFiles: map[string]bool{}}
	for _, p := range opts.Paths {
		if p == "-" {
			if !w.seenFiles["-"] {
				w.seenFiles["-"] = true
				w.sources = append(w.sources, streamSource("-", opts.Stdin))
			}
			continue
		}
		info, err := os.Stat(p)
		if err != nil {
			return nil, fmt.Errorf("cannot read %s: %w", p, cause(err))
		}
		if !info.IsDir() {
			w.file(p, info, true)
			continue
		}
		if err := w.dir(p); err != nil {
			return nil, fmt.Errorf("cannot read directory %s: %w", p, cause(err))
		}
	}
	w.missedLinks()
	return w, nil
}

// walker collects the manifests below directories. As with kubectl, symbolic
// links to files are followed, since kubelet's mounted ConfigMaps consist of
// them, and those to directories are not: they can lead anywhere.
type walker struct {
	sources             []source
	gaps                []snapshot.Gap // what cannot be read within a directory
	links               []string       // to directories
	seenDirs, seenFiles map[string]bool
}

func (w *walker) dir(name string) error {
	entries, err := os.ReadDir(name)
	if err != nil {
		return err
	}
	identity, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	if identity, err = filepath.Abs(identity); err != nil {
		return err
	}
	if w.seenDirs[identity] {
		return nil
	}
	w.seenDirs[identity] = true
	for _, e := range entries {
		p := filepath.Join(name, e.Name())
		info, err := os.Stat(p) // follows links
		switch {
		case err != nil:
			if isManifest(e.Name()) {
				w.gap(p, err)
			}
		case info.IsDir():
			switch {
			case isHidden(e.Name()):
			case e.Type()&fs.ModeSymlink != 0:
				w.links = append(w.links, p)
			default:
				if err := w.dir(p); err != nil {
					w.gap(p, err)
				}
			}
		case info.Mode().IsRegular() && isManifest(e.Name()):
			w.file(p, info, false)
		}
	}
	return nil
}

// missedLinks makes a gap of each link that leads out of what is read.
func (w *walker) missedLinks() {
	for _, link := range w.links {
		identity, err := filepath.EvalSymlinks(link)
		if err == nil {
			identity, err = filepath.Abs(identity)
		}
		if err != nil || !w.seenDirs[identity] {
			w.gaps = append(w.gaps, snapshot.Gap{
				Reason: snapshot.Unparsable, Detail: link + " is a symbolic link to a directory, which is not followed: name it to read it",
			})
		}
	}
}

func (w *walker) file(name string, info fs.FileInfo, named bool) {
	if clean := filepath.Clean(name); !w.seenFiles[clean] {
		w.seenFiles[clean] = true
		size := int64(-1)
		if info.Mode().IsRegular() {
			size = info.Size()
		}
		w.sources = append(w.sources, source{name: name, size: size, named: named, open: func() (io.ReadCloser, error) { return os.Open(name) }})
	}
}

func (w *walker) gap(name string, err error) {
	w.gaps = append(w.gaps, snapshot.Gap{Reason: snapshot.Unparsable, Detail: fmt.Sprintf("%s: %v", name, cause(err))})
}

// expandFS lists the manifests of a file system.
func expandFS(fsys fs.FS) ([]source, error) {
	var sources []source
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("cannot read %s: %w", p, cause(err))
		case d.IsDir() && p != "." && isHidden(d.Name()):
			return fs.SkipDir
		case !d.IsDir() && isManifest(d.Name()):
			sources = append(sources, source{name: p, size: -1, named: true, open: func() (io.ReadCloser, error) { return fsys.Open(p) }})
		}
		return nil
	})
	return sources, err
}

func isHidden(name string) bool { return strings.HasPrefix(name, ".") && name != "." && name != ".." }

// isManifest reports whether a file of a directory is read, by its name.
// Names that begin with "._" are the metadata files of macOS.
func isManifest(name string) bool {
	name = strings.ToLower(name)
	extension := path.Ext(strings.TrimSuffix(name, ".gz"))
	return slices.Contains([]string{".yaml", ".yml", ".json"}, extension) && !strings.HasPrefix(name, "._")
}

// cause returns the reason of a file error without the operation and the path,
// which the caller names.
func cause(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}

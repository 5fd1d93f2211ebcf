package file

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"reflect"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// SaveOptions say what goes into the file.
type SaveOptions struct {
	// IncludeConfig keeps configuration: ConfigMap data, environment values,
	// commands and arguments, all annotations, the content of all custom
	// resources. Values of Secrets are never in a snapshot: texts that look
	// like a manifest of one are left out all the same.
	IncludeConfig bool
	// Gzip compresses the file.
	Gzip bool
}

// Save writes the snapshot: the same bytes for the same snapshot. Every item
// is on a line of its own.
func Save(w io.Writer, s *snapshot.Snapshot, opts SaveOptions) error {
	if !opts.Gzip {
		return write(w, s, opts)
	}
	zipped := gzip.NewWriter(w)
	if err := write(zipped, s, opts); err != nil {
		return err
	}
	return zipped.Close()
}

func write(w io.Writer, s *snapshot.Snapshot, opts SaveOptions) error {
	redactor, err := NewRedactor()
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	fmt.Fprint(out, `{"apiVersion":"v1","kind":"List","metadata":{},"items":[`+"\n")
	if err := writeItem(out, infoOf(s, !opts.IncludeConfig)); err != nil {
		return fmt.Errorf("write the snapshot's info: %w", err)
	}
	for obj := range s.All() {
		gvk, err := kindOf(obj)
		if err != nil {
			return fmt.Errorf("write object %s/%s: %w", obj.GetNamespace(), obj.GetName(), err)
		}
		saved := obj.DeepCopyObject().(snapshot.Object)
		saved.GetObjectKind().SetGroupVersionKind(gvk)
		if opts.IncludeConfig {
			scrub(reflect.ValueOf(saved))
		} else {
			redactor.redact(saved, gvk.GroupKind())
		}
		fmt.Fprint(out, ",\n")
		if err := writeItem(out, saved); err != nil {
			return fmt.Errorf("write %s %s/%s: %w", gvk.Kind, obj.GetNamespace(), obj.GetName(), err)
		}
	}
	fmt.Fprint(out, "\n]}\n")
	return out.Flush() // also returns the first error of the writes above
}

func writeItem(out io.Writer, item any) error {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(item); err != nil {
		return err
	}
	_, err := out.Write(bytes.TrimSuffix(line.Bytes(), []byte{'\n'}))
	return err
}

// kindOf returns the object's type: as it says itself, else by its Go type
// (objects of an API server say nothing).
func kindOf(obj snapshot.Object) (schema.GroupVersionKind, error) {
	if gvk := obj.GetObjectKind().GroupVersionKind(); gvk.Kind != "" {
		return gvk, nil
	}
	gvks, _, err := scheme.Scheme.ObjectKinds(obj)
	if err != nil {
		return schema.GroupVersionKind{}, err
	}
	return gvks[0], nil
}

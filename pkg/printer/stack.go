package printer

import (
	"bytes"
	"fmt"
	"io"
)

// Printable is anything that this package renders.
type Printable interface {
	Print(w io.Writer, s Style) error
}

// Stack prints items one below the other, with an empty line between those that
// print anything.
func Stack(w io.Writer, s Style, items ...Printable) error {
	var all, one bytes.Buffer
	for _, item := range items {
		one.Reset()
		if err := item.Print(&one, s); err != nil {
			return err
		}
		if one.Len() > 0 && all.Len() > 0 {
			all.WriteByte('\n')
		}
		all.Write(one.Bytes())
	}
	if all.Len() == 0 {
		return nil
	}
	if _, err := w.Write(all.Bytes()); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

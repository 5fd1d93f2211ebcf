package dir

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// endless repeats one byte without end.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func TestSlurpIsLimited(t *testing.T) {
	const limit = 1 << 20
	var bomb bytes.Buffer
	zipped := gzip.NewWriter(&bomb)
	if _, err := io.Copy(zipped, io.LimitReader(endless('a'), 8*limit)); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		in   io.Reader
		size int64
		want error
	}{
		{"line without end", endless('a'), -1, ErrTooLarge},
		{"zeros without end", endless(0), -1, ErrBinary},
		{"gzip bomb", bytes.NewReader(bomb.Bytes()), int64(bomb.Len()), ErrTooLarge},
		{"large file is not read", nil, limit + 1, ErrTooLarge},
		{"just fits", io.LimitReader(endless('a'), limit), limit, nil},
		{"file grows while it is read", io.LimitReader(endless('a'), limit), 10, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := streamSource("in", tt.in)
			src.size = tt.size
			c, err := slurp(src, limit)
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if tt.want == nil && len(c.text) != limit {
				t.Errorf("%d bytes", len(c.text))
			}
		})
	}
}

// Every one of these is small or plain enough to be read, and would take very
// long or very much memory in a careless parser.
func TestHostileTextEndsSoon(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		name := string(rune('a' + i))
		before := "*a0"
		if i > 1 {
			before = "*" + string(rune('a'+i-1)) + "0"
		}
		bomb.WriteString(name + "0: &" + name + "0 [" + strings.Repeat(before+", ", 9) + "]\n")
	}
	tests := []struct {
		name, text string
		want       error // of the gap; nil for none
	}{
		{"YAML bomb", bomb.String(), errNotYAML},
		{"alias to itself", "a: &a [*a]\n", errNotYAML},
		{"deep flow sequences", strings.Repeat("[", 100_000) + "\n", errNotYAML},
		{"deep flow mappings", "a: " + strings.Repeat("{", 100_000) + "\n", errNotYAML},
		{"deep block sequences", strings.Repeat("- ", 100_000) + "\n", errNotYAML},
		{"many documents", strings.Repeat("---\na: 1\n", 20_000), nil},
		{"many open quotes", strings.Repeat("---\n\"\n", 5_000), errNotYAML},
		{"long key", "? " + strings.Repeat("a", 1<<20) + "\n", nil},
		{"large document", "a: " + strings.Repeat("b", maxObjectBytes) + "\n", ErrTooLarge},
		{"large JSON object", `{"a":"` + strings.Repeat("b", maxObjectBytes) + `"}`, ErrTooLarge},
		{"list with many broken items", "apiVersion: v1\nkind: List\nitems:\n" + strings.Repeat("- \"\n", 5_001), errNotYAML},
		{"many backslashes", `{"a":"` + strings.Repeat(`\\`, 1<<20) + `"}`, nil},
		{"many unclosed backslash quotes", strings.Repeat(`"\"`, 200_000), errNotYAML},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			begin := time.Now()
			var got error
			for _, r := range decodeText(t.Context(), "in", []byte(tt.text), false) {
				if r.gap != nil {
					got = r.gap.err
				}
			}
			if tt.want == nil && got != nil || !errors.Is(got, tt.want) {
				t.Errorf("gap %v, want %v", got, tt.want)
			}
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("it took %v", took)
			} else if took > time.Second {
				t.Logf("it took %v", took)
			}
		})
	}
}

func TestPanicOfADecoderIsAGap(t *testing.T) {
	records := decodeSafely("in", unit{text: nil, line: 3, meta: typeMeta{"v1", "Pod"}})
	if len(records) != 1 || records[0].gap == nil || records[0].origin != (snapshot.Origin{File: "in", Line: 3}) {
		t.Errorf("%+v", records)
	}
}

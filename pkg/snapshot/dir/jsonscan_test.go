package dir

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestScannerValue(t *testing.T) {
	tests := []struct {
		name, text string
		end        int // position behind the value
		err        error
	}{
		{"string", `"ab" x`, 4, nil},
		{"empty string", `""`, 2, nil},
		{"escaped quote", `"a\"b" x`, 6, nil},
		{"escaped backslash at the end", `"a\\" x`, 5, nil},
		{"three backslashes and a quote", `"a\\\"" x`, 7, nil},
		{"space before it", " \t\r\n1 x", 5, nil},
		{"number", "-1.5e+3,", 7, nil},
		{"true", "true}", 4, nil},
		{"object", `{"a":[1,{}]} x`, 12, nil},
		{"brackets in strings", `["]}",{"[":"{"}] x`, 16, nil},
		{"nothing", "", 0, io.ErrUnexpectedEOF},
		{"space only", "  ", 2, io.ErrUnexpectedEOF},
		{"string without end", `"abc`, 4, io.ErrUnexpectedEOF},
		{"string that ends in a backslash", `"abc\"`, 6, io.ErrUnexpectedEOF},
		{"array without end", `[[]`, 3, io.ErrUnexpectedEOF},
		{"string without end in an array", `["a]`, 4, io.ErrUnexpectedEOF},
		{"comma", ",", 0, errNotJSON},
		{"closing bracket", "}", 0, errNotJSON},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := scanner{text: []byte(tt.text)}
			if err := s.value(); !errors.Is(err, tt.err) || err != nil && !errors.Is(err, errNotJSON) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			if s.pos != tt.end {
				t.Errorf("stops at %d, want %d", s.pos, tt.end)
			}
		})
	}
}

func TestScannerFields(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string // KEY=VALUE
		err        error
	}{
		{"none", "{ }", nil, nil},
		{"two", ` { "a" : 1 , "b":[2] } `, []string{"a=1", "b=[2]"}, nil},
		{"key with escapes", `{"a\n\u0062":1}`, []string{"a\nb=1"}, nil},
		{"key twice", `{"a":1,"a":2}`, []string{"a=1", "a=2"}, nil},
		{"no object", `[1]`, nil, errNotJSON},
		{"key is no string", `{1:2}`, nil, errNotJSON},
		{"key with a wrong escape", `{"\q":1}`, nil, errNotJSON},
		{"no colon", `{"a" 1}`, nil, errNotJSON},
		{"no value", `{"a":}`, nil, errNotJSON},
		{"no comma", `{"a":1 "b":2}`, []string{"a=1"}, errNotJSON},
		{"comma at the end", `{"a":1,}`, []string{"a=1"}, errNotJSON},
		{"end is missing", `{"a":1`, []string{"a=1"}, io.ErrUnexpectedEOF},
		{"end is missing in a key", `{"a":1,"b`, []string{"a=1"}, io.ErrUnexpectedEOF},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := scanner{text: []byte(tt.text)}
			var got []string
			err := s.fields(func(key string) error {
				begin := s.pos
				err := s.value()
				if err == nil {
					got = append(got, fmt.Sprintf("%s=%s", key, s.text[begin:s.pos]))
				}
				return err
			})
			if !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSplitJSON(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string // LINE TYPE [of LISTED] TEXT, or LINE and what is broken
	}{
		{"object", "\n{\"kind\":\"A\",\"apiVersion\":\"v1\"}", []string{`2 v1 A: {"kind":"A","apiVersion":"v1"}`}},
		{"two objects", `{"kind":"A"}{"kind":"B"}`, []string{`1  A: {"kind":"A"}`, `1  B: {"kind":"B"}`}},
		{"list", "{\"items\":[\n{\"kind\":\"A\"},\n\n{\"apiVersion\":\"v2\"}],\n\"kind\":\"XList\",\"apiVersion\":\"v1\"}", []string{`2  A of v1 X: {"kind":"A"}`, `4 v2  of v1 X: {"apiVersion":"v2"}`}},
		{"array", "[\n{\"kind\":\"A\"},1]", []string{`2  A: {"kind":"A"}`, "2  : 1"}},
		{"type that is no string", `{"kind":1,"apiVersion":{"kind":"x"}}`, []string{`1  : {"kind":1,"apiVersion":{"kind":"x"}}`}},
		{"same type in other words", `{"items":[{"kind":"AB"},{"kind":"A\u0042"},{"kind":"AB"}]}`, []string{`1  AB: {"kind":"AB"}`, `1  AB: {"kind":"A\u0042"}`, `1  AB: {"kind":"AB"}`}},
		{"broken item", "{\"items\":[{\"kind\":\"A\",},\n{\"kind\":\"B\"}]}", []string{`1  A: {"kind":"A",}`, `2  B: {"kind":"B"}`}},
		{"broken kind", `{"items":[{"kind":"\q"}]}`, []string{`1  : {"kind":"\q"}`}},
		{"object with a field items", `{"kind":"A","items":[{"kind":"B"}]}`, []string{`1  A: {"kind":"A","items":[{"kind":"B"}]}`}},
		{"garbage", "\n\nx", []string{"3  : x"}},
		{"comma", "\n,", []string{"2 broken: not valid JSON"}},
		{"end is missing", "{\"items\":[{\"kind\":\"A\"},\n", []string{`1  A: {"kind":"A"}`, "2 broken: not valid JSON: unexpected EOF"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, u := range splitJSON([]byte(tt.text), 1, 0) {
				switch {
				case u.broken != nil:
					got = append(got, fmt.Sprintf("%d broken: %v", u.line, u.broken))
				case u.listed != (typeMeta{}):
					got = append(got, fmt.Sprintf("%d %s %s of %s %s: %s", u.line, u.meta.apiVersion, u.meta.kind, u.listed.apiVersion, u.listed.kind, u.text))
				default:
					got = append(got, fmt.Sprintf("%d %s %s: %s", u.line, u.meta.apiVersion, u.meta.kind, u.text))
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("units (-want +got):\n%s", diff)
			}
		})
	}
}

func TestItemsOfOneListKnowIt(t *testing.T) {
	units := splitJSON([]byte(`{"items":[{},{}],"kind":"List"}{"items":[{}],"kind":"List"}{}`), 1, 0)
	if len(units) != 4 || units[0].in == nil || units[0].in != units[1].in || units[2].in == nil || units[1].in == units[2].in || units[3].in != nil {
		t.Errorf("%+v", units)
	}
}

func TestLineCounter(t *testing.T) {
	c := newLineCounter([]byte("a\n\nb\r\nc"), 10)
	for _, tt := range []struct{ offset, line int }{{0, 10}, {1, 10}, {2, 11}, {3, 12}, {3, 12}, {6, 13}, {99, 13}} {
		if got := c.at(tt.offset); got != tt.line {
			t.Errorf("offset %d is on line %d, want %d", tt.offset, got, tt.line)
		}
	}
}

func TestFirstContent(t *testing.T) {
	tests := []struct{ text, rest string }{
		{"a", "a"},
		{"--- a", "a"},
		{"---\n# x\n\n \t\r\n  a: b", "a: b"},
		{"# only", ""},
		{"---\n", ""},
		{"", ""},
		{"#a\n#b\n", ""},
	}
	for _, tt := range tests {
		if got := tt.text[firstContent([]byte(tt.text)):]; got != tt.rest {
			t.Errorf("%q begins with %q, want %q", tt.text, got, tt.rest)
		}
	}
}

func TestSplitYAMLList(t *testing.T) {
	const head = "apiVersion: v1\nkind: XList\nitems:\n"
	tests := []struct {
		name, text string
		want       []string // LINE TEXT
	}{
		{"two items", head + "- a: b\n  c: d\n- e\n", []string{"4   a: b\n  c: d\n", "6   e\n"}},
		{"indented items", head + "\n  - a\n  - b\nmetadata: {}\n", []string{"5     a\n", "6     b\n"}},
		{"nested sequence", head + "- a:\n  - b\n- - c\n  - d\n", []string{"4   a:\n  - b\n", "6   - c\n  - d\n"}},
		{"comment between", head + "- a\n# c\n- b\n", []string{"4   a\n# c\n", "6   b\n"}},
		{"dash alone", head + "-\n  a: b\n-\n", []string{"4  \n  a: b\n", "6  \n"}},
		{"no list", "kind: X\nitems:\n- a\n", nil},
		{"empty list", head, nil},
		{"flow sequence", "kind: XList\nitems: [a]\n", nil},
		{"mapping", head + "  a: b\n", nil},
		{"items within", "kind: XList\nspec:\n  items:\n  - a\n", nil},
		{"rest is no YAML", head + "- a\nb: \"\n", nil},
		{"items twice", head + "- a\nitems: []\n", nil},
		{"line breaks of old", head + "- a\r- b\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, u := range splitYAMLList(document{[]byte(tt.text), 1}) {
				got = append(got, fmt.Sprintf("%d %s", u.line, u.text))
				if !u.yaml || u.in == nil || u.listed != (typeMeta{"v1", "X"}) {
					t.Errorf("%+v", u)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("items (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParallel(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 63, 64, 65, 1000, 1001} {
		done := make([]int, n)
		parallel(n, func(i int) { done[i]++ })
		for i, times := range done {
			if times != 1 {
				t.Errorf("of %d, %d is done %d times", n, i, times)
			}
		}
	}
}

func TestUnquote(t *testing.T) {
	for quoted, want := range map[string]string{`""`: "", `"a"`: "a", `"\u00e4\ud83d\ude00\/"`: "ä😀/", `"` + strings.Repeat("x", 99) + `"`: strings.Repeat("x", 99)} {
		if got, err := unquote([]byte(quoted)); err != nil || got != want {
			t.Errorf("%s is %q, %v", quoted, got, err)
		}
	}
	if _, err := unquote([]byte(`"\x"`)); !errors.Is(err, errNotJSON) {
		t.Errorf("error %v", err)
	}
}

package assertions_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/assertions"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
)

func format() *assertions.Format {
	return &assertions.Format{Singles: true, Fields: []string{"a", "b", "why"}, Blank: []string{"why"}, EmptyList: []string{"b"}, Example: "{a: x}"}
}

// textOf writes the values of field a with their lines.
func textOf(t *testing.T, nodes []*yaml.Node) []string {
	t.Helper()
	var texts []string
	for _, node := range nodes {
		var entry struct {
			A assertions.Words `yaml:"a"`
		}
		if err := assertions.Resolve(node).Decode(&entry); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, fmt.Sprintf("%d %s", node.Line, strings.Join(entry.A, "|")))
	}
	return texts
}

// Files of assertions in all forms are read alike.
func TestNodes(t *testing.T) {
	for _, tt := range []struct {
		name, data string
		want       []string // LINE TEXT
	}{
		{"a YAML list", "- {a: x}\n- a: y\n  b: [z]\n", []string{"1 x", "2 y"}},
		{"a map with a list", "assertions:\n- a: x\n", []string{"2 x"}},
		{"a stream of documents", "# none\n---\na: x\n---\na: y\n...\n---\n- a: z\n", []string{"3 x", "5 y", "8 z"}},
		{"aliases", "- &x {a: x}\n- *x\n", []string{"1 x", "2 x"}},
		{"words that YAML 1.1 takes for true", "- {a: [y, n, on, No, true]}\n", []string{"1 y|n|on|No|true"}},
		{"numbers as they are written", "- {a: [0x50, 080, 1e3, 1_0]}\n", []string{"1 0x50|080|1e3|1_0"}},
		{"nothing in a list", "- {a: [~, '']}\n", []string{"1 |"}},
		{"a JSON list", "[\n {\"a\": \"x\"},\n {\"a\": [\"y\", 80, true, null]}\n]", []string{"2 x", "3 y|80|true|"}},
		{"JSON Lines", "{\"a\": \"x\"}\n\n{\"a\": \"y\"}\r\n{\"a\": \"z\"}", []string{"1 x", "3 y", "4 z"}},
		{"JSON maps in many lines", "{\n\"a\":\n\"x\"\n}\n{\n\"a\": \"y\"\n}", []string{"1 x", "5 y"}},
		{"a JSON map with a list", `{"assertions": [{"a": "x"}]}`, []string{"1 x"}},
		{"letters that only JSON escapes so", `{"a": "\ud83d\ude00\/"}`, []string{"1 😀/"}},
		{"a mark of the order of bytes", "\ufeff{\"a\": \"x\"}\n{\"a\": \"y\"}", []string{"1 x", "2 y"}},
		{"YAML that begins as JSON does", "{a: x}", []string{"1 x"}},
		{"a list that begins as JSON does", "[{a: x}, {a: y}]", []string{"1 x", "1 y"}},
		{"JSON documents with marks of YAML", "{\"a\": \"x\"}\n---\n{\"a\": \"y\"}", []string{"1 x", "3 y"}},
		{"blank where that may be", "- {a: x, b: [], why: }", []string{"1 x"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			nodes, err := format().Nodes("f", []byte(tt.data))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, textOf(t, nodes)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNodesRefused(t *testing.T) {
	for _, tt := range []struct{ name, data, want string }{
		{"nothing", "", "f: no assertions"},
		{"comments", "# none\n---\n", "f: no assertions"},
		{"an empty JSON list", "[]", "f: no assertions"},
		{"a text", "x", "f:1: want a list of assertions"},
		{"a text after assertions", "- a: x\n---\ny\n", "f:3: want a list of assertions"},
		{"a list of texts", "- x", "f:1: assertion 1: an assertion is a map, as in {a: x}"},
		{"a list in JSON Lines", "{\"a\": \"x\"}\n7\n", "f:2: want a list of assertions"},
		{"an unknown field", "- a: x\n- {a: x, c: y}", `f:2: assertion 2: unknown field "c": the fields are a, b, why`},
		{"a comma within a value", "- {a: labels:ns=x,app=y, b: z}", `f:1: assertion 1: unknown field "app=y": within {} a comma ends a value: quote the one before it`},
		{"a misspelt list", "assertion:\n- a: x", `f:1: assertion 1: unknown field "assertion"`},
		{"a field twice", "- {a: x, a: y}", `f:1: assertion 1: field "a" is there twice`},
		{"a field twice in JSON", "{\"a\": \"x\"}\n{\"a\": \"x\", \"a\": \"y\"}", `f:2: assertion 2: field "a" is there twice`},
		{"a blank", "- {a: ' '}", `f:1: assertion 1: field "a" is empty`},
		{"null in JSON", `{"a": null}`, `field "a" is empty`},
		{"an empty list", "- {a: []}", `field "a" is empty`},
		{"a blank where only a list may be empty", "- {a: x, b: }", `field "b" is empty`},
		{"a merge", "- &x {a: x}\n- {<<: *x}", `f:2: assertion 2: unknown field "<<"`},
		{"JSON Lines cut off", "{\"a\": \"x\"}\n{\"a\": ", "f: line 2: unexpected EOF"},
		{"a JSON list cut off", `[{"a": "x"}`, "f: line 1: did not find expected"},
		{"a mistake after JSON", "{\"a\": \"x\"}\n\n{\"a\" \"y\"}", "f: line 3: invalid character '\"' after object key"},
		{"deep JSON", `{"a": "x"}` + strings.Repeat("[", 20000), "f: line 1: lists and maps are nested too deep"},
		{"deep YAML", strings.Repeat("[", 20000), "f: exceeded max depth"},
		{"a tab", "- a: x\n\t- b", "f: line 2: found a tab character"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := format().Nodes("f", []byte(tt.data))
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("error %v, want a line with %q", err, tt.want)
			}
			if code := fault.Code(err); code != fault.ExitUsage {
				t.Errorf("exit code %d, want %d", code, fault.ExitUsage)
			}
		})
	}
}

// Where only lists are asked for, a map is none.
func TestNodesOfLists(t *testing.T) {
	f := format()
	f.Singles = false
	for _, data := range []string{"a: x", `{"a": "x"}`} {
		if _, err := f.Nodes("f", []byte(data)); err == nil || !strings.Contains(err.Error(), "want a list of assertions") {
			t.Errorf("%s: error %v", data, err)
		}
	}
}

// FuzzNodes looks for panics, for errors that do not blame the file, and for
// JSON that is read otherwise than the YAML parser reads it.
func FuzzNodes(f *testing.F) {
	for _, seed := range []string{
		"- {a: x, b: [y]}", "assertions: [{a: x}]", "a: x\n---\na: y", "{\"a\":\"x\"}\n{\"a\":1}", `[{"a":["\u00e9",1e3,true]}]`,
		`{"a":"\ud83d\ude00"}`, "[", "{", "{]", "[}", `{"a":}`, "", "\ufeff", "- &a {a: x}\n- *a", "- {<<: {}}", "? [a]\n: b", "\xff\xfe-", "7 8", `{"a":1}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		nodes, err := format().Nodes("f", []byte(data))
		if err != nil {
			if fault.Code(err) != fault.ExitUsage || !strings.HasPrefix(err.Error(), "f:") {
				t.Errorf("error %q does not blame the file", err)
			}
			return
		}
		if len(nodes) == 0 {
			t.Error("no assertions, and no error")
		}
		for _, node := range nodes {
			if assertions.Resolve(node).Kind != yaml.MappingNode || node.Line < 1 || node.Line > 1+strings.Count(data, "\n")+strings.Count(data, "\r")+strings.Count(data, "\u0085")+strings.Count(data, "\u2028")+strings.Count(data, "\u2029") {
				t.Errorf("assertion %+v", node)
			}
		}
	})
}

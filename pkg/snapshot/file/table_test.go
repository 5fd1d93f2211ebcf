package file

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestReadTableErrors(t *testing.T) {
	for name, text := range map[string]string{
		"no YAML":           "a: [",
		"no groups":         "[]",
		"no kinds":          "apps: text",
		"no shape":          "apps: {Deployment: {spec: some}}",
		"no shape in depth": "apps: {Deployment: {spec: {template: {spec: [x]}}}}",
	} {
		t.Run(name, func(t *testing.T) {
			r := &Redactor{kinds: map[schema.GroupKind]*shape{}, meta: metaShape(false)}
			if err := r.readTable([]byte(text)); err == nil {
				t.Error("no error")
			}
		})
	}
}

// What a shape leaves of free content, whatever is where something else
// should be.
func TestShapes(t *testing.T) {
	const table = `
fragments:
- &shared {b: , d: {e: }}
"": {Kind: {spec: {<<: *shared, a: , m: map, k: keys, r: refs, l: {x: }, "*": {z: }}, s: {x: }}}
`
	tests := []struct{ name, in, want string }{
		{"named", `{"a":"x","b":1,"d":{"e":true}}`, `{"a":"x","b":1,"d":{"e":true}}`},
		{"list of scalars", `{"a":["x",1]}`, `{"a":["x",1]}`},
		{"objects where scalars should be", `{"a":{"x":"y"},"b":[{"x":"y"},"z"]}`, `{"a":{},"b":[{},"z"]}`},
		{"scalars where objects should be", `{"d":"x","l":["x",{"x":1}],"m":"x","r":"x"}`, `{"d":"","l":["",{"x":1}],"m":"","r":""}`},
		{"not named", `{"d":{"x":"y","n":1,"t":true,"o":{"x":"y"},"l":["x"],"z":null}}`, `{"d":{"t":true,"o":{},"l":[]}}`},
		{"rest", `{"other":{"z":"x","y":"x"}}`, `{"other":{"z":"x"}}`},
		{"map", `{"m":{"x":"y","o":{"x":"y"},"l":["x"]}}`, `{"m":{"x":"y","o":"","l":""}}`},
		{"keys", `{"k":{"x":"y","o":{"x":"y"},"n":1}}`, `{"k":{"x":"","o":"","n":""}}`},
		{
			"references", `{"r":{"p":{"auth":{"sRef":{"name":"n","key":"k"},"tRef":{"name":"n","value":"v"}},"url":"u"},"q":{"u":"v"},"b":true,"t":"x"}}`,
			`{"r":{"p":{"auth":{"sRef":{"name":"n","key":"k"}}},"q":{},"b":true}}`,
		},
		{
			"references within and in lists", `{"r":{"p":{"authSecretRef":{"id":{"name":"n","key":"k"},"at":"x"}},"l":[{"parentRefs":[{"name":"n"}]}]}}`,
			`{"r":{"p":{"authSecretRef":{"id":{"name":"n","key":"k"}}},"l":[{"parentRefs":[{"name":"n"}]}]}}`,
		},
		{
			"what looks like a reference", `{"r":{"name":"n","p":{"config":{"name":"n","key":"k"},"headers":{"name":"n","type":"t"}},"aRef":{"name":"n","key":"two words"}}}`,
			`{"r":{"p":{},"aRef":{}}}`,
		},
		{"null", `{"a":null,"d":null}`, `{}`},
	}
	r := &Redactor{kinds: map[schema.GroupKind]*shape{}, meta: metaShape(false)}
	if err := r.readTable([]byte(table)); err != nil {
		t.Fatal(err)
	}
	s := r.shapeOf(schema.GroupKind{Kind: "Kind"}).fields["spec"]
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var in, want map[string]any
			for _, text := range []struct {
				from string
				into *map[string]any
			}{{tt.in, &in}, {tt.want, &want}} {
				if err := json.Unmarshal([]byte(text.from), text.into); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(want, applied(s, reflect.ValueOf(in)).Interface()); diff != "" {
				t.Errorf("left (-want +got):\n%s", diff)
			}
		})
	}
}

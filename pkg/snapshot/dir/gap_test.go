package dir_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

// Every input is followed by a good Pod, which must still be read.
func TestLoadGaps(t *testing.T) {
	const role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\n"
	tests := []struct {
		name string
		text string
		want []string
	}{
		{"tabs", "a:\n\tb: 1\n", []string{`/ in.yaml:1: not valid YAML: line 2: found character that cannot start any token`}},
		{"unclosed quotes", "x: 1\n---\n\nkind: \"Role\n", []string{`/ in.yaml:4: not valid YAML: line 5: found unexpected end of stream`}},
		{"template", "kind: {{ .Kind }}\n", []string{`/ in.yaml:1: not valid YAML: invalid map key (this looks like a template: render it first)`}},
		{"broken YAML that may be a Secret", "kind: Secret\ndata:\n  password: *hunter2\n", []string{`/ in.yaml:1: not valid YAML: the details are withheld, since this may be a Secret`}},
		{"broken YAML that may be a Secret, and words that quote nothing", "kind: Secret\ndata:\n  password: hunter2: x\n", []string{`/ in.yaml:1: not valid YAML: line 3: mapping values are not allowed in this context`}},
		{"value that does not fit its tag", "a: !!int hunter2\n", []string{`/ in.yaml:1: not valid YAML: cannot decode !!str '…' as a !!int`}},
		{"second document after a line separator", "a: 1\u2028---\u2028b: 2\n", []string{`/ in.yaml:1: not valid YAML: there is more behind the end of the document`}},
		{"two flow mappings", "{apiVersion: v1, kind: Pod, metadata: {name: a}}\n{apiVersion: v1, kind: Pod, metadata: {name: b}}\n", []string{`/ in.yaml:1: not valid YAML: there is more behind the end of the document`}},
		{"indented first document", "  apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\nkind: Role\n", []string{`/ in.yaml:1: not valid YAML: there is more behind the end of the document`}},
		{"null as a key", "~: hunter2\n", []string{`/ in.yaml:1: not valid YAML: a key that is null or no scalar, or a number that JSON does not have`}},
		{"key twice in other types", "1: a\n'1': b\n", []string{`/ in.yaml:1: not valid YAML: a key that is null or no scalar, or a number that JSON does not have`}},
		{"infinity", "a: .inf\n", []string{`/ in.yaml:1: not valid YAML: a key that is null or no scalar, or a number that JSON does not have`}},
		{"no apiVersion", "kind: Role\nmetadata: {name: r}\n", []string{"/ in.yaml:1: no apiVersion"}},
		{"no kind", "apiVersion: v1\nmetadata: {name: r}\n", []string{"/ in.yaml:1: no kind"}},
		{"apiVersion of three parts", "apiVersion: a/b/c\nkind: X\nmetadata: {name: r}\n", []string{`/ in.yaml:1: apiVersion "a/b/c" is not GROUP/VERSION`}},
		{"no name", "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n", []string{"rbac.authorization.k8s.io/roles in.yaml:1: no metadata.name"}},
		{"no name in a custom resource", "apiVersion: example.com/v1\nkind: X\nmetadata: {}\n", []string{"example.com/ in.yaml:1: no metadata.name"}},
		{"kind that a built-in group does not have", "apiVersion: v1\nkind: secret\nmetadata: {name: s}\ndata: {a: aHVudGVyMg==}\n", []string{`/ in.yaml:1: v1 has no kind "secret"`}},
		{"unknown version of a built-in kind", "apiVersion: apps/v7\nkind: Deployment\nmetadata: {name: d}\n", []string{"apps/deployments in.yaml:1: Deployment.apps is read in version v1, not in v7"}},
		{"old version of RBAC", "apiVersion: rbac.authorization.k8s.io/v1beta1\nkind: Role\nmetadata: {name: r}\n", []string{"rbac.authorization.k8s.io/roles in.yaml:1: Role.rbac.authorization.k8s.io is read in version v1, not in v1beta1"}},
		{"removed group", "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: i}\n", []string{"extensions/ in.yaml:1: the group extensions is no longer served"}},
		{"no object of a cluster", "apiVersion: v1\nkind: Status\nstatus: Failure\n", []string{"/ in.yaml:1: no object that a cluster stores"}},
		{"string instead of a list", role + "rules:\n- verbs: get\n", []string{"rbac.authorization.k8s.io/roles in.yaml:1: a field has a value of the wrong type: rules.verbs"}},
		{"number as a name", "apiVersion: v1\nkind: Pod\nmetadata: {name: 1}\n", []string{"/pods in.yaml:1: a field has a value of the wrong type: metadata.name"}},
		{"word that YAML takes for a boolean", "apiVersion: example.com/v1\nkind: X\nmetadata: {name: on}\n", []string{"example.com/ in.yaml:1: a field has a value of the wrong type: metadata.name"}},
		{"metadata is no object", "apiVersion: example.com/v1\nkind: X\nmetadata: x\n", []string{"example.com/ in.yaml:1: a field has a value of the wrong type: metadata"}},
		{"label is no string", "apiVersion: example.com/v1\nkind: X\nmetadata: {name: a, labels: {a: 1}}\n", []string{"example.com/ in.yaml:1: a field has a value of the wrong type: metadata.labels"}},
		{"labels are no object", "apiVersion: example.com/v1\nkind: X\nmetadata: {name: a, labels: 1}\n", []string{"example.com/ in.yaml:1: a field has a value of the wrong type: metadata.labels"}},
		{"item is no object", "apiVersion: v1\nkind: PodList\nitems:\n- 1\n- null\n", []string{"/pods in.yaml:4: not an object", "/pods in.yaml:5: not an object"}},
		{"item without a kind", "apiVersion: v1\nkind: List\nitems:\n- rules: []\n", []string{"/ in.yaml:4: no kind"}},
		{"broken item in a YAML list", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: x}\n- apiVersion: [\n", []string{"/ in.yaml:7: not valid YAML: line 7: did not find expected node content"}},
		{"unknown anchor", "a: *hunter2\n", []string{"/ in.yaml:1: not valid YAML: unknown anchor '…' referenced"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := load(t, "in.yaml", tt.text+"---\n"+pod("good"))
			if diff := cmp.Diff(tt.want, details(s)); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
			if objects := summary(s); len(objects) == 0 || !strings.HasSuffix(objects[len(objects)-1], "here/good") && !strings.HasSuffix(objects[0], "here/good") {
				t.Errorf("the good Pod is missing in %q", objects)
			}
		})
	}
}

func TestLoadJSONGaps(t *testing.T) {
	const good = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"good"}}`
	tests := []struct {
		name string
		text string
		want []string
	}{
		{"truncated list", `{"apiVersion":"v1","items":[` + good + ",\n{\"apiVersion\":\"v1\",\"ki", []string{"/ in.json:2: not valid JSON: unexpected EOF"}},
		{"truncated object", good + "\n{\"apiVersion\":", []string{"/ in.json:2: not valid JSON: unexpected EOF"}},
		{"missing comma", `{"apiVersion":"v1","items":[` + good + "\n" + good + `]}`, []string{"/ in.json:2: not valid JSON"}},
		{"broken item", `{"apiVersion":"v1","kind":"List","items":[` + good + ",\n{\"apiVersion\":\"v1\",\n\"kind\":\"Pod\", x},{\"apiVersion\":tru}]}", []string{
			"/ in.json:3: not valid JSON", "/pods in.json:3: not valid JSON: invalid character 'x' looking for beginning of object key string",
		}},
		{"wrong brackets", `{"apiVersion":"v1","kind":"List","items":[` + good + `,{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"]}]}`, []string{
			"/pods in.json:1: not valid JSON: invalid character ']' after object key:value pair",
		}},
		{"items twice", `{"apiVersion":"v1","items":[` + good + `],"items":[]}`, []string{"/ in.json:1: not valid JSON: the field items is there twice"}},
		{"not UTF-8", good + "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"\xff\"}}", []string{"/pods in.json:1: not valid UTF-8"}},
		{"item is no object", `{"apiVersion":"v1","kind":"PodList","items":[` + good + `,1,null]}`, []string{"/pods in.json:1: not an object"}},
		{"lists within lists", strings.Repeat(`{"apiVersion":"v1","kind":"List","items":[`, 20) + strings.Repeat("]}", 20) + good, []string{"/ in.json:1: too large: lists within lists"}},
		{"deep nesting", good + strings.Repeat("[", 100_000), []string{"/ in.json:1: not valid JSON: unexpected EOF"}},
		{"deep nesting, closed", good + `{"apiVersion":"example.com/v1","kind":"X","a":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}", []string{"example.com/ in.json:1: not valid JSON: invalid character '[' exceeded max depth"}},
		{"wrong type in a Secret", good + `{"apiVersion":"v1","kind":"Secret","metadata":{"name":["hunter2"]},"data":{"a":"aHVudGVyMg=="}}`, []string{"/secrets in.json:1: a field has a value of the wrong type, or is not valid JSON"}},
		{"broken text that may hold a Secret", good + `{"apiVersion":"x.io/v1","kind":"Work","spec":{"kind":"Secret","data":{"a":hunter2}}}`, []string{"x.io/ in.json:1: not valid JSON"}},
		{"broken Secret", good + `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"a":hunter2}}`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := load(t, "in.json", tt.text)
			if diff := cmp.Diff(tt.want, details(s)); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
			if objects := summary(s); len(objects) == 0 || objects[0] != "in.json:1 Pod here/good" {
				t.Errorf("the good Pod is missing in %q", objects)
			}
		})
	}
}

func TestLoadNothing(t *testing.T) {
	tests := []struct {
		name, text, want string
	}{
		{"empty", "", "no Kubernetes object in in.yaml"},
		{"space", "\n \n", "no Kubernetes object in in.yaml"},
		{"comments", "# a\n---\n# b", "no Kubernetes object in in.yaml"},
		{"values file", "replicas: 1\n", "no Kubernetes object in in.yaml: documents without apiVersion and kind: 1"},
		{"plain text", "hello\n", "no Kubernetes object in in.yaml: documents without apiVersion and kind: 1"},
		{"a number in JSON", "{}1", "no Kubernetes object in in.yaml: documents without apiVersion and kind: 2"},
		{"empty list", `{"apiVersion":"v1","kind":"List","items":[]}`, "no Kubernetes object in in.yaml"},
		{"empty typed list", "apiVersion: v1\nkind: PodList\nitems: []\n", "no Kubernetes object in in.yaml"},
		{"broken", "{\n\"a\":", "no Kubernetes object in in.yaml: in.yaml:2: not valid JSON: unexpected EOF"},
		{"broken twice", "\t-\n---\n\t-\n", "no Kubernetes object in in.yaml: in.yaml:1: not valid YAML: found character that cannot start any token, and 1 more"},
		{"binary", "\x7fELF\x00\x01", "cannot read in.yaml: binary data, neither YAML nor JSON"},
		{"gzip of nothing", "\x1f\x8b", "cannot read in.yaml: damaged gzip data: unexpected EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			write(t, map[string]string{"in.yaml": tt.text})
			_, err := dir.Load(t.Context(), dir.Options{Paths: []string{"in.yaml"}})
			if err == nil || err.Error() != tt.want {
				t.Errorf("error %q, want %q", err, tt.want)
			}
			if none := (*dir.NoObjectsError)(nil); strings.HasPrefix(tt.want, "no ") != errors.As(err, &none) {
				t.Errorf("error is a %T", err)
			}
		})
	}
}

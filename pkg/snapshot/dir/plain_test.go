package dir

import (
	"fmt"
	"reflect"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	kjson "sigs.k8s.io/json"
)

func rbacKind(kind string) schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: kind}
}

func plainSeeds() []struct {
	name, kind, text string
	plain            bool
} {
	return []struct {
		name, kind, text string
		plain            bool
	}{
		{"role", "Role", `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"n","namespace":"s","uid":"u","resourceVersion":"1","creationTimestamp":"2026-01-02T03:04:05Z","labels":{"a":"b"},"annotations":{}},"rules":[{"apiGroups":["",""],"resources":["pods"],"verbs":["get"],"resourceNames":["x"]}]}`, true},
		{"cluster role", "ClusterRole", " {\n\t\"rules\" : [ { \"nonResourceURLs\" : [ \"/x\" , \"/y\" ] , \"verbs\" : [ ] } , { } ] ,\r\n \"metadata\" : { } } ", true},
		{"role binding", "RoleBinding", `{"metadata":{"name":"b"},"subjects":[{"kind":"User","apiGroup":"g","name":"u"},{"kind":"ServiceAccount","name":"s","namespace":"n"}],"roleRef":{"apiGroup":"g","kind":"Role","name":"r"}}`, true},
		{"cluster role binding", "ClusterRoleBinding", `{"subjects":[],"roleRef":{}}`, true},
		{"empty", "Role", `{}`, true},
		{"time with a zone", "Role", `{"metadata":{"creationTimestamp":"2026-01-02T03:04:05.678+02:00"}}`, true},
		{"six verbs", "Role", `{"rules":[{"verbs":["a","b","c","d","e","f"]}]}`, true},
		{"no time", "Role", `{"metadata":{"creationTimestamp":null}}`, false},
		{"bad time", "Role", `{"metadata":{"creationTimestamp":"yesterday"}}`, false},
		{"managed fields", "Role", `{"metadata":{"managedFields":[]}}`, false},
		{"aggregation", "ClusterRole", `{"aggregationRule":{"clusterRoleSelectors":[]}}`, false},
		{"unknown field", "Role", `{"rule":[]}`, false},
		{"field of another case", "Role", `{"Rules":[]}`, false},
		{"field of another kind", "Role", `{"subjects":[]}`, false},
		{"unknown field in a rule", "Role", `{"rules":[{"apigroups":[]}]}`, false},
		{"unknown field in a subject", "RoleBinding", `{"subjects":[{"Name":"x"}]}`, false},
		{"unknown field in a reference", "RoleBinding", `{"roleRef":{"namespace":"x"}}`, false},
		{"field twice", "Role", `{"rules":[{"verbs":["a"]}],"rules":[]}`, false},
		{"field twice in a rule", "Role", `{"rules":[{"verbs":["a"],"verbs":[]}]}`, false},
		{"field twice in a reference", "RoleBinding", `{"roleRef":{"name":"a","name":"b"}}`, false},
		{"field twice in a subject", "RoleBinding", `{"subjects":[{"name":"a","name":"b"}]}`, false},
		{"metadata twice", "Role", `{"metadata":{"name":"a"},"metadata":{"namespace":"b"}}`, false},
		{"label twice", "Role", `{"metadata":{"labels":{"a":"b","a":"c"}}}`, false},
		{"null", "Role", `{"rules":null}`, false},
		{"null verb", "Role", `{"rules":[{"verbs":[null]}]}`, false},
		{"number", "Role", `{"metadata":{"name":1}}`, false},
		{"escape", "Role", `{"metadata":{"name":"\u0061"}}`, false},
		{"escaped quote", "Role", `{"metadata":{"name":"a\""}}`, false},
		{"not ASCII", "Role", `{"metadata":{"name":"ä"}}`, false},
		{"control character", "Role", "{\"metadata\":{\"name\":\"a\nb\"}}", false},
		{"trailing comma in an object", "Role", `{"rules":[],}`, false},
		{"trailing comma in an array", "Role", `{"rules":[{},]}`, false},
		{"leading comma", "Role", `{,"rules":[]}`, false},
		{"no comma", "Role", `{"rules":[{}{}]}`, false},
		{"no colon", "Role", `{"rules"[]}`, false},
		{"wrong bracket", "Role", `{"rules":[{}}`, false},
		{"end is missing", "Role", `{"rules":[`, false},
		{"end of a string is missing", "Role", `{"rules`, false},
		{"more behind it", "Role", `{} {}`, false},
		{"zero byte behind it", "Role", "{}\x00", false},
		{"nothing", "Role", ``, false},
		{"array", "Role", `[]`, false},
		{"other kind", "RoleList", `{}`, false},
	}
}

func TestPlainIsTheGeneralDecoder(t *testing.T) {
	for _, tt := range plainSeeds() {
		t.Run(tt.name, func(t *testing.T) {
			if plain := comparePlain(t, tt.kind, []byte(tt.text)); plain != tt.plain {
				t.Errorf("plain is %v, want %v", plain, tt.plain)
			}
		})
	}
}

// No field may come twice, whichever it is.
func TestPlainRefusesEveryRepetition(t *testing.T) {
	const str, strs = `"x"`, `["x"]`
	fields := []struct{ kind, around, field, value string }{
		{"Role", `{%s}`, "apiVersion", str},
		{"Role", `{%s}`, "kind", str},
		{"Role", `{%s}`, "metadata", `{}`},
		{"Role", `{%s}`, "rules", `[]`},
		{"RoleBinding", `{%s}`, "subjects", `[]`},
		{"RoleBinding", `{%s}`, "roleRef", `{}`},
		{"Role", `{"metadata":{%s}}`, "name", str},
		{"Role", `{"metadata":{%s}}`, "namespace", str},
		{"Role", `{"metadata":{%s}}`, "uid", str},
		{"Role", `{"metadata":{%s}}`, "resourceVersion", str},
		{"Role", `{"metadata":{%s}}`, "creationTimestamp", `"2026-01-02T03:04:05Z"`},
		{"Role", `{"metadata":{%s}}`, "labels", `{}`},
		{"Role", `{"metadata":{%s}}`, "annotations", `{}`},
		{"Role", `{"rules":[{%s}]}`, "verbs", strs},
		{"Role", `{"rules":[{%s}]}`, "apiGroups", strs},
		{"Role", `{"rules":[{%s}]}`, "resources", strs},
		{"Role", `{"rules":[{%s}]}`, "resourceNames", strs},
		{"Role", `{"rules":[{%s}]}`, "nonResourceURLs", strs},
		{"RoleBinding", `{"subjects":[{%s}]}`, "kind", str},
		{"RoleBinding", `{"subjects":[{%s}]}`, "apiGroup", str},
		{"RoleBinding", `{"subjects":[{%s}]}`, "name", str},
		{"RoleBinding", `{"subjects":[{%s}]}`, "namespace", str},
		{"RoleBinding", `{"roleRef":{%s}}`, "kind", str},
		{"RoleBinding", `{"roleRef":{%s}}`, "apiGroup", str},
		{"RoleBinding", `{"roleRef":{%s}}`, "name", str},
	}
	for _, f := range fields {
		once := fmt.Sprintf("%q:%s", f.field, f.value)
		for text, want := range map[string]bool{once: true, once + "," + once: false} {
			text = fmt.Sprintf(f.around, text)
			if got := comparePlain(t, f.kind, []byte(text)); got != want {
				t.Errorf("%s is plain: %v", text, got)
			}
		}
	}
}

// FuzzPlain compares the decoder for plain RBAC objects with the general one.
func FuzzPlain(f *testing.F) {
	for _, seed := range plainSeeds() {
		f.Add([]byte(seed.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, kind := range []string{"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"} {
			comparePlain(t, kind, text)
		}
	})
}

// comparePlain reports whether the text is plain; then both decoders must give
// the same object and find nothing wrong.
func comparePlain(t *testing.T, kind string, text []byte) bool {
	t.Helper()
	plain := decodePlain(rbacKind(kind), text)
	if plain == nil {
		return false
	}
	general, err := scheme.Scheme.New(rbacKind(kind))
	if err != nil {
		t.Fatal(err)
	}
	if strict, err := kjson.UnmarshalStrict(text, general); err != nil || len(strict) > 0 {
		t.Errorf("the general decoder finds %v, %v in %s", err, strict, text)
	}
	if !reflect.DeepEqual(general, any(plain)) {
		t.Errorf("%s:\ngeneral %#v\nplain   %#v", text, general, plain)
	}
	return true
}

package main

import "testing"

func TestCheckGlobals(t *testing.T) {
	const head = "a.go:2: globals: package variable "
	tests := []struct {
		name string
		code string // after "package a\n"
		want []string
	}{
		{name: "sentinel error", code: "var ErrX = errors.New(`x`)\nfunc f() error { return ErrX }", want: []string{}},
		{name: "compiled expression", code: "var re = regexp.MustCompile(`x`)", want: []string{}},
		{name: "interface assertion", code: "var _ fmt.Stringer = &T{}", want: []string{}},
		{name: "embedded file", code: "//go:embed a.txt\nvar a string", want: []string{}},
		{name: "read only table", code: "var table = []string{`a`}\nfunc f() string { return table[0] }", want: []string{}},
		{name: "group version", code: "var GroupVersion = schema.GroupVersion{Group: `g`}", want: []string{}},
		{name: "shadowed name", code: "var x = 1\nfunc f() { x := 2; x++; _ = x }", want: []string{}},
		{name: "field of the same name", code: "var x = 1\nfunc f(t T) { t.x = 2 }", want: []string{}},

		{name: "map literal", code: "var m = map[string]int{}", want: []string{head + "m: a map can change: use a switch, or return it from a function"}},
		{name: "map from make", code: "var m = make(map[string]int)", want: []string{head + "m: a map can change: use a switch, or return it from a function"}},
		{name: "map from a function", code: "var m = f()\nfunc f() map[string]int { return nil }", want: []string{head + "m: a map can change: use a switch, or return it from a function"}},
		{name: "map behind a type", code: "var m = set{}\ntype set map[string]bool", want: []string{head + "m: a map can change: use a switch, or return it from a function"}},
		{name: "channel", code: "var c = make(chan int)", want: []string{head + "c: a channel is state"}},
		{name: "lock", code: "var mu sync.Mutex", want: []string{head + "mu: a lock or a counter is state"}},
		{name: "counter", code: "var n atomic.Int64", want: []string{head + "n: a lock or a counter is state"}},
		{name: "pointer", code: "var p = &T{}", want: []string{head + "p: a pointer to something that can change: return it from a function"}},
		{name: "no value", code: "var n int", want: []string{head + "n: it has no value, so something assigns it later"}},
		{name: "exported slice", code: "var L = []int{1}", want: []string{head + "L: every importer can change an exported slice: return it from a function"}},
		{name: "in a group", code: "var (\nok = 1\nm = map[string]int{}\n)", want: []string{"a.go:4: globals: package variable m: a map can change: use a switch, or return it from a function"}},

		{name: "assigned", code: "var n = 1\nfunc f() { n = 2 }", want: []string{head + "n: the package changes it"}},
		{name: "counted", code: "var n = 1\nfunc f() { n++ }", want: []string{head + "n: the package changes it"}},
		{name: "element", code: "var l = []int{1}\nfunc f() { (l)[0] = 2 }", want: []string{head + "l: the package changes it"}},
		{name: "part of it", code: "var l = []int{1}\nfunc f() { copy(l[1:], l) }", want: []string{head + "l: the package changes it"}},
		{name: "field", code: "var s = struct{ n int }{}\nfunc f() { s.n = 2 }", want: []string{head + "s: the package changes it"}},
		{name: "through its address", code: "var n = 1\nfunc f() { g(&n) }", want: []string{head + "n: the package changes it"}},
		{name: "through a pointer", code: "var p = new(int)\nfunc f() { *p = 2 }", want: []string{head + "p: the package changes it"}},
		{name: "loop variable", code: "var n = 1\nfunc f() { for n = range 3 {} }", want: []string{head + "n: the package changes it"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			loaded := load(t, map[string]string{"a.go": "package a\n" + tt.code + "\n"})
			diff(t, tt.want, texts(checkGlobals(loaded)))
		})
	}
}

func TestCheckGlobalsAcrossFiles(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{
			name:  "changed in another file",
			files: map[string]string{"p/a.go": "package p\nvar n = 1\n", "p/b.go": "package p\nfunc f() { n = 2 }\n"},
			want:  []string{"p/a.go:2: globals: package variable n: the package changes it"},
		},
		{
			name:  "the same name in another package",
			files: map[string]string{"p/a.go": "package p\nvar n = 1\n", "q/b.go": "package q\nfunc f() { n = 2 }\n"},
			want:  []string{},
		},
		{
			name:  "tests may",
			files: map[string]string{"p/a_test.go": "package p\nvar n = map[string]int{}\n"},
			want:  []string{},
		},
		{
			name:  "the linker sets main's version",
			files: map[string]string{"cmd/x/main.go": "package main\nvar version, commit string\n"},
			want:  []string{},
		},
		{
			name:  "but nothing else",
			files: map[string]string{"cmd/x/main.go": "package main\nvar count int\n"},
			want:  []string{"cmd/x/main.go:2: globals: package variable count: it has no value, so something assigns it later"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, texts(checkGlobals(load(t, tt.files))))
		})
	}
}

func TestCheckInit(t *testing.T) {
	loaded := load(t, map[string]string{
		"a.go":            "package a\n\nfunc init() {}\n",
		"a_test.go":       "package a\n\nfunc init() {}\n",
		"b.go":            "package a\n\ntype T struct{}\n\nfunc (T) init() {}\n",
		"test/x/go.mod":   "module x\n",
		"test/x/main.go":  "package main\n\nfunc init() {}\n",
		"hack/tool/in.go": "package main\n\nfunc initialise() {}\n",
	})
	diff(t, []string{
		"a.go:3: globals: init function: do it where it is needed",
		"test/x/main.go:3: globals: init function: do it where it is needed",
	}, texts(checkInit(loaded)))
}

package main

import "testing"

// The words are joined from halves, so that the rule does not find this file.
func TestCheckWords(t *testing.T) {
	tests := []struct {
		name    string
		path    string
		content string
		want    []string
	}{
		{name: "working directory", path: "a.md", content: "x\nsee /wor" + "k/main\n", want: []string{`a.md:2: words: "/wor` + `k/" is a place on one machine or in one network`}},
		{name: "a build cache", path: "a.md", content: "/roo" + "t/go/pkg", want: []string{`a.md:1: words: "/roo` + `t/go" is a place on one machine or in one network`}},
		{name: "a container's home is not this machine", path: "a.yaml", content: "mountPath: /roo" + "t/.docker", want: []string{}},
		{name: "module mirror", path: "a.sh", content: "proxy.golan" + "g.org", want: []string{`a.sh:1: words: "proxy.golan` + `g.org" is a place on one machine or in one network`}},
		{name: "package registry", path: "a.sh", content: "registry.npmj" + "s.org", want: []string{`a.sh:1: words: "registry.npmj` + `s.org" is a place on one machine or in one network`}},
		{name: "fixtures too", path: "testdata/a", content: "/wor" + "k/", want: []string{`testdata/a:1: words: "/wor` + `k/" is a place on one machine or in one network`}},
		{name: "workload is a word", path: "a.md", content: "network/workload, /workers, rooted", want: []string{}},
		{name: "checksums are not prose", path: "go.sum", content: "/wor" + "k/", want: []string{}},
		{name: "binary files", path: "a.gz", content: "\x00/wor" + "k/", want: []string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, texts(checkWords(load(t, map[string]string{tt.path: tt.content}))))
		})
	}
}

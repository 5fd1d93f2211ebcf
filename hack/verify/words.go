package main

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
)

// forbiddenWords finds what ties the repository to one machine or one mirror.
// A clone has to build anywhere. The patterns are spelled so that they do not
// find themselves.
func forbiddenWords() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`/wor[k]/`),
		regexp.MustCompile(`/roo[t]/(go|\.cache|\.config)\b`),
		regexp.MustCompile(`(proxy|sum)\.golan[g]\.org|goprox[y]\.(io|cn)`),
		regexp.MustCompile(`registry\.npmj[s]\.org|\bpyp[i]\.org|\bcrate[s]\.io|deb\.debia[n]\.org`),
	}
}

// checkWords looks through every text file, documentation and fixtures too.
func checkWords(t *tree) []problem {
	var problems []problem
	words := forbiddenWords()
	for _, f := range t.files {
		if path.Base(f.path) == "go.sum" || bytes.IndexByte(f.data, 0) >= 0 {
			continue
		}
		for i, line := range bytes.Split(f.data, []byte("\n")) {
			for _, word := range words {
				if found := word.Find(line); found != nil {
					problems = append(problems, problem{
						path: f.path, line: i + 1, check: "words",
						text: fmt.Sprintf("%q is a place on one machine or in one network", found),
					})
				}
			}
		}
	}
	return problems
}

package observed

import (
	"bufio"
	"strings"
	"testing"
)

// What is too much is left out, and said; what is known already counts.
func TestManyFlows(t *testing.T) {
	p := newParser(Auto)
	p.most = 2
	p.read(&lines{in: bufio.NewReader(strings.NewReader("from,to,port\na,b,1\na,b,2\na,b,3\na,b,4\na,b,1\n"))})
	if len(p.log.Flows) != 2 || p.log.Troubles != 2 || p.log.Flows[0].Count != 2 || p.log.Records != 3 {
		t.Errorf("%+v", p.log)
	}
	if want := "there are more than 2 different flows: this one is left out"; p.log.Problems[0].Detail != want || p.log.Problems[0].Line != 4 {
		t.Errorf("%+v", p.log.Problems)
	}
}

package observed_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/observed"
)

func parse(t *testing.T, format observed.Format, text string) *observed.Log {
	t.Helper()
	log, err := observed.Parse(strings.NewReader(text), format)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func addr(text string) netip.Addr { return netip.MustParseAddr(text) }

func at(text string) observed.End { return observed.End{Address: addr(text)} }

func ref(text string) observed.End { return observed.End{Reference: text} }

// diff compares logs; what is left out of want is empty.
func diff(want, got *observed.Log) string {
	equal := cmp.Comparer(func(a, b netip.Addr) bool { return a == b })
	return cmp.Diff(want, got, equal, cmpopts.EquateEmpty())
}

func TestTables(t *testing.T) {
	web := observed.Flow{From: ref("shop/web"), To: ref("svc/api"), Protocol: corev1.ProtocolTCP, Port: 80, Count: 1, Line: 2}
	tests := []struct {
		name, text string
		want       observed.Log
	}{
		{"header and rows", "from,to,port,protocol,count\nshop/web,svc/api,80,TCP,1\n", observed.Log{Records: 1, Flows: []observed.Flow{web}}},
		{"TCP, and one, where nothing else is said", "from,to,port\nshop/web,svc/api,80\n", observed.Log{Records: 1, Flows: []observed.Flow{web}}},
		{"a protocol with the port", "from,to,port\nshop/web,svc/api,80/tcp", observed.Log{Records: 1, Flows: []observed.Flow{web}}},
		{"any order, spaces, quotes", "PORT, to ,from\n80,\"svc/api\", shop/web\n", observed.Log{
			Records: 1, Flows: []observed.Flow{web},
		}},
		{"counts add up", "from,to,port,count\nshop/web,svc/api,80,2\nshop/web,svc/api,80,3\n", observed.Log{
			Records: 2, Flows: []observed.Flow{{From: web.From, To: web.To, Protocol: "TCP", Port: 80, Count: 5, Line: 2}},
		}},
		{"counts do not overflow", "from,to,port,count\na,b,80,9223372036854775807\na,b,80,3\n", observed.Log{
			Records: 2, Flows: []observed.Flow{{From: ref("a"), To: ref("b"), Protocol: "TCP", Port: 80, Count: 9223372036854775807, Line: 2}},
		}},
		{"ICMP has no ports", "from,to,port,protocol\na,b,,icmp\na,b,icmp,\n", observed.Log{
			Records: 2, Flows: []observed.Flow{{From: ref("a"), To: ref("b"), Protocol: netpol.ProtocolICMP, Count: 2, Line: 2}},
		}},
		{"addresses are one however they are written", "from,to,port\n::ffff:10.0.0.1,2001:DB8::1,80\n10.0.0.1,2001:db8:0::1,80\n", observed.Log{
			Records: 2, Flows: []observed.Flow{{From: at("10.0.0.1"), To: at("2001:db8::1"), Protocol: "TCP", Port: 80, Count: 2, Line: 2}},
		}},
		{"comments and blank lines", "# flows\n\nfrom,to,port\n# one\nshop/web,svc/api,80\n", observed.Log{
			Records: 1, Flows: []observed.Flow{{From: web.From, To: web.To, Protocol: "TCP", Port: 80, Count: 1, Line: 5}},
		}},
		{"a column that means nothing here", "from,to,port,verdict\nshop/web,svc/api,80,denied\n", observed.Log{
			Records: 1, Flows: []observed.Flow{web}, Ignored: []string{"verdict"},
		}},
		{"faults", "from,to,port,protocol,count\n,b,80,,\na,,80,,\na,b,http,,\na,b,0,,\na,b,65536,,\na,b,80,gre,\na,b,80/udp,tcp,\na,b,80,,0\na,b,80,,x\na,b\n\"a,b,80,,\n", observed.Log{
			Troubles: 11, Problems: []observed.Problem{
				{2, "from or to is missing"},
				{3, "from or to is missing"},
				{4, `port: "http" is no port: it must be between 1 and 65535`},
				{5, `port: "0" is no port: it must be between 1 and 65535`},
				{6, `port: "65536" is no port: it must be between 1 and 65535`},
				{7, `protocol: "gre" is none of TCP, UDP, SCTP and ICMP`},
				{8, "port 80/udp is not of protocol tcp"},
				{9, `count: "0" is no number of connections`},
				{10, `count: "x" is no number of connections`},
				{11, "it has 2 fields, the header has 5"},
				{12, "it is no CSV: quotes enclose whole fields, and quotes within are doubled"},
			},
		}},
		{"JSONL", `{"from":"shop/web","to":"svc/api","port":80}` + "\n" + `{"from":"shop/web","to":"svc/api","port":"80","protocol":"tcp","count":2,"seen":"today"}`, observed.Log{
			Records: 2, Ignored: []string{"seen"}, Flows: []observed.Flow{{From: web.From, To: web.To, Protocol: "TCP", Port: 80, Count: 3, Line: 1}},
		}},
		{"faults of JSONL", `{"from":"a","port":80}` + "\n" + `{"from":1,"to":"b"}` + "\n" + `{"from":"a","to":"b","port":[80]}` + "\n" + `{"from":"a","to":"b","port":80`, observed.Log{
			Troubles: 4, Problems: []observed.Problem{
				{1, "from or to is missing"},
				{2, "field from is a number"},
				{3, "it is no JSON: [80] is neither a text nor a number"},
				{4, "it is no JSON: unexpected end of JSON input"},
			},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := diff(&tt.want, parse(t, observed.Auto, tt.text)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// Lines of different formats may be mixed, unless one is asked for.
func TestFormats(t *testing.T) {
	mixed := "from,to,port\n" +
		"a,b,80\n" +
		`{"from":"a","to":"b","port":80}` + "\n" +
		"tcp 6 9 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=40000 dport=80 src=10.0.0.2 dst=10.0.0.1 sport=80 dport=40000 [ASSURED]\n" +
		`{"flow":{"IP":{"source":"10.0.0.1","destination":"10.0.0.2"},"l4":{"TCP":{"source_port":40000,"destination_port":80}},"is_reply":false}}` + "\n"
	tests := map[observed.Format]struct{ records, troubles int }{
		observed.Auto: {4, 0}, observed.CSV: {1, 3}, observed.JSONL: {1, 4}, observed.Hubble: {1, 4}, observed.Conntrack: {1, 4},
	}
	for format, want := range tests {
		log := parse(t, format, mixed)
		if log.Records != want.records || log.Troubles != want.troubles {
			t.Errorf("%s: %d records and %d problems, want %+v: %v", format, log.Records, log.Troubles, want, log.Problems)
		}
	}
	if _, err := observed.Parse(strings.NewReader(""), "yaml"); err == nil {
		t.Error("there is a format yaml")
	}
	log := parse(t, observed.Auto, "apple pie\n")
	if log.Troubles != 1 || log.Records != 0 {
		t.Errorf("a line of no format: %+v", log)
	}
}

func TestEncodings(t *testing.T) {
	const text = "from,to,port\r\nshop/web,svc/ä😀,80\r\n"
	want := parse(t, observed.Auto, text)
	if len(want.Flows) != 1 {
		t.Fatalf("%+v", want)
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(w, text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	units := utf16.Encode([]rune("\uFEFF" + text))
	little, _ := binary.Append(nil, binary.LittleEndian, units)
	big, _ := binary.Append(nil, binary.BigEndian, units)
	for name, data := range map[string][]byte{
		"gzip": zipped.Bytes(), "UTF-16 of PowerShell": little, "UTF-16 of others": big, "UTF-8 with a mark": []byte("\uFEFF" + text),
	} {
		got, err := observed.Parse(iotest.OneByteReader(bytes.NewReader(data)), observed.Auto)
		if err != nil {
			t.Fatal(err)
		}
		if d := diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	cut := parse(t, observed.Auto, string(little[:len(little)-1]))
	if len(cut.Flows) != 1 || cut.Troubles != 1 {
		t.Errorf("half a character: %+v", cut)
	}
}

// What is damaged says so, and where; all before it counts.
func TestDamage(t *testing.T) {
	line := "from,to,port\n" + strings.Repeat("shop/web,svc/api,80\n", 20_000)
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(w, line)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	failing := io.MultiReader(strings.NewReader(line), iotest.ErrReader(errors.New("cable cut")))
	for name, in := range map[string]io.Reader{
		"gzip is cut":   bytes.NewReader(zipped.Bytes()[:zipped.Len()-4]),
		"reading fails": failing,
	} {
		log, err := observed.Parse(in, observed.Auto)
		if err != nil {
			t.Fatal(err)
		}
		if len(log.Flows) != 1 || log.Flows[0].Count != 20_000 || log.Troubles != 1 || !strings.HasPrefix(log.Problems[0].Detail, "the end is missing: ") {
			t.Errorf("%s: %d flows, %+v", name, len(log.Flows), log.Problems)
		}
	}
	log := parse(t, observed.Auto, "\x1f\x8bnonsense")
	if log.Troubles != 1 || !strings.Contains(log.Problems[0].Detail, "gzip") {
		t.Errorf("no gzip: %+v", log)
	}
}

func TestLongLines(t *testing.T) {
	const mib = 1 << 20
	long := strings.Repeat("x", 3*mib)
	log := parse(t, observed.Auto, "from,to,port\na,b,80\n"+long+"\na,b,80\n"+long)
	want := &observed.Log{
		Records: 2, Flows: []observed.Flow{{From: ref("a"), To: ref("b"), Protocol: "TCP", Port: 80, Count: 2, Line: 2}},
		Troubles: 2, Problems: []observed.Problem{{3, "the line is longer than 1024 KiB"}, {5, "the line is longer than 1024 KiB"}},
	}
	if d := diff(want, log); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	padded := parse(t, observed.Auto, "from,to,port\na,b,80"+strings.Repeat(" ", mib/2)+"\n")
	if len(padded.Flows) != 1 || padded.Troubles != 0 {
		t.Errorf("a line of several pages: %+v", padded)
	}
}

func TestManyProblems(t *testing.T) {
	log := parse(t, observed.Auto, strings.Repeat("\x00\n", 100))
	if log.Troubles != 100 || len(log.Problems) != observed.MaxProblems || log.Problems[0].Line != 1 {
		t.Errorf("%d problems, %d kept", log.Troubles, len(log.Problems))
	}
}

func TestPlaces(t *testing.T) {
	log := parse(t, observed.Auto, "from,to,port\n10.0.0.1,224.0.0.1,80\n10.0.0.1,255.255.255.255,80\n127.0.0.1,127.0.0.1,80\n10.0.0.1,ff02::1,80\n")
	want := []observed.Skipped{{Reason: observed.Multicast, Count: 3, Line: 2}, {Reason: observed.Loopback, Count: 1, Line: 4}}
	if d := cmp.Diff(want, log.Skipped); d != "" || len(log.Flows) > 0 || log.Records != 4 {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// jq prints one value over several lines, or an array.
func TestJSONOfSeveralLines(t *testing.T) {
	flow := "{\n  \"from\": \"a\",\n  \"to\": \"b\",\n  \"port\": 80\n}\n"
	one := observed.Flow{From: ref("a"), To: ref("b"), Protocol: "TCP", Port: 80, Count: 2, Line: 1}
	tests := []struct {
		name, text string
		want       observed.Log
	}{
		{"values", flow + flow, observed.Log{Records: 2, Flows: []observed.Flow{one}}},
		{"an array", "[" + strings.TrimSpace(flow) + ",\n" + flow + "]\n", observed.Log{Records: 2, Flows: []observed.Flow{one}}},
		{"an array in one line", strings.ReplaceAll("["+flow+","+flow+"]", "\n", ""), observed.Log{Records: 2, Flows: []observed.Flow{one}}},
		{"an empty array", "[]", observed.Log{}},
		{"a fault in the middle", flow + "{\n\"from\": \"a\"\n}\n" + flow, observed.Log{
			Records: 2, Flows: []observed.Flow{one}, Troubles: 1, Problems: []observed.Problem{{6, "from or to is missing"}},
		}},
		{"broken", flow + "{\n\"from\": x}\n" + flow, observed.Log{
			Records: 1, Flows: []observed.Flow{{From: one.From, To: one.To, Protocol: "TCP", Port: 80, Count: 1, Line: 1}},
			Troubles: 1, Problems: []observed.Problem{{6, "from here on nothing is read: it is no JSON: invalid character 'x' looking for beginning of value"}},
		}},
		{"cut", "[" + flow + "," + flow[:20], observed.Log{
			Records: 1, Flows: []observed.Flow{{From: one.From, To: one.To, Protocol: "TCP", Port: 80, Count: 1, Line: 1}},
			Troubles: 1, Problems: []observed.Problem{{6, "from here on nothing is read: it is no JSON: unexpected EOF"}},
		}},
		{"no end", "[" + flow + ",\n" + flow, observed.Log{
			Records: 2, Flows: []observed.Flow{one}, Troubles: 1, Problems: []observed.Problem{{11, "from here on nothing is read: the list is not closed"}},
		}},
		{"more than the array", "[" + flow + "," + flow + "]\nx", observed.Log{
			Records: 2, Flows: []observed.Flow{one}, Troubles: 1, Problems: []observed.Problem{{12, "from here on nothing is read: there is something after the records"}},
		}},
		{"no object", "[{},1]", observed.Log{Troubles: 2, Problems: []observed.Problem{
			{1, "it has neither flow, as Hubble writes it, nor from and to"}, {1, "it is no object of JSON"},
		}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := diff(&tt.want, parse(t, observed.Auto, tt.text)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	huge := parse(t, observed.Auto, "[{\"from\": \""+strings.Repeat("x", 64<<20)+"\"}]")
	if huge.Troubles != 1 || !strings.Contains(huge.Problems[0].Detail, "longer than 8192 KiB") {
		t.Errorf("a huge value: %+v", huge.Problems)
	}
}

package observed_test

import (
	"bytes"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/observed"
)

// FuzzParse holds that every record is a flow, is skipped or is a problem, and
// that the flows can be asked about.
func FuzzParse(f *testing.F) {
	for i, seed := range []string{
		"from,to,port,protocol,count\na,b,80,TCP,1\n\"a\",b,80,,\n", `{"from":"a","to":"b","port":80}`, "[{\"from\":\"a\",\"to\":\"b\",\"port\":80},\n{}]",
		"{\n\"from\":1}\n{", "tcp 6 9 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=40000 dport=80 src=10.0.0.2 dst=10.0.0.1 sport=80 dport=40000 [ASSURED]\n",
		hubble(`,"l4":{"TCP":{"source_port":40000,"destination_port":80}},"is_reply":false`), "\xff\xfef\x00", "\x1f\x8b", "\x00", "src=dst=", "dst=1 src=1",
	} {
		f.Add([]byte(seed), i)
	}
	f.Fuzz(func(t *testing.T, data []byte, format int) {
		formats := observed.Formats()
		log, err := observed.Parse(bytes.NewReader(data), formats[uint(format)%uint(len(formats))])
		if err != nil {
			t.Fatal(err)
		}
		records := 0
		for _, s := range log.Skipped {
			if s.Count < 1 || s.Line < 1 {
				t.Errorf("%+v", s)
			}
		}
		for _, flow := range log.Flows {
			records++
			if flow.Count < 1 || flow.Line < 1 || (flow.Port == 0) != (flow.Protocol == "ICMP") {
				t.Errorf("%+v", flow)
			}
			for _, e := range []observed.End{flow.From, flow.To} {
				if (e.Reference == "") == !e.Address.IsValid() {
					t.Errorf("neither or both of a reference and an address: %+v", e)
				}
			}
		}
		if log.Records < records || log.Troubles < len(log.Problems) {
			t.Errorf("%+v", log)
		}
		again, _ := observed.Parse(bytes.NewReader(data), formats[uint(format)%uint(len(formats))])
		if d := diff(log, again); d != "" {
			t.Errorf("not the same twice:\n%s", d)
		}
	})
}

// What reads many flows takes time in proportion.
func BenchmarkParse(b *testing.B) {
	for name, line := range map[string]string{
		"csv":       "shop/web,svc/api,80,TCP,1\n",
		"conntrack": "tcp 6 9 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=40000 dport=80 src=10.0.0.2 dst=10.0.0.1 sport=80 dport=40000 [ASSURED] mark=0 use=1\n",
		"hubble":    string(bytes.SplitAfter(golden(b, "hubble.jsonl"), []byte("\n"))[0]),
	} {
		b.Run(name, func(b *testing.B) {
			text := append([]byte("from,to,port,protocol,count\n"), bytes.Repeat([]byte(line), 100_000)...)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				log, err := observed.Parse(bytes.NewReader(text), observed.Auto)
				if err != nil || log.Records != 100_000 {
					b.Fatalf("%v %+v", err, log)
				}
			}
		})
	}
}

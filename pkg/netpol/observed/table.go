package observed

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// columns are those of CSV, and the fields of JSONL.
func columns() []string { return []string{"from", "to", "port", "protocol", "count"} }

// isHeader recognizes the first line of CSV.
func isHeader(text []byte) bool {
	names, err := cells(bytes.ToLower(text))
	return err == nil && slices.Contains(names, "from") && slices.Contains(names, "to")
}

// csv understands the header, then a row.
func (p *parser) csv(text []byte) error {
	if p.header == nil {
		if !isHeader(text) {
			return errors.New("a header is missing: from,to,port,protocol,count")
		}
		p.header, _ = cells(bytes.ToLower(text))
		p.ignore(p.header)
		return nil
	}
	row, err := cells(text)
	if err != nil {
		return err
	}
	if len(row) != len(p.header) {
		return fmt.Errorf("it has %d fields, the header has %d", len(row), len(p.header))
	}
	fields := make(map[string]string, len(row))
	for i, name := range p.header {
		fields[name] = row[i]
	}
	return p.row(fields)
}

// cells cuts a line of CSV.
func cells(text []byte) ([]string, error) {
	row := strings.Split(string(text), ",")
	if bytes.IndexByte(text, '"') >= 0 {
		r := csv.NewReader(bytes.NewReader(text))
		r.TrimLeadingSpace = true
		var err error
		if row, err = r.Read(); err != nil {
			return nil, errors.New("it is no CSV: quotes enclose whole fields, and quotes within are doubled")
		}
	}
	for i := range row {
		row[i] = strings.TrimSpace(row[i])
	}
	return row, nil
}

// row understands a flow in plain words.
func (p *parser) row(fields map[string]string) error {
	f := Flow{From: End{Reference: fields["from"]}, To: End{Reference: fields["to"]}, Count: 1}
	if f.From.Reference == "" || f.To.Reference == "" {
		return errors.New("from or to is missing")
	}
	if err := f.withPort(fields["port"], fields["protocol"]); err != nil {
		return err
	}
	if count := fields["count"]; count != "" {
		n, err := strconv.ParseInt(count, 10, 64)
		if err != nil || n < 1 {
			return fmt.Errorf("count: %q is no number of connections", count)
		}
		f.Count = n
	}
	f.From.readAddress()
	f.To.readAddress()
	p.add(f)
	return nil
}

// readAddress keeps an address as such: so it is the same flow however it is
// written.
func (e *End) readAddress() {
	if addr, err := address(e.Reference); err == nil {
		*e = End{Address: addr}
	}
}

// withPort reads NUMBER or NUMBER/PROTOCOL; without a protocol it is TCP.
func (f *Flow) withPort(number, protocol string) error {
	number, own, given := strings.Cut(number, "/")
	if given && protocol != "" && !strings.EqualFold(own, protocol) {
		return fmt.Errorf("port %s/%s is not of protocol %s", number, own, protocol)
	}
	if given {
		protocol = own
	}
	f.Protocol = corev1.Protocol(strings.ToUpper(protocol))
	switch {
	case f.Protocol == netpol.ProtocolICMP || protocol == "" && strings.EqualFold(number, string(netpol.ProtocolICMP)):
		f.Protocol = netpol.ProtocolICMP
		return nil
	case f.Protocol == "":
		f.Protocol = corev1.ProtocolTCP
	case !slices.Contains(netpol.Protocols(), f.Protocol):
		return fmt.Errorf("protocol: %q is none of TCP, UDP, SCTP and ICMP", protocol)
	}
	var err error
	if f.Port, err = port(number); err != nil {
		return fmt.Errorf("port: %w", err)
	}
	return nil
}

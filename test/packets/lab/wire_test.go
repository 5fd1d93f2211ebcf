package lab

import (
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPacket reads packets by the layout of RFC 9260.
func TestPacket(t *testing.T) {
	for name, wantLen := range map[string]int{"": 32, "x/a": 40, "node": 40, "node1": 44} {
		var content []byte
		if name != "" {
			content = []byte(name)
		}
		p := packet(20001, 80, 7, chunkInitAck, content)
		if len(p) != wantLen {
			t.Errorf("%q: %d bytes, want %d", name, len(p), wantLen)
		}
		if s, d, tag := binary.BigEndian.Uint16(p), binary.BigEndian.Uint16(p[2:]), binary.BigEndian.Uint32(p[4:]); s != 20001 || d != 80 || tag != 7 {
			t.Errorf("ports %d and %d, tag %d", s, d, tag)
		}
		sum := binary.LittleEndian.Uint32(p[8:])
		clear(p[8:12])
		if want := crc32.Checksum(p, crc32.MakeTable(crc32.Castagnoli)); sum != want {
			t.Errorf("checksum %x, want %x", sum, want)
		}
		if got := cookie(p[headerLen+initLen:]); got != name {
			t.Errorf("the name is %q, want %q", got, name)
		}
	}
}

func TestProhibited(t *testing.T) {
	four := append([]byte{3, 13, 0, 0, 0, 0, 0, 0}, make([]byte, 20)...)
	four[8], four[8+9] = 0x45, 132
	four = append(four, 0x4e, 0x21)
	options := append([]byte{3, 13, 0, 0, 0, 0, 0, 0}, make([]byte, 24)...)
	options[8], options[8+9] = 0x46, 6
	options = append(options, 0x4e, 0x22)
	six := append([]byte{1, 1, 0, 0, 0, 0, 0, 0}, make([]byte, 40)...)
	six[8+6] = 132
	six = append(six, 0x4e, 0x23)
	other := append([]byte(nil), four...)
	other[1] = 3 // port unreachable
	for _, tt := range []struct {
		name    string
		message []byte
		six     bool
		want    sent
		ok      bool
	}{
		{"IPv4", four, false, sent{132, 20001}, true},
		{"IPv4 with options", options, false, sent{6, 20002}, true},
		{"IPv6", six, true, sent{132, 20003}, true},
		{"another error", other, false, sent{}, false},
		{"IPv4 as IPv6", four, true, sent{}, false},
		{"cut", four[:len(four)-1], false, sent{}, false},
		{"empty", nil, false, sent{}, false},
	} {
		if got, ok := prohibited(tt.message, tt.six); ok != tt.ok || cmp.Diff(tt.want, got, cmp.AllowUnexported(sent{})) != "" {
			t.Errorf("%s: %+v %t", tt.name, got, ok)
		}
	}
}

// FuzzMessages: packets are what comes from a network.
func FuzzMessages(f *testing.F) {
	f.Add([]byte{3, 13, 0, 0, 0, 0, 0, 0, 0x4f}, false)
	f.Add([]byte{0, 7, 0, 9, 'x'}, true)
	f.Fuzz(func(_ *testing.T, message []byte, six bool) {
		prohibited(message, six)
		cookie(message)
	})
}

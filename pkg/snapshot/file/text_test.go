package file

import (
	"encoding/base64"
	"encoding/pem"
	"reflect"
	"testing"
)

func TestOriginOf(t *testing.T) {
	for text, want := range map[string]string{
		"https://hooks.example.org/services/T0/B0/x?token=y#z": "https://hooks.example.org",
		"https://user:pass@hooks.example.org:8443/":            "https://hooks.example.org:8443",
		"https://[2001:db8::1]:8443/x":                         "https://[2001:db8::1]:8443",
		"ssh://git@example.org/x":                              "ssh://example.org",
		"git@example.org:team/x.git":                           "",
		"/path":                                                "",
		"token":                                                "",
		"https:token":                                          "",
		"https://%zz":                                          "",
		"":                                                     "",
	} {
		if got := string(originOf([]byte(text))); got != want {
			t.Errorf("originOf(%q) = %q, want %q", text, got, want)
		}
	}
}

// Certificates expire and name hosts; a key that somebody put beside them by
// mistake must not be published with them.
func TestCertificatesOf(t *testing.T) {
	block := func(kind string, headers map[string]string) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Headers: headers, Bytes: []byte(kind)}))
	}
	certificate := block("CERTIFICATE", nil)
	bundle := "# free text\n" + block("PRIVATE KEY", nil) + certificate + block("CERTIFICATE", map[string]string{"password": "x"}) + "free"
	if got := string(certificatesOf([]byte(bundle))); got != certificate+certificate {
		t.Errorf("kept:\n%s", got)
	}
	encode := base64.StdEncoding.EncodeToString
	tests := []struct {
		name     string
		in, want any
		mode     mode
	}{
		{"bytes", []byte(bundle), []byte(certificate + certificate), keepCerts},
		{"base64 in a custom resource", encode([]byte(bundle)), encode([]byte(certificate + certificate)), keepCerts},
		{"PEM in a custom resource", bundle, certificate + certificate, keepCerts},
		{"something else in base64", encode([]byte("free")), "", keepCerts},
		{"a list of URLs", []string{"https://a/b", "x"}, []string{"https://a", ""}, keepURL},
		{"a DNS name", "db.example.org.", "db.example.org.", keepHost},
		{"an address with a password", "u:pw@db.example.org", "", keepHost},
		{"an object instead of a text", map[string]any{"a": "b"}, map[string]any{}, keepURL},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := applied(&shape{mode: tt.mode}, reflect.ValueOf(tt.in)).Interface()
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("kept %q, want %q", got, tt.want)
			}
		})
	}
}

package file

import (
	"encoding/base64"
	"encoding/pem"
	"net/url"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// texts returns the modes that keep a part of a text.
func texts() map[mode]func([]byte) []byte {
	return map[mode]func([]byte) []byte{keepURL: originOf, keepHost: hostOf, keepCerts: certificatesOf}
}

// applyText replaces a string or bytes by the part of it that is kept.
// Anything else is emptied.
func applyText(v reflect.Value, part func([]byte) []byte) {
	switch {
	case v.Kind() == reflect.String:
		text := []byte(v.String())
		// Within custom resources bytes are base64.
		if decoded, err := base64.StdEncoding.DecodeString(v.String()); err == nil && len(part(decoded)) > 0 {
			v.SetString(base64.StdEncoding.EncodeToString(part(decoded)))
			return
		}
		v.SetString(string(part(text)))
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		v.SetBytes(part(v.Bytes()))
	default:
		empty(v)
	}
}

// originOf returns scheme, host and port of a URL. User, path and query can
// carry credentials; what is no URL is left out.
func originOf(text []byte) []byte {
	u, err := url.Parse(string(text))
	if err != nil || u.Host == "" {
		return nil
	}
	return []byte((&url.URL{Scheme: u.Scheme, Host: u.Host}).String())
}

// hostOf returns a text that is a DNS name. Others can be addresses with a
// password: API servers refuse them, files need not.
func hostOf(text []byte) []byte {
	if len(validation.IsDNS1123Subdomain(strings.ToLower(strings.TrimSuffix(string(text), ".")))) > 0 {
		return nil
	}
	return text
}

// certificatesOf returns the certificates of a PEM bundle: what expires and
// names hosts. Keys, headers and comments are left out.
func certificatesOf(text []byte) []byte {
	var kept []byte
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return kept
		}
		if block.Type == "CERTIFICATE" {
			kept = append(kept, pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes})...)
		}
	}
}

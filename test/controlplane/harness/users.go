package harness

import (
	"crypto/rand"
	"encoding/csv"
	"fmt"
	"os"
	"strings"
)

// credential is a user with the token that proves them.
type credential struct {
	User
	token string
}

// newCredentials gives Admin and every user a token of their own.
func newCredentials(users []User) (map[string]credential, error) {
	all := append([]User{{Name: Admin, Groups: []string{"system:masters"}}}, users...)
	out := make(map[string]credential, len(all))
	for _, u := range all {
		if u.Name == "" {
			return nil, fmt.Errorf("user without a name, groups %q", u.Groups)
		}
		if _, ok := out[u.Name]; ok {
			return nil, fmt.Errorf("user %q is given twice", u.Name)
		}
		out[u.Name] = credential{User: u, token: rand.Text()}
	}
	return out, nil
}

// writeTokens writes the file of --token-auth-file: token, name, uid and the
// groups, which are themselves separated by commas.
func writeTokens(file string, credentials map[string]credential) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write the token file: %w", err)
	}
	defer f.Close()
	w := csv.NewWriter(f)
	for _, c := range credentials {
		record := []string{c.token, c.Name, "uid-of-" + c.Name, strings.Join(c.Groups, ",")}
		if err := w.Write(record); err != nil {
			return fmt.Errorf("write the token of user %q: %w", c.Name, err)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return fmt.Errorf("write the token file: %w", err)
	}
	return f.Close()
}

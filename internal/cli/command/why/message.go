package why

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// maxInput bounds what is read from standard input: the parser looks at less.
const maxInput = 64 << 20

// message returns the text of an error that was given instead of a question:
// as arguments, or on standard input.
func (f *Flags) message(args []string) (text string, given bool, err error) {
	switch {
	case len(args) == 1 && args[0] == "-", len(args) == 0 && !f.env.Terminal.In:
		if slices.Contains(slices.Concat(f.source.Filenames, f.source.With), "-") {
			return "", false, fault.Usage("standard input can be read once: it cannot hold both the message and the objects")
		}
		data, err := io.ReadAll(io.LimitReader(f.env.In, maxInput))
		if err != nil {
			return "", false, fmt.Errorf("read the message from standard input: %w", err)
		}
		if len(strings.TrimSpace(string(data))) == 0 {
			return "", false, f.usage()
		}
		return string(data), true, nil
	case len(args) == 0:
		return "", false, f.usage()
	}
	text = joinWords(args)
	return text, rbac.LooksForbidden(text), nil
}

// joinWords puts a message together that a shell took apart. It took the
// quotes too, and an empty value (the core group) is only an empty word now.
func joinWords(args []string) string {
	words := make([]string, 0, len(args))
	for _, arg := range args {
		if arg == "" {
			arg = `""`
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}

// parseMessage finds what a message says was refused.
func (f *Flags) parseMessage(o *Options, fs *pflag.FlagSet, text string) error {
	for _, name := range []string{"subresource", "apply", "all-namespaces"} {
		if fs.Changed(name) {
			return fault.Usage("--%s goes with a question: the message itself says what was refused", name)
		}
	}
	denials, err := rbac.ParseForbidden(text)
	if errors.Is(err, rbac.ErrNoDenial) {
		err = fault.WithHelp(err,
			`such a message reads: pods is forbidden: User "NAME" cannot list resource "pods" in API group "" in the namespace "NS"`,
			fmt.Sprintf("or ask yourself: %s why SUBJECT VERB TYPE", f.env.Name))
		if strings.Contains(text, "Unauthorized") || strings.Contains(text, "must be logged in") {
			err = fault.WithHelp(errors.New("the message says Unauthorized: the API server does not know who is asking, so permissions do not matter yet"),
				"renew the token or certificate; check with: kubectl auth whoami")
		}
	}
	o.denials = denials
	return err
}

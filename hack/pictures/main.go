// Command pictures draws what commands print on a terminal, for the
// documentation: the program itself answers about the demonstration cluster,
// and freeze (tools/pictures) makes an SVG of its colours. Run it from the root
// of the repository.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
)

// width is that of the terminal in cells.
const width = 130

// picture is a file of docs/pictures and the command that it shows.
type picture struct{ name, command string }

func pictures() []picture {
	return []picture{
		{"flow", "netpol-sim deploy/cart svc/checkout -n shop --demo"},
		{"matrix", "netpol-sim matrix --demo"},
		{"diff", "netpol-sim diff --demo --with docs/examples/change.yaml"},
	}
}

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("pictures", flag.ContinueOnError)
	dir := flags.String("dir", "docs/pictures", "where the pictures are")
	check := flags.Bool("check", false, "write nothing; fail when a picture is stale")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for _, p := range pictures() {
		screen, err := p.screen() //nolint:contextcheck // the program makes its own, as of signals
		if err != nil {
			return err
		}
		drawn, err := draw(ctx, screen)
		if err != nil {
			return err
		}
		file := filepath.Join(*dir, p.name+".svg")
		if !*check {
			if err := os.WriteFile(file, drawn, 0o644); err != nil {
				return err
			}
			continue
		}
		there, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if !bytes.Equal(there, drawn) {
			return fmt.Errorf("%s is stale: run make generate", file)
		}
	}
	return nil
}

// screen is what a terminal gets when the command is typed.
func (p picture) screen() ([]byte, error) {
	var out, errOut bytes.Buffer
	fmt.Fprintf(&out, "\x1b[2m$\x1b[0m kubectl secure %s\n\n", p.command)
	code := cli.Main("kubectl-secure", &env.Env{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &out, ErrOut: &errOut},
		Args:      append(strings.Fields(p.command), "--color=always"),
		Getenv:    func(string) string { return "" },
		Now:       time.Now,
		Terminal:  env.Terminal{Out: true, Width: width, GOOS: "linux"},
	})
	if code != 0 {
		return nil, fmt.Errorf("%s: exit code %d: %s", p.command, code, errOut.String())
	}
	return out.Bytes(), nil
}

// draw makes an SVG of a screen. Fonts are the reader's: one in the file would
// be a hundred times as large as the picture.
func draw(ctx context.Context, screen []byte) ([]byte, error) {
	temporary, err := os.MkdirTemp("", "pictures")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temporary)
	from, to := filepath.Join(temporary, "screen.ansi"), filepath.Join(temporary, "screen.svg")
	if err := os.WriteFile(from, screen, 0o600); err != nil {
		return nil, err
	}
	freeze := exec.CommandContext(ctx, "go", "tool", "-modfile=tools/pictures/go.mod", "freeze", from, "--output", to,
		"--language", "ansi", "--font.family", "monospace", "--font.size", "13", "--padding", "16")
	if output, err := freeze.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("freeze: %w: %s", err, output)
	}
	return os.ReadFile(to)
}

// Command gendocs writes the pages about commands and exit codes: from the
// commands themselves and the constants, so that they cannot disagree. Run it
// from the root of the repository.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-secure/kubectl-secure/internal/cli"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gendocs:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("gendocs", flag.ContinueOnError)
	dir := flags.String("docs", "docs", "directory of the documentation")
	source := flags.String("fault", "internal/cli/fault/fault.go", "file with the exit codes")
	check := flags.Bool("check", false, "write nothing; fail when a page is stale")
	if err := flags.Parse(args); err != nil {
		return err
	}
	pages, err := generate(*source)
	if err != nil {
		return err
	}
	if *check {
		return pages.check(*dir, out)
	}
	return pages.write(*dir)
}

// generate makes all pages. The home directory is the reader's.
func generate(faultSource string) (tree, error) {
	if err := errors.Join(os.Setenv("HOME", "$HOME"), os.Unsetenv("KUBECACHEDIR")); err != nil {
		return nil, err
	}
	root := cli.NewRoot(&env.Env{
		IOStreams: genericiooptions.NewTestIOStreamsDiscard(),
		Name:      "kubectl secure",
		Getenv:    func(string) string { return "" },
	})
	root.InitDefaultHelpCmd()
	pages := commandPages(root)
	codes, err := exitCodesPage(faultSource)
	if err != nil {
		return nil, err
	}
	pages["exit-codes.md"] = codes
	return pages, nil
}

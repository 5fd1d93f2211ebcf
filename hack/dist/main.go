// Command dist makes the archives of a release and the krew manifest that
// names them. The same commit and the same Go give the same bytes, so anybody
// can check a release by building it again.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case err == nil:
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	default:
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	flags := flag.NewFlagSet("dist", flag.ContinueOnError)
	flags.SetOutput(errOut)
	root := flags.String("root", ".", "the repository")
	dir := flags.String("out", "dist", "where the archives and the manifest are written")
	version := flags.String("version", "", "semantic version with a leading v (default: from git)")
	uriBase := flags.String("uri-base", "", "where the archives will be found (default: the project's releases)")
	publish := flags.Bool("publish", false, "also replace krew-manifest.yaml and plugins/secure.yaml; needs all platforms")
	var targets []target
	flags.Func("platform", "OS/ARCH to build, repeatable (default: all six)", func(s string) error {
		t, err := parseTarget(s)
		targets = append(targets, t)
		return err
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *publish && len(targets) > 0 {
		return errors.New("publish the manifest: -platform and -publish exclude each other, a release has all platforms")
	}
	if len(targets) == 0 {
		targets = allTargets()
	}
	rel, err := describe(ctx, *root, *version)
	if err != nil {
		return err
	}
	if *uriBase == "" {
		*uriBase = homepage + "/releases/download/" + rel.version
	}
	manifest, err := makeDist(ctx, distConfig{
		root: *root, out: *dir, uriBase: strings.TrimSuffix(*uriBase, "/"),
		release: rel, targets: targets, build: goBuild, log: out,
	})
	if err != nil || !*publish {
		return err
	}
	for _, name := range []string{"krew-manifest.yaml", filepath.Join("plugins", "secure.yaml")} {
		if err := os.WriteFile(filepath.Join(*root, name), manifest, 0o644); err != nil {
			return fmt.Errorf("publish the manifest: %w", err)
		}
	}
	return nil
}

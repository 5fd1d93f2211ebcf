package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// steps is the life of a plugin: built, validated, installed, run, completed,
// found in an index of our own, removed.
func (l *lane) steps() []step {
	return []step{
		{"build the archive and its manifest", l.buildArchive},
		{"build krew, its validator and kubectl", l.buildTools},
		{"krew's validator accepts the manifest", l.validate},
		{"krew's validator installs it from its address", l.validateInstall},
		{"krew installs the archive", l.install},
		{"the licence is installed", l.licence},
		{"the link of krew runs", l.runLink},
		{"kubectl lists the plugin", l.listPlugins},
		{"kubectl runs the plugin", l.runPlugin},
		{"help is in kubectl's words", l.help},
		{"an exit code passes through kubectl", l.exitCode},
		{"a link named kubectl_complete-secure completes", l.completeLink},
		{"completion kubectl --install completes in kubectl", l.completeKubectl},
		{"krew installs from this repository as an index", l.ownIndex},
		{"krew removes the plugin", l.uninstall},
		{"the published manifests are valid", l.published},
	}
}

func (l *lane) buildArchive(ctx context.Context) error {
	out, err := l.run(ctx, l.root, os.Environ(), "go", "run", "./hack/dist", "-platform", runtime.GOOS+"/"+runtime.GOARCH,
		"-version", version, "-out", l.path("dist"), "-uri-base", l.uri())
	if err := expect(out, err, runtime.GOOS+"/"+runtime.GOARCH); err != nil {
		return err
	}
	// krew names a plugin by the file name of its manifest.
	return copyFile(l.path("dist", "krew-manifest.yaml"), l.path("secure.yaml"))
}

func (l *lane) buildTools(ctx context.Context) error {
	for name, pkg := range map[string]string{
		"kubectl-krew":           "sigs.k8s.io/krew/cmd/krew",
		"validate-krew-manifest": "sigs.k8s.io/krew/cmd/validate-krew-manifest",
	} {
		if _, err := l.run(ctx, l.root, os.Environ(), "go", "build", "-buildvcs=false", "-modfile=tools/go.mod", "-o", l.path("bin", name), pkg); err != nil {
			return err
		}
	}
	_, err := l.run(ctx, filepath.Join(l.root, "tools", "kubectl"), os.Environ(), "go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", l.path("bin", "kubectl"), ".")
	return err
}

func (l *lane) validate(ctx context.Context) error {
	_, err := l.tool(ctx, "validate-krew-manifest", "-skip-install", "-manifest", l.path("secure.yaml"))
	return err
}

func (l *lane) validateInstall(ctx context.Context) error {
	_, err := l.tool(ctx, "validate-krew-manifest", "-manifest", l.path("secure.yaml"))
	return err
}

func (l *lane) install(ctx context.Context) error {
	out, err := l.tool(ctx, "kubectl", "krew", "install", "--manifest="+l.path("secure.yaml"), "--archive="+l.path("dist", l.archive()))
	return expect(out, err, "Installed plugin: secure")
}

func (l *lane) licence(context.Context) error {
	want, err := os.ReadFile(filepath.Join(l.root, "LICENSE"))
	if err != nil {
		return fmt.Errorf("read our licence: %w", err)
	}
	got, err := os.ReadFile(l.path("krew", "store", "secure", version, "LICENSE"))
	if err != nil {
		return fmt.Errorf("read the installed licence: %w", err)
	}
	if string(got) != string(want) {
		return errors.New("the installed licence is another one")
	}
	return nil
}

func (l *lane) runLink(ctx context.Context) error {
	out, err := l.run(ctx, l.tmp, l.env(), l.path("krew", "bin", "kubectl-secure"), "version")
	return expect(out, err, version)
}

func (l *lane) listPlugins(ctx context.Context) error {
	out, err := l.tool(ctx, "kubectl", "plugin", "list")
	return expect(out, err, l.path("krew", "bin", "kubectl-secure"))
}

func (l *lane) runPlugin(ctx context.Context) error {
	out, err := l.tool(ctx, "kubectl", "secure", "version")
	if err := expect(out, err, version); err != nil {
		return err
	}
	out, err = l.tool(ctx, "kubectl", "secure", "who-can", "get", "secrets", "--demo")
	return expect(out, err, "SUBJECT")
}

func (l *lane) help(ctx context.Context) error {
	out, err := l.tool(ctx, "kubectl", "secure", "who-can", "--help")
	return expect(out, err, "  kubectl secure who-can ")
}

// exitCode: on these systems kubectl becomes the plugin, so 2 stays 2.
func (l *lane) exitCode(ctx context.Context) error {
	out, err := l.tool(ctx, "kubectl", "secure", "no-such-command")
	var exit interface{ ExitCode() int }
	if !errors.As(err, &exit) || exit.ExitCode() != 2 {
		return fmt.Errorf("an unknown command gives %w, not exit code 2\n%s", err, out)
	}
	return expect(out, nil, "error: ")
}

func (l *lane) completeLink(ctx context.Context) error {
	link := l.path("bin", "kubectl_complete-secure")
	if err := os.Symlink(l.path("krew", "bin", "kubectl-secure"), link); err != nil {
		return fmt.Errorf("link the completion: %w", err)
	}
	out, err := l.tool(ctx, "kubectl", "__complete", "secure", "who-")
	return errors.Join(expectLines(out, err, "who-can"), os.Remove(link))
}

func (l *lane) completeKubectl(ctx context.Context) error {
	if _, err := l.tool(ctx, "kubectl", "secure", "completion", "kubectl", "--install"); err != nil {
		return err
	}
	shim := l.path("krew", "bin", "kubectl_complete-secure")
	if _, err := os.Stat(shim); err != nil {
		return fmt.Errorf("find the completion beside krew's link: %w", err)
	}
	out, err := l.tool(ctx, "kubectl", "__complete", "secure", "who-")
	// A program in krew's bin without any receipt looks like an ancient krew
	// to krew, and nothing works. (Users have the receipt of krew itself.)
	return errors.Join(expectLines(out, err, "who-can"), os.Remove(shim))
}

// ownIndex does what the README tells users: this repository is an index of
// krew, because it has plugins/secure.yaml.
func (l *lane) ownIndex(ctx context.Context) error {
	if err := copyFile(l.path("secure.yaml"), l.path("index", "plugins", "secure.yaml")); err != nil {
		return err
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "plugins"}, {"commit", "-q", "-m", "index"}} {
		if _, err := l.run(ctx, l.path("index"), l.env(), "git", args...); err != nil {
			return err
		}
	}
	if _, err := l.tool(ctx, "kubectl", "krew", "index", "add", "ours", l.path("index")); err != nil {
		return err
	}
	// What was installed from a file gives way to what the index has.
	if err := l.uninstall(ctx); err != nil {
		return err
	}
	if _, err := l.tool(ctx, "kubectl", "krew", "install", "ours/secure"); err != nil {
		return err
	}
	out, err := l.tool(ctx, "kubectl", "krew", "list")
	if err := expect(out, err, "ours/secure"); err != nil {
		return err
	}
	out, err = l.tool(ctx, "kubectl", "secure", "version")
	return expect(out, err, version)
}

func (l *lane) uninstall(ctx context.Context) error {
	if _, err := l.tool(ctx, "kubectl", "krew", "uninstall", "secure"); err != nil {
		return err
	}
	if _, err := os.Lstat(l.path("krew", "bin", "kubectl-secure")); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("krew's link is still there: %w", err)
	}
	return nil
}

// published looks at the committed manifests of the last release: the one for
// krew-index and its copy, through which this repository is an index itself.
func (l *lane) published(ctx context.Context) error {
	ours, err := os.ReadFile(filepath.Join(l.root, "krew-manifest.yaml"))
	if err != nil {
		return fmt.Errorf("read the published manifest: %w", err)
	}
	index := filepath.Join(l.root, "plugins", "secure.yaml")
	theirs, err := os.ReadFile(index)
	if err != nil {
		return fmt.Errorf("read the published manifest: %w", err)
	}
	if string(ours) != string(theirs) {
		return errors.New("krew-manifest.yaml and plugins/secure.yaml differ: publish them with make dist PUBLISH=1")
	}
	if n := strings.Count(string(ours), "sha256:"); n != 6 {
		return fmt.Errorf("krew-manifest.yaml has %d platforms, want six", n)
	}
	_, err = l.tool(ctx, "validate-krew-manifest", "-skip-install", "-manifest", index)
	return err
}

// tool runs a program that buildTools has built.
func (l *lane) tool(ctx context.Context, name string, args ...string) (string, error) {
	return l.run(ctx, l.tmp, l.env(), l.path("bin", name), args...)
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("copy %s: %w", filepath.Base(from), err)
	}
	if err := os.WriteFile(to, data, 0o644); err != nil {
		return fmt.Errorf("copy %s: %w", filepath.Base(from), err)
	}
	return nil
}

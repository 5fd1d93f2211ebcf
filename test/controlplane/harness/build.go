package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
	"k8s.io/apimachinery/pkg/util/version"
)

const (
	// modulePath is the module of this package.
	modulePath = "github.com/kubectl-secure/kubectl-secure/test/controlplane"

	// BinaryEnv names the environment variable that may point to a control
	// plane program built before; then nothing is built.
	BinaryEnv = "KUBECTL_SECURE_CONTROLPLANE"

	versionPackage = "k8s.io/component-base/version"
)

// Build builds the control plane program and returns its path below the
// user's cache directory. Go's build cache makes all builds but the first
// (about ten minutes on two cores) a matter of seconds. Test packages that
// run at the same time build once: the others wait.
func Build(ctx context.Context, logf func(format string, args ...any)) (string, error) {
	if binary := os.Getenv(BinaryEnv); binary != "" {
		if _, err := os.Stat(binary); err != nil {
			return "", fmt.Errorf("use the control plane of %s: %w", BinaryEnv, err)
		}
		return filepath.Abs(binary)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("build the control plane: %w", err)
	}
	dir := filepath.Join(cache, "kubectl-secure", "controlplane")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("build the control plane: %w", err)
	}
	unlock, err := lock(filepath.Join(dir, "lock"))
	if err != nil {
		return "", fmt.Errorf("build the control plane: %w", err)
	}
	defer unlock()
	// On one file system with the program, so that a new one replaces the old
	// one by a rename, also while that one runs. A build that was killed leaves
	// gigabytes behind: away with them, too.
	tmp := filepath.Join(dir, "tmp")
	if err := errors.Join(os.RemoveAll(tmp), os.MkdirAll(tmp, 0o755)); err != nil {
		return "", fmt.Errorf("build the control plane: %w", err)
	}
	defer os.RemoveAll(tmp)
	binary := filepath.Join(dir, "controlplane")
	if _, err := os.Stat(binary); err != nil && logf != nil {
		logf("building the control plane from source into %s: about ten minutes the first time", binary)
	}
	if err := build(ctx, tmp, binary); err != nil {
		return "", fmt.Errorf("build the control plane: %w", err)
	}
	return binary, nil
}

func build(ctx context.Context, tmp, binary string) error {
	outer, err := goCommand(ctx, tmp, "", "list", "-m", "-f", "{{.Dir}}", modulePath)
	if err != nil {
		return err
	}
	// The program is a module of its own: no dependency of the product or of
	// a test decides which versions the control plane is made of, and a new
	// one does not compile it anew.
	module := filepath.Join(outer, "cmd", "controlplane")
	release, err := goCommand(ctx, tmp, module, "list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes")
	if err != nil {
		return err
	}
	flags, err := linkerFlags(release)
	if err != nil {
		return err
	}
	// The revision of this repository must not count: it would link anew
	// after every commit.
	_, err = goCommand(ctx, tmp, module, "build", "-buildvcs=false", "-ldflags", flags, "-o", binary, ".")
	return err
}

// linkerFlags stamp the version of the release, which a module build does not
// have, as the release's own build does: clients read it from /version.
func linkerFlags(release string) (string, error) {
	v, err := version.ParseSemantic(release)
	if err != nil {
		return "", fmt.Errorf("read the version of k8s.io/kubernetes: %w", err)
	}
	set := func(name, value string) string { return " -X " + versionPackage + "." + name + "=" + value }
	return "-s -w" +
		set("gitVersion", release) +
		set("gitMajor", strconv.FormatUint(uint64(v.Major()), 10)) +
		set("gitMinor", strconv.FormatUint(uint64(v.Minor()), 10)), nil
}

// goCommand runs the go tool in a directory (empty: the current one), with its
// temporary files in tmp (empty: the usual place), and returns what it printed.
func goCommand(ctx context.Context, tmp, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOTMPDIR="+tmp)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return strings.TrimSpace(string(out)), nil
}

// lock waits until no other process holds the file. The kernel frees the lock
// of a process that dies.
func lock(file string) (unlock func(), err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock %s: %w", file, err)
	}
	return func() { _ = f.Close() }, nil
}

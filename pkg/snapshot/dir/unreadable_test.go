//go:build unix

package dir_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot/dir"
)

// nobody is a user without rights to the files of root.
const nobody = 65534

func TestLoadUnreadable(t *testing.T) {
	if os.Geteuid() == 0 {
		asNobody(t)
		return
	}
	write(t, map[string]string{"d/a.yaml": pod("a"), "d/secret.yaml": pod("b")})
	if err := os.Chmod("d/secret.yaml", 0); err != nil {
		t.Fatal(err)
	}
	if _, err := dir.Load(t.Context(), dir.Options{Paths: []string{"d/secret.yaml"}}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error %v", err)
	}
	if got := details(loadPaths(t, "d")); len(got) != 1 || got[0] != "/ d/secret.yaml: permission denied" {
		t.Errorf("gaps %q", got)
	}
}

// asNobody runs the calling test again without root's right to read
// everything: build machines are root, and the test must not be skipped there.
func asNobody(t *testing.T) {
	t.Helper()
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	place := t.TempDir()
	home := filepath.Join(place, "home")
	program := filepath.Join(place, "test")
	for _, err := range []error{
		os.Chmod(filepath.Dir(place), 0o755), // others must reach the program
		os.Mkdir(home, 0o700),
		os.Chown(home, nobody, nobody),
		os.WriteFile(program, self, 0o755),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir, cmd.Env = home, []string{"TMPDIR=" + home}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("as user %d: %v\n%s", nobody, err, out)
	}
}

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// world plays the programs that the lane runs: it makes the files that they
// would make and answers as they do. faults breaks it in one place.
type world struct {
	t      *testing.T
	lane   *lane
	faults map[string]string // start of a command line → its output instead
	fails  string            // start of the command line that fails
	ran    []string
}

type exitError int

func (e exitError) Error() string { return "exit" }
func (e exitError) ExitCode() int { return int(e) }

func (w *world) run(_ context.Context, _ string, _ []string, name string, args ...string) (string, error) {
	line := strings.Join(append([]string{filepath.Base(name)}, args...), " ")
	w.ran = append(w.ran, line)
	if w.fails != "" && strings.HasPrefix(line, w.fails) {
		return "", errors.New("broken")
	}
	for start, out := range w.faults {
		if strings.HasPrefix(line, start) {
			return out, nil
		}
	}
	link := w.lane.path("krew", "bin", "kubectl-secure")
	switch {
	case strings.HasPrefix(line, "go run ./hack/dist"):
		w.write(w.lane.path("dist", "krew-manifest.yaml"), "name: secure")
		return args[3] + " 29.0 MB", nil
	case strings.HasPrefix(line, "kubectl krew install --manifest"):
		w.write(w.lane.path("krew", "store", "secure", version, "LICENSE"), "licence")
		w.write(link, "binary")
		return "Installed plugin: secure", nil
	case strings.HasPrefix(line, "kubectl krew uninstall"):
		return "", os.RemoveAll(link)
	case strings.HasPrefix(line, "kubectl krew install ours/"):
		w.write(link, "binary")
	case line == "kubectl krew list":
		return "ours/secure", nil
	case line == "kubectl plugin list":
		return link, nil
	case strings.HasSuffix(line, "version"):
		return "kubectl-secure " + version, nil
	case strings.HasPrefix(line, "kubectl secure who-can --help"):
		return "Usage:\n  kubectl secure who-can VERB", nil
	case strings.HasPrefix(line, "kubectl secure who-can get"):
		return "SUBJECT", nil
	case strings.HasPrefix(line, "kubectl secure no-such"):
		return "error: unknown", exitError(2)
	case strings.HasPrefix(line, "kubectl secure completion"):
		w.write(w.lane.path("krew", "bin", "kubectl_complete-secure"), "shim")
	case strings.HasPrefix(line, "kubectl __complete"):
		return "who-can\tShow\n:4\n", nil
	}
	return "", nil
}

func (w *world) write(name, data string) {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// newWorld is a world in which every step passes.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t}
	root := t.TempDir()
	lane, err := newLane(t.Context(), root, t.TempDir(), w.run)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lane.stop)
	w.lane = lane
	w.write(filepath.Join(root, "LICENSE"), "licence")
	for _, name := range []string{"krew-manifest.yaml", "plugins/secure.yaml"} {
		w.write(filepath.Join(root, name), strings.Repeat("sha256: 00\n", 6))
	}
	return w
}

func (w *world) play() (string, error) {
	var out bytes.Buffer
	err := runSteps(context.Background(), w.lane.steps(), &out, io.Discard)
	return out.String(), err
}

func TestEveryStepPassesInAGoodWorld(t *testing.T) {
	w := newWorld(t)
	if out, err := w.play(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// A step that cannot fail proves nothing: each is seen to fail at its fault.
func TestEveryStepCanFail(t *testing.T) {
	tests := []struct {
		step  string
		fault func(*world)
	}{
		{"build the archive and its manifest", func(w *world) { w.fails = "go run ./hack/dist" }},
		{"build krew, its validator and kubectl", func(w *world) { w.fails = "go build" }},
		{"krew's validator accepts the manifest", func(w *world) { w.fails = "validate-krew-manifest -skip-install" }},
		{"krew's validator installs it from its address", func(w *world) { w.fails = "validate-krew-manifest -manifest" }},
		{"krew installs the archive", func(w *world) { w.faults = map[string]string{"kubectl krew install --manifest": "skipped"} }},
		{"the licence is installed", func(w *world) { w.write(filepath.Join(w.lane.root, "LICENSE"), "another") }},
		{"the link of krew runs", func(w *world) { w.faults = map[string]string{"kubectl-secure version": "v9"} }},
		{"kubectl lists the plugin", func(w *world) { w.faults = map[string]string{"kubectl plugin list": "none"} }},
		{"kubectl runs the plugin", func(w *world) { w.faults = map[string]string{"kubectl secure who-can get": ""} }},
		{"help is in kubectl's words", func(w *world) {
			w.faults = map[string]string{"kubectl secure who-can --help": "kubectl-secure who-can VERB"}
		}},
		{"an exit code passes through kubectl", func(w *world) { w.faults = map[string]string{"kubectl secure no-such": "error: "} }},
		{"a link named kubectl_complete-secure completes", func(w *world) { w.faults = map[string]string{"kubectl __complete": ":4"} }},
		{"completion kubectl --install completes in kubectl", func(w *world) { w.faults = map[string]string{"kubectl secure completion": ""} }},
		{"krew installs from this repository as an index", func(w *world) { w.faults = map[string]string{"kubectl krew list": "secure"} }},
		{"the published manifests are valid", func(w *world) {
			w.write(filepath.Join(w.lane.root, "plugins", "secure.yaml"), "sha256: other")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.step, func(t *testing.T) {
			w := newWorld(t)
			tt.fault(w)
			out, err := w.play()
			if err == nil || !strings.Contains(out, "FAIL  "+tt.step+" (") {
				t.Errorf("error = %v, want this step to fail:\n%s", err, out)
			}
		})
	}
}

func TestUninstallMustRemoveTheLink(t *testing.T) {
	w := newWorld(t)
	w.faults = map[string]string{"kubectl krew uninstall": ""}
	w.write(w.lane.path("krew", "bin", "kubectl-secure"), "binary")
	if err := w.lane.uninstall(context.Background()); err == nil || !strings.Contains(err.Error(), "still there") {
		t.Errorf("error = %v, want the link to be named", err)
	}
}

func TestPublishedWantsSixPlatforms(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"krew-manifest.yaml", "plugins/secure.yaml"} {
		w.write(filepath.Join(w.lane.root, name), "sha256: 00\n")
	}
	if err := w.lane.published(context.Background()); err == nil || !strings.Contains(err.Error(), "1 platforms") {
		t.Errorf("error = %v, want the number of platforms", err)
	}
}

// What krew sees is this lane's alone, and the archives are where uri says.
func TestLaneIsClosed(t *testing.T) {
	w := newWorld(t)
	env := strings.Join(w.lane.env(), "\n") + "\n"
	for _, want := range []string{
		"PATH=" + w.lane.path("krew", "bin") + ":" + w.lane.path("bin") + ":", "HOME=" + w.lane.path("home") + "\n",
		"KREW_ROOT=" + w.lane.path("krew") + "\n", "KUBECONFIG=" + w.lane.path("no-kubeconfig") + "\n",
	} {
		if !strings.Contains(env, want) {
			t.Errorf("the environment lacks %q:\n%s", want, env)
		}
	}
	w.write(w.lane.path("dist", w.lane.archive()), "archive")
	if !strings.HasPrefix(w.lane.uri(), "http://127.0.0.1:") {
		t.Errorf("served at %s, not on loopback", w.lane.uri())
	}
	resp, err := http.Get(w.lane.uri() + "/" + w.lane.archive())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if data, err := io.ReadAll(resp.Body); err != nil || string(data) != "archive" {
		t.Errorf("served %q, %v", data, err)
	}
}

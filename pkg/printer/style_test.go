package printer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-secure/kubectl-secure/pkg/printer"
)

func TestDetectStyleColor(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  map[string]string
		goos string
		pipe bool
		mode printer.ColorMode
		want bool
	}{
		{name: "terminal", want: true},
		{name: "pipe", pipe: true},
		{name: "never", mode: printer.ColorNever},
		{name: "never beats force", mode: printer.ColorNever, env: map[string]string{"FORCE_COLOR": "1"}},
		{name: "always in a pipe", mode: printer.ColorAlways, pipe: true, want: true},
		{name: "always beats NO_COLOR", mode: printer.ColorAlways, env: map[string]string{"NO_COLOR": "1"}, want: true},
		{name: "NO_COLOR", env: map[string]string{"NO_COLOR": "1"}},
		{name: "NO_COLOR beats force", env: map[string]string{"NO_COLOR": "1", "FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}},
		{name: "dumb terminal", env: map[string]string{"TERM": "dumb"}},
		{name: "xterm", env: map[string]string{"TERM": "xterm-256color"}, want: true},
		{name: "FORCE_COLOR", pipe: true, env: map[string]string{"FORCE_COLOR": "1"}, want: true},
		{name: "FORCE_COLOR=0", pipe: true, env: map[string]string{"FORCE_COLOR": "0"}},
		{name: "FORCE_COLOR=false", pipe: true, env: map[string]string{"FORCE_COLOR": "false"}},
		{name: "CLICOLOR_FORCE", pipe: true, env: map[string]string{"CLICOLOR_FORCE": "1"}, want: true},
		{name: "CLICOLOR_FORCE=0", pipe: true, env: map[string]string{"CLICOLOR_FORCE": "0"}},
		{name: "CLICOLOR=0", env: map[string]string{"CLICOLOR": "0"}},
		{name: "old Windows console", goos: "windows"},
		{name: "Windows Terminal", goos: "windows", env: map[string]string{"WT_SESSION": "1"}, want: true},
		{name: "Windows Terminal, pipe", goos: "windows", pipe: true, env: map[string]string{"WT_SESSION": "1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.mode == "" {
				tt.mode = printer.ColorAuto
			}
			if tt.goos == "" {
				tt.goos = "linux"
			}
			terminal := printer.Terminal{Getenv: lookup(tt.env), GOOS: tt.goos, IsTTY: !tt.pipe, Width: 80}
			if got := printer.DetectStyle(terminal, tt.mode, false).Color; got != tt.want {
				t.Errorf("Color = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestDetectStyleASCII(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  map[string]string
		flag bool
		want bool
	}{
		{name: "nothing set"},
		{name: "flag", flag: true, want: true},
		{name: "flag with UTF-8", flag: true, env: map[string]string{"LANG": "en_US.UTF-8"}, want: true},
		{name: "UTF-8", env: map[string]string{"LANG": "de_DE.UTF-8"}},
		{name: "utf8", env: map[string]string{"LANG": "C.utf8"}},
		{name: "UTF-8 with modifier", env: map[string]string{"LANG": "de_DE.UTF-8@euro"}},
		{name: "macOS", env: map[string]string{"LC_CTYPE": "UTF-8"}},
		{name: "C", env: map[string]string{"LANG": "C"}, want: true},
		{name: "Latin-1", env: map[string]string{"LANG": "de_DE.ISO-8859-1"}, want: true},
		{name: "LC_ALL beats LANG", env: map[string]string{"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, want: true},
		{name: "LC_ALL beats LC_CTYPE", env: map[string]string{"LC_ALL": "C.UTF-8", "LC_CTYPE": "C"}},
		{name: "LC_CTYPE beats LANG", env: map[string]string{"LC_CTYPE": "C", "LANG": "en_US.UTF-8"}, want: true},
		{name: "empty LC_ALL", env: map[string]string{"LC_ALL": "", "LANG": "en_US.UTF-8"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			terminal := printer.Terminal{Getenv: lookup(tt.env), GOOS: "linux", IsTTY: true}
			if got := printer.DetectStyle(terminal, printer.ColorAuto, tt.flag).ASCII; got != tt.want {
				t.Errorf("ASCII = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestDetectStyleWidth(t *testing.T) {
	for _, tt := range []struct {
		name     string
		terminal printer.Terminal
		want     int
	}{
		{"terminal", printer.Terminal{IsTTY: true, Width: 132}, 132},
		{"terminal of unknown width", printer.Terminal{IsTTY: true}, 0},
		{"nonsense width", printer.Terminal{IsTTY: true, Width: -5}, 0},
		{"pipe", printer.Terminal{Width: 132}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := printer.DetectStyle(tt.terminal, printer.ColorAuto, false).Width; got != tt.want {
				t.Errorf("Width = %d, want %d", got, tt.want)
			}
		})
	}
}

func TestParseColorMode(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want printer.ColorMode
	}{
		{"", printer.ColorAuto},
		{"auto", printer.ColorAuto},
		{"always", printer.ColorAlways},
		{"never", printer.ColorNever},
	} {
		got, err := printer.ParseColorMode(tt.in)
		if err != nil || got != tt.want {
			t.Errorf("ParseColorMode(%q) = %q, %v, want %q", tt.in, got, err, tt.want)
		}
	}
	_, err := printer.ParseColorMode("yes\x1b")
	want := `invalid colour mode "yes\x1b": use auto, always or never`
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func lookup(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

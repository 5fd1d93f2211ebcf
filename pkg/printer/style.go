package printer

import (
	"fmt"
	"strings"
)

// Style is everything that may differ between two renderings of the same data.
// The zero value suits a pipe: no colour, Unicode glyphs, nothing cut.
type Style struct {
	// Color allows ANSI colour sequences.
	Color bool
	// ASCII keeps every byte of the output below 0x80; other characters are
	// written as escapes such as \u00e9.
	ASCII bool
	// Width is the greatest line width in terminal cells; 0 or less means that
	// nothing is cut or wrapped (a pipe, a file). Below 10 it counts as 10.
	Width int
	// NoHeaders leaves out column headings and legends.
	NoHeaders bool
}

const minWidth = 10 // cells; in less than that no layout is of use

// normal is the style with its width in the range that the layouts can keep to.
func (s Style) normal() Style {
	if s.Width > 0 {
		s.Width = max(s.Width, minWidth)
	}
	return s
}

// ColorMode is the value of a --color flag.
type ColorMode string

// The colour modes.
const (
	ColorAuto   ColorMode = "auto"
	ColorAlways ColorMode = "always"
	ColorNever  ColorMode = "never"
)

// ParseColorMode checks a --color value; "" means auto.
func ParseColorMode(s string) (ColorMode, error) {
	switch mode := ColorMode(s); mode {
	case "":
		return ColorAuto, nil
	case ColorAuto, ColorAlways, ColorNever:
		return mode, nil
	}
	return "", fmt.Errorf("invalid colour mode %q: use auto, always or never", s)
}

// Terminal describes one output stream and the process around it. Colour is
// decided per stream: stdout may be a pipe while stderr is a terminal.
type Terminal struct {
	// Getenv returns an environment variable, "" when unset; nil means an empty environment.
	Getenv func(string) string
	// GOOS is the operating system, as runtime.GOOS.
	GOOS string
	// IsTTY says that the stream is a terminal.
	IsTTY bool
	// Width is the terminal's width in cells, 0 when unknown; ignored unless IsTTY.
	Width int
}

// DetectStyle decides colour, glyphs and width for a stream.
//
// With [ColorAuto] the order is: NO_COLOR (https://no-color.org) forbids; FORCE_COLOR
// and CLICOLOR_FORCE demand ("0" and "false" do not); then colour needs a terminal
// that is not TERM=dumb, CLICOLOR other than "0" and, on Windows, WT_SESSION, by which
// kubectl too recognises a console that understands colour.
//
// ASCII is chosen when asked for, and when the locale (the first of LC_ALL, LC_CTYPE
// and LANG that is set) has a character set other than UTF-8.
func DetectStyle(t Terminal, mode ColorMode, ascii bool) Style {
	if t.Getenv == nil {
		t.Getenv = func(string) string { return "" }
	}
	style := Style{
		Color: wantsColor(t, mode),
		ASCII: ascii || !localeIsUTF8(t.Getenv),
	}
	if t.IsTTY && t.Width > 0 {
		style.Width = t.Width
	}
	return style
}

func wantsColor(t Terminal, mode ColorMode) bool {
	switch mode {
	case ColorAlways:
		return true
	case ColorNever:
		return false
	case ColorAuto:
	}
	if t.Getenv("NO_COLOR") != "" {
		return false
	}
	for _, name := range []string{"FORCE_COLOR", "CLICOLOR_FORCE"} {
		if v := t.Getenv(name); v != "" && v != "0" && !strings.EqualFold(v, "false") {
			return true
		}
	}
	if t.GOOS == "windows" && t.Getenv("WT_SESSION") == "" {
		return false
	}
	return t.IsTTY && t.Getenv("TERM") != "dumb" && t.Getenv("CLICOLOR") != "0"
}

// localeIsUTF8 reports false only when a locale is set and is not UTF-8; with no
// locale at all (Windows, minimal containers) Unicode is the better guess. POSIX
// gives LC_ALL precedence over LC_CTYPE over LANG, empty values counting as unset.
func localeIsUTF8(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return true
}

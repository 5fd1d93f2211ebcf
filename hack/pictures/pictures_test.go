package main

import (
	"bytes"
	"testing"
)

func TestScreens(t *testing.T) {
	t.Chdir("../..") // commands name files from there
	for _, p := range pictures() {
		screen, err := p.screen()
		if err != nil {
			t.Errorf("%s: %v", p.name, err)
			continue
		}
		if !bytes.Contains(screen, []byte("\x1b[3")) || bytes.Count(screen, []byte("\n")) < 5 {
			t.Errorf("%s: no answer in colour:\n%s", p.name, screen)
		}
	}
}

func TestScreenOfAFailure(t *testing.T) {
	if screen, err := (picture{"x", "netpol-sim nosuch svc/checkout --demo"}).screen(); err == nil {
		t.Errorf("no error, but\n%s", screen)
	}
}

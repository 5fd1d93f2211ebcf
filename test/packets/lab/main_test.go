package lab

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	os.Exit(Main(m, func(ns *Namespace) error { return ns.Run("", "ip", "-batch", "-") }))
}

package lab

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestNothingIsLeft kills a process that has a namespace and a cable to it.
func TestNothingIsLeft(t *testing.T) {
	const helper = "PACKET_LAB_HELPER"
	if os.Getenv(helper) != "" {
		ns, err := NewNamespace()
		if err == nil {
			err = exec.Command("ip", "link", "add", "v0", "type", "veth", "peer", "name", "eth0", "netns", ns.Path()).Run()
		}
		fmt.Println("ready:", err)
		select {} // until it is killed
	}
	Need(t)
	outer, err := NewNamespace()
	if err != nil {
		t.Fatal(err)
	}
	defer outer.Close()
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestNothingIsLeft$")
	cmd.Env = append(os.Environ(), helper+"=yes")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := outer.Do(cmd.Start); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if line != "ready: <nil>\n" {
		t.Errorf("%q %v", line, err)
	}
	there := func() bool { return outer.Run("", "ip", "link", "show", "v0") == nil }
	if !there() {
		t.Error("there is no cable")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	for range 200 {
		if !there() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("the cable is still there")
}

func TestNamespaceIsItsOwn(t *testing.T) {
	Need(t)
	ns, err := NewNamespace()
	if err != nil {
		t.Fatal(err)
	}
	defer ns.Close()
	read := func() string {
		link, err := os.Readlink("/proc/thread-self/ns/net")
		if err != nil {
			t.Error(err)
		}
		return link
	}
	before, within := read(), ""
	if err := ns.Do(func() error { within = read(); return nil }); err != nil {
		t.Fatal(err)
	}
	if after := read(); before == within || after != before {
		t.Errorf("%s, then %s, then %s", before, within, after)
	}
	if err := ns.Run("", "ip", "no-such-command"); err == nil {
		t.Error("ip has no such command")
	}
	if err := ns.Run("", "no-such-program"); err == nil {
		t.Error("there is no such program")
	}
	if err := ns.Set("1", "net/no/such/setting"); err != nil {
		t.Errorf("a setting that only other kernels have: %v", err)
	}
	if err := ns.Set("words", "net/ipv4/ip_forward"); err == nil {
		t.Error("a setting takes anything")
	}
}

//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakMemory reads what the kernel has counted. Linux also counts the parent
// that the process was forked from, up to its exec: this program is small.
func peakMemory(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	peak := int64(usage.Maxrss) //nolint:unconvert // int32 or int64, as the system has it
	if runtime.GOOS != "darwin" {
		peak *= 1024 // kilobytes everywhere else
	}
	return peak
}

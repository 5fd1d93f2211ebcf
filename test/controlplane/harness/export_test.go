package harness

import "slices"

// Pids returns the process of each running program by its name.
func Pids(cp *ControlPlane) map[string]int {
	cp.mu.Lock()
	defer cp.mu.Unlock()
	out := map[string]int{}
	for _, p := range cp.processes {
		out[p.name] = p.cmd.Process.Pid
	}
	return out
}

// WaitEnded waits until a program has ended.
func WaitEnded(cp *ControlPlane, name string) {
	cp.mu.Lock()
	i := slices.IndexFunc(cp.processes, func(p *process) bool { return p.name == name })
	p := cp.processes[i]
	cp.mu.Unlock()
	<-p.done
}

//go:build unix && !linux

package process

import (
	"os"
	"os/exec"
	"syscall"
)

// DiesWithParent says that a child is killed when its parent dies, however it dies.
const DiesWithParent = false

func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

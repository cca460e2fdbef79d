package disk

import (
	"errors"

	"golang.org/x/sys/unix"
)

// processEnded says whether there is no process of a number any more.
func processEnded(pid int) bool { return errors.Is(unix.Kill(pid, 0), unix.ESRCH) }

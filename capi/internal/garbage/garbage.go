// Package garbage bounds how much garbage Go keeps. By default it lets garbage grow to the size of what is
// alive before it collects: with a gigabyte of stored pictures that is another gigabyte. They are no work to look
// at, since they hold no pointers, so here it collects after a fixed amount instead.
package garbage

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// headroom is how many bytes of garbage there may be, where the live memory is so large that this is less than all of it.
const headroom = 32 << 20

// leastPercent keeps collections apart where the live memory is huge; mostPercent is Go's default.
const (
	leastPercent = 3
	mostPercent  = 100
)

// sentinel is what nothing refers to: its finalizer runs after each collection. The pointer keeps it out of the allocator
// that puts small objects without pointers together.
type sentinel struct{ _ *sentinel }

// Bound adapts the collector's pace from now on, in the whole process; it leaves one alone that the user has set with the
// environment variable GOGC.
func Bound() {
	if os.Getenv("GOGC") != "" {
		return
	}
	rearm(&sentinel{})
}

func rearm(s *sentinel) {
	runtime.SetFinalizer(s, func(s *sentinel) {
		adapt()
		rearm(s)
	})
}

// pace is what was set last; only the goroutine of the finalizers uses it. Setting it stops the world, so it is not done in vain.
var pace = mostPercent

// adapt sets the pace for the next collection.
func adapt() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	if live[0].Value.Kind() != metrics.KindUint64 {
		return
	}
	if next := percent(live[0].Value.Uint64()); next != pace {
		pace = next
		debug.SetGCPercent(next)
	}
}

// percent is the garbage that there may be, relative to the live memory.
func percent(live uint64) int {
	if live <= headroom {
		return mostPercent
	}
	return max(leastPercent, int(headroom*100/live))
}

package garbage

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestPercent(t *testing.T) {
	for live, want := range map[uint64]int{
		0: 100, 1 << 20: 100, headroom: 100, 2 * headroom: 50, 1 << 30: 3, 1 << 40: leastPercent,
	} {
		assert.Equal(t, want, percent(live), live)
	}
}

// A heap that grows gets a slower pace, one that shrinks Go's own again.
func TestThePaceFollowsTheHeap(t *testing.T) {
	t.Setenv("GOGC", "")
	before := debug.SetGCPercent(mostPercent)
	defer debug.SetGCPercent(before)
	current := func() int {
		percent := debug.SetGCPercent(mostPercent)
		debug.SetGCPercent(percent)
		return percent
	}
	settles := func(want func(int) bool) func() bool {
		return func() bool { runtime.GC(); return want(current()) }
	}
	Bound()
	pictures := make([][]byte, 6)
	for i := range pictures {
		pictures[i] = make([]byte, headroom/2)
	}
	assert.Eventually(t, settles(func(p int) bool { return p < 40 }), 10*time.Second, 20*time.Millisecond)
	runtime.KeepAlive(pictures)
	pictures = nil
	assert.Eventually(t, settles(func(p int) bool { return p == mostPercent }), 10*time.Second, 20*time.Millisecond)
}

package onnx

import (
	"context"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/embedtest"
)

// residentBytes is the memory of this process that is in RAM; 0 where /proc does not tell.
func residentBytes(t testing.TB) int {
	t.Helper()
	debug.FreeOSMemory()
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, err := strconv.Atoi(strings.Fields(string(data))[1])
	require.NoError(t, err)
	return pages * os.Getpagesize()
}

func TestRunsLeaveNothingBehind(t *testing.T) {
	m := loadShared(t, embedtest.TinyCLIP(t))
	ctx, cancelled := context.Background(), cancelledContext()
	tensor := make([]float32, 4*m.preprocessing.TensorLen())
	texts := []string{"a", "a red circle", "a blue square in a black frame", "a"}
	rounds := func(n int) {
		for range n {
			_, err := m.texts(ctx, texts)
			require.NoError(t, err)
			_, err = m.images(ctx, tensor, 4)
			require.NoError(t, err)
			_, err = m.texts(cancelled, texts)
			require.Error(t, err)
			_, _, err = m.image.run(ctx, &values{}, 1, 64, alone) // no input: fails inside
			require.Error(t, err)
		}
	}
	rounds(30)
	before := residentBytes(t)
	rounds(200)
	grown := residentBytes(t) - before
	t.Logf("200 rounds grew the process by %d KiB", grown/1024)
	// One leaked picture a round would be 115 MiB.
	assert.Less(t, grown, 24<<20)
	assert.Zero(t, liveValues.Load())
}

func TestLoadsLeaveNothingBehind(t *testing.T) {
	require.Zero(t, models.count())
	round := func() {
		loaded, err := Load(context.Background(), embedtest.TinyCLIP(t), Options{Library: embedtest.Library(t)})
		require.NoError(t, err)
		require.NoError(t, loaded.Close())
	}
	for range 3 {
		round()
	}
	before := residentBytes(t)
	for range 10 {
		round()
	}
	grown := residentBytes(t) - before
	t.Logf("10 loads grew the process by %d KiB", grown/1024)
	assert.Less(t, grown, 50<<20) // 10 leaked models would be more than 80 MiB
	assert.Zero(t, models.count())
}

func cancelledContext() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

package embed

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func numbered(n int) key { return textKey("model", fmt.Sprint(n)) }

func vectorOf(n int) embedding {
	return embedding{vector: []float32{float32(n), 1}, tokens: n, truncated: n%2 == 1}
}

const bytesOfTwo = 2*4 + entryOverhead

func TestCacheDropsTheLeastRecentlyUsed(t *testing.T) {
	cache := NewCache(3 * bytesOfTwo)
	for n := range 3 {
		cache.put(numbered(n), vectorOf(n))
	}
	got, found := cache.get(numbered(0)) // 1 is now the oldest
	require.True(t, found)
	assert.Equal(t, vectorOf(0), got)
	cache.put(numbered(3), vectorOf(3))

	_, found = cache.get(numbered(1))
	assert.False(t, found)
	for _, n := range []int{0, 2, 3} {
		got, found := cache.get(numbered(n))
		assert.True(t, found, n)
		assert.Equal(t, vectorOf(n), got)
	}
	assert.Equal(t, CacheStats{Hits: 4, Misses: 1, Entries: 3, Bytes: 3 * bytesOfTwo}, cache.Stats())
}

func TestCacheOff(t *testing.T) {
	for name, cache := range map[string]*Cache{"nil": nil, "zero": NewCache(0), "negative": NewCache(-1), "too small": NewCache(bytesOfTwo - 1)} {
		t.Run(name, func(t *testing.T) {
			cache.put(numbered(1), vectorOf(1))
			_, found := cache.get(numbered(1))
			assert.False(t, found)
			assert.Zero(t, cache.Stats().Entries)
			assert.Zero(t, cache.Stats().Bytes)
		})
	}
}

func TestCacheIsNotReachableFromOutside(t *testing.T) {
	cache := NewCache(1 << 20)
	mine := vectorOf(7)
	cache.put(numbered(7), mine)
	mine.vector[0] = -1
	got, _ := cache.get(numbered(7))
	got.vector[1] = -1
	again, _ := cache.get(numbered(7))
	assert.Equal(t, vectorOf(7), again)
}

func TestCacheReplacesAnEntryOfTheSameKey(t *testing.T) {
	cache := NewCache(1 << 20)
	cache.put(numbered(1), vectorOf(1))
	cache.put(numbered(1), vectorOf(2))
	got, _ := cache.get(numbered(1))
	assert.Equal(t, vectorOf(2), got)
	assert.Equal(t, CacheStats{Hits: 1, Entries: 1, Bytes: bytesOfTwo}, cache.Stats())
}

func TestCacheStaysInItsBoundsUnderConcurrentUse(t *testing.T) {
	cache := NewCache(50 * bytesOfTwo)
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			source := rand.New(rand.NewPCG(uint64(worker), 1))
			for range 2000 {
				n := source.IntN(200)
				if got, found := cache.get(numbered(n)); found {
					assert.Equal(t, vectorOf(n), got)
				} else {
					cache.put(numbered(n), vectorOf(n))
				}
				assert.LessOrEqual(t, cache.Stats().Bytes, int64(50*bytesOfTwo))
			}
		})
	}
	group.Wait()
	stats := cache.Stats()
	assert.EqualValues(t, 50, stats.Entries)
	assert.EqualValues(t, 16000, stats.Hits+stats.Misses)
	assert.Equal(t, 50, cache.recent.Len())
}

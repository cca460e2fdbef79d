package graph

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/embedtest"
)

// Every distance that a text of 512 tokens has, as transformers' MPNet sorts it.
func TestDistanceBuckets(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(embedtest.Root(t), "testdata", "models", "small", "mpnet_buckets.json"))
	require.NoError(t, err)
	var want []int
	require.NoError(t, json.Unmarshal(data, &want))
	require.Len(t, want, 1023)
	for i, bucket := range want {
		assert.Equal(t, bucket, distanceBucket(i-511, 32), "distance %d", i-511)
	}
}

// A configuration may ask for any number of buckets; none leads out of the table.
func TestDistanceBucketsStayInTheTable(t *testing.T) {
	for _, buckets := range []int{1, 2, 3, 4, 7, 31, 64, 1 << 16} {
		for _, distance := range []int{-65536, -511, -129, -64, -3, -1, 0, 1, 3, 64, 129, 511, 65536} {
			bucket := distanceBucket(distance, buckets)
			assert.True(t, bucket >= 0 && bucket < buckets, "%d buckets, distance %d: %d", buckets, distance, bucket)
		}
	}
}

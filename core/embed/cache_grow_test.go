package embed

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestACacheGrowsAndNeverShrinks(t *testing.T) {
	one := int64(entryOverhead + 4)
	c := NewCache(one)
	for i := range byte(3) {
		c.put(key{i}, embedding{vector: []float32{float32(i)}})
	}
	assert.EqualValues(t, 1, c.Stats().Entries)
	c.Grow(3 * one)
	c.Grow(0)
	for i := range byte(4) {
		c.put(key{i}, embedding{vector: []float32{float32(i)}})
	}
	assert.EqualValues(t, 3, c.Stats().Entries)
	kept, found := c.get(key{3})
	assert.True(t, found)
	assert.Equal(t, []float32{3}, kept.vector)
}

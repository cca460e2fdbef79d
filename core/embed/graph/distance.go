package graph

import (
	"math"

	"github.com/innerspace/innerspace/core/embed/onnxproto"
)

// distanceBias is what MPNet adds to the attention's scores for the distance of two tokens:
// float32 [1, heads, tokens, tokens]. All layers share it.
func (b *builder) distanceBias(ids edge, table string, buckets, positions, heads int) edge {
	numbers := make([]int, 2*positions-1)
	for i := range numbers {
		numbers[i] = distanceBucket(i-(positions-1), buckets)
	}
	place := b.count(b.length(ids))
	distance := b.node("Sub", []edge{b.node("Unsqueeze", []edge{place, b.integers(0)}), b.node("Unsqueeze", []edge{place, b.integers(1)})})
	index := b.add(distance, b.integer(positions-1))
	bucket := b.node("Gather", []edge{b.integers(numbers...), index}, onnxproto.Set("axis", 0))
	bias := b.node("Gather", []edge{b.weight(table, buckets, heads), bucket}, onnxproto.Set("axis", 0))
	return b.node("Unsqueeze", []edge{b.node("Transpose", []edge{bias}, onnxproto.Set("perm", []int{2, 0, 1})), b.integers(0)})
}

// distanceBucket is the row of the table of distances for a token that stands distance behind another (before it, if
// negative): one a distance up to a quarter of the buckets, then ever wider ones up to maxDistance. The arithmetic is
// in float32 like torch's, since distances at the border of two buckets depend on it.
func distanceBucket(distance, buckets int) int {
	const maxDistance = 128
	half := buckets / 2
	first := 0
	if distance > 0 {
		first = half
	}
	distance = max(distance, -distance)
	exact := half / 2
	if distance < exact || exact == 0 {
		return first + min(distance, max(half-1, 0))
	}
	relative := float32(math.Log(float64(float32(distance) / float32(exact))))
	wide := relative / float32(math.Log(float64(maxDistance)/float64(exact))) * float32(half-exact)
	return first + min(exact+int(wide), half-1)
}

package vector_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/vector"
)

func random(rng *rand.Rand, n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(rng.NormFloat64())
	}
	return values
}

func TestDotIsAccurateAtEveryLength(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 384, 512, 769} {
		a, b := random(rng, n), random(rng, n)
		exact, size := 0.0, 0.0
		for i := range a {
			exact += float64(a[i]) * float64(b[i])
			size += math.Abs(float64(a[i]) * float64(b[i]))
		}
		assert.InDelta(t, exact, float64(vector.Dot(a, b)), 1e-6*size+1e-12, "length %d", n)
	}
}

func TestNormalize(t *testing.T) {
	v := []float32{3, 0, -4}
	vector.Normalize(v)
	assert.Equal(t, []float32{0.6, 0, -0.8}, v)
	zero := []float32{0, 0}
	vector.Normalize(zero)
	assert.Equal(t, []float32{0, 0}, zero)
	tiny := []float32{1e-30, 0}
	vector.Normalize(tiny)
	assert.Equal(t, []float32{1, 0}, tiny, "squares below float32's range still count")
}

func TestFinite(t *testing.T) {
	assert.True(t, vector.Finite([]float32{0, -1, math.MaxFloat32}))
	assert.True(t, vector.Finite(nil))
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		assert.False(t, vector.Finite([]float32{0, float32(bad)}))
	}
}

func TestProtectedEntries(t *testing.T) {
	v := vector.Vector{Values: []float32{2, -5, 4}, Protected: []bool{false, true, false}}
	assert.Equal(t, []float32{1, -5, 2}, v.Scale(0.5).Values)
	assert.Equal(t, []float32{0, 0, 0}, v.Scale(0).Values, "a factor of 0 disables them")
	assert.Equal(t, v.Protected, v.Scale(0).Protected, "and they stay protected")
	assert.Equal(t, []float32{1, -5, 2}, v.Divide(2).Values)
	assert.Equal(t, v.Values, v.Divide(0).Values)
	assert.InDelta(t, math.Sqrt(20), v.Norm(), 1e-12)
	assert.False(t, vector.Vector{Values: []float32{0, -5}, Protected: []bool{false, true}}.IsZero())
	joined := vector.Concatenate(vector.Plain([]float32{1}), v)
	assert.Equal(t, []float32{1, 2, -5, 4}, joined.Values)
	assert.Equal(t, []bool{false, false, true, false}, joined.Protected)
	assert.Nil(t, vector.Concatenate(vector.Plain([]float32{1}), vector.Plain([]float32{2})).Protected)
}

func TestWeightedSum(t *testing.T) {
	guarded := func(value float32) vector.Vector {
		return vector.Vector{Values: []float32{1, value}, Protected: []bool{false, true}}
	}
	plain := vector.Plain
	for name, c := range map[string]struct {
		terms     []vector.Weighted
		values    []float32
		protected []bool
	}{
		"nothing":             {nil, []float32{0, 0}, nil},
		"only weight 0":       {[]vector.Weighted{{plain([]float32{1, 2}), 0}}, []float32{0, 0}, nil},
		"one":                 {[]vector.Weighted{{guarded(-3), 2}}, []float32{2, -3}, []bool{false, true}},
		"one and weight 0":    {[]vector.Weighted{{guarded(-3), 2}, {guarded(-4), 0}}, []float32{2, -3}, []bool{false, true}},
		"two":                 {[]vector.Weighted{{plain([]float32{1, 2}), 2}, {plain([]float32{3, 0}), -1}}, []float32{-1, 4}, nil},
		"cancel":              {[]vector.Weighted{{plain([]float32{.1, .7}), .3}, {plain([]float32{.1, .7}), -.3}}, []float32{0, 0}, nil},
		"a protected entry":   {[]vector.Weighted{{guarded(-3), 2}, {guarded(-3), 5}}, []float32{7, -3}, []bool{false, true}},
		"a sum over the same": {[]vector.Weighted{{guarded(-3), 1}, {plain([]float32{1, 2}), 1}}, []float32{2, 2}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			sum, err := vector.WeightedSum(2, c.terms)
			require.NoError(t, err)
			assert.Equal(t, c.values, sum.Values)
			assert.Equal(t, c.protected, sum.Protected)
		})
	}
	_, err := vector.WeightedSum(2, []vector.Weighted{{guarded(-3), 1}, {guarded(-4), 1}})
	assert.Equal(t, errs.InvalidState, errs.StatusOf(err))
}

// TestSearchEqualsSortingEverything compares with the plain way of doing it, over blocks with dead rows,
// ties, limits, floors and several workers.
func TestSearchEqualsSortingEverything(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for round := range 60 {
		dimension := 1 + rng.IntN(20)
		var blocks []vector.Block
		var ids []string
		type row struct {
			number int
			score  float32
		}
		var all []row
		var allowed vector.Bitmap
		if round%4 == 0 {
			allowed = vector.NewBitmap(400) // rows past it are not allowed
		}
		query := random(rng, dimension)
		for range rng.IntN(5) {
			block := vector.Block{First: len(ids), Rows: rng.IntN(150)}
			if rng.IntN(2) == 0 {
				block.Live = make([]uint64, 3)
			}
			pool := random(rng, 7*dimension) // few different vectors, so that scores tie
			for i := range block.Rows {
				k := rng.IntN(7)
				v := pool[k*dimension : (k+1)*dimension]
				block.Vectors = append(block.Vectors, v...)
				number := len(ids)
				ids = append(ids, fmt.Sprint(rng.IntN(1000), "-", number))
				counts := true
				if block.Live != nil {
					if counts = rng.IntN(4) > 0; counts {
						block.Live[i/64] |= 1 << (i % 64)
					}
				}
				if allowed != nil {
					if number < 400 && rng.IntN(3) > 0 {
						allowed.Add(number)
					}
					counts = counts && allowed.Has(number)
				}
				if counts {
					all = append(all, row{number, vector.Dot(query, v)})
				}
			}
			blocks = append(blocks, block)
		}
		slices.SortFunc(all, func(a, b row) int {
			if a.score != b.score {
				if a.score > b.score {
					return -1
				}
				return 1
			}
			return strings.Compare(ids[a.number], ids[b.number])
		})
		limit, floor := rng.IntN(30)-1, math.Inf(-1)
		if round%3 == 0 {
			floor = 0
			all = slices.DeleteFunc(all, func(r row) bool { return r.score < 0 })
		}
		if limit >= 0 && limit < len(all) {
			all = all[:limit]
		}
		hits, err := vector.Search{
			Query: query, Limit: limit, Floor: floor, Allowed: allowed, Workers: 1 + round%3, ID: func(i int) string { return ids[i] },
		}.Run(blocks)
		require.NoError(t, err)
		require.Len(t, hits, len(all))
		for i, hit := range hits {
			require.Equal(t, all[i], row{hit.Row, hit.Score}, "round %d, rank %d", round, i)
		}
	}
}

func TestSearchWithSeveralGoroutines(t *testing.T) {
	const dimension, rows = 512, 2048
	rng := rand.New(rand.NewPCG(5, 6))
	var blocks []vector.Block
	for b := range 4 {
		blocks = append(blocks, vector.Block{First: b * rows, Rows: rows, Vectors: random(rng, rows*dimension)})
	}
	query := random(rng, dimension)
	id := func(i int) string { return fmt.Sprint(i) }
	one, err := vector.Search{Query: query, Limit: 25, Floor: math.Inf(-1), Workers: 1, ID: id}.Run(blocks)
	require.NoError(t, err)
	many, err := vector.Search{Query: query, Limit: 25, Floor: math.Inf(-1), Workers: 4, ID: id}.Run(blocks)
	require.NoError(t, err)
	assert.Equal(t, one, many)
}

func TestAPanicOfAScanIsAnError(t *testing.T) {
	blocks := []vector.Block{{Rows: 2, Vectors: []float32{1, 2}}, {First: 2, Rows: 2, Vectors: []float32{1}}} // the second is cut short
	search := vector.Search{Query: []float32{1}, Limit: -1, Floor: math.Inf(-1), Workers: 2, ID: func(i int) string { return fmt.Sprint(i) }}
	_, err := search.Run(blocks)
	require.Equal(t, errs.Internal, errs.StatusOf(err))
	assert.ErrorContains(t, err, "scoring the rows failed")
}

func TestBitmap(t *testing.T) {
	b := vector.NewBitmap(65)
	assert.Zero(t, b.Count())
	b.Add(0)
	b.Add(64)
	b.Add(64)
	assert.Equal(t, 2, b.Count())
	assert.True(t, b.Has(64))
	assert.False(t, b.Has(63))
	assert.False(t, b.Has(1000), "past the end")
	assert.Equal(t, []int{0, 64}, slices.Collect(b.All()))
	for row := range b.All() {
		assert.Zero(t, row)
		break
	}
}

func BenchmarkSearch(b *testing.B) {
	const dimension, rows = 512, 1024
	rng := rand.New(rand.NewPCG(7, 8))
	var blocks []vector.Block
	for i := range 10 {
		blocks = append(blocks, vector.Block{First: i * rows, Rows: rows, Vectors: random(rng, rows*dimension)})
	}
	search := vector.Search{Query: random(rng, dimension), Limit: 10, Floor: math.Inf(-1), Workers: 1, ID: func(i int) string { return fmt.Sprint(i) }}
	some := vector.NewBitmap(10 * rows)
	for row := 0; row < 10*rows; row += 10 {
		some.Add(row)
	}
	for name, allowed := range map[string]vector.Bitmap{"all": nil, "a tenth": some} {
		b.Run(name, func(b *testing.B) {
			search.Allowed = allowed
			for b.Loop() {
				if _, err := search.Run(blocks); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

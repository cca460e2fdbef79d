package vector_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/vector"
)

// collection is blocks of vectors, and the names of their rows.
type collection struct {
	dimension int
	blocks    []vector.Block
	ids       []string
}

// add appends a block of vectors, coded or not, some of which do not count.
func (c *collection) add(t *testing.T, rng *rand.Rand, vectors []float32, coded, holes bool) {
	block := vector.Block{First: len(c.ids), Rows: len(vectors) / c.dimension, Vectors: vectors}
	if coded {
		codes, err := vector.Encode(vectors, c.dimension)
		require.NoError(t, err)
		block.Codes = codes
	}
	if holes {
		for range (block.Rows + 63) / 64 {
			block.Live = append(block.Live, rng.Uint64()|rng.Uint64())
		}
	}
	for range block.Rows {
		c.ids = append(c.ids, fmt.Sprintf("%d-%d", rng.IntN(1000), len(c.ids)))
	}
	c.blocks = append(c.blocks, block)
}

// plain is what a search should find: all rows scored by Dot and sorted.
func (c *collection) plain(s vector.Search) (hits []vector.Hit) {
	for _, block := range c.blocks {
		for i := range block.Rows {
			row := block.First + i
			if block.Live != nil && block.Live[i/64]>>(i%64)&1 == 0 || s.Allowed != nil && !s.Allowed.Has(row) {
				continue
			}
			if score := vector.Dot(s.Query, block.Vectors[i*c.dimension:][:c.dimension]); math.IsInf(s.Floor, -1) || float64(score) >= s.Floor {
				hits = append(hits, vector.Hit{Row: row, Score: score})
			}
		}
	}
	slices.SortFunc(hits, func(a, b vector.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(c.ids[a.Row], c.ids[b.Row]))
	})
	if s.Limit >= 0 && s.Limit < len(hits) {
		hits = hits[:s.Limit]
	}
	return hits
}

// check runs searches one by one and all together, and compares with the plain way.
func (c *collection) check(t *testing.T, searches ...vector.Search) {
	t.Helper()
	for i := range searches {
		searches[i].ID = func(row int) string { return c.ids[row] }
	}
	together, err := vector.RunMany(searches, c.blocks)
	require.NoError(t, err)
	require.Len(t, together, len(searches))
	for i, search := range searches {
		want := c.plain(search)
		alone, err := search.Run(c.blocks)
		require.NoError(t, err)
		requireSame(t, want, alone)
		requireSame(t, want, together[i])
	}
}

// requireSame compares rows, their order and the bits of their scores.
func requireSame(t *testing.T, want, got []vector.Hit) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		same := math.Float32bits(want[i].Score) == math.Float32bits(got[i].Score) || want[i].Score != want[i].Score // where products overflow both ways there is no score
		if want[i].Row != got[i].Row || !same {
			require.Fail(t, "another hit", "rank %d: %v, not %v", i, got[i], want[i])
		}
	}
}

// ask makes up what may be asked besides the query.
func ask(rng *rand.Rand, query []float32, rows int) vector.Search {
	s := vector.Search{Query: query, Limit: 1 + rng.IntN(12), Floor: math.Inf(-1), Workers: 1 + rng.IntN(3)}
	switch rng.IntN(8) {
	case 0:
		s.Limit = rng.IntN(3) * rows / 2
	case 1:
		s.Limit = -1
	}
	if rng.IntN(5) == 0 {
		s.Floor = rng.NormFloat64() * vector.Norm(query)
	}
	if rng.IntN(3) == 0 {
		s.Allowed = vector.NewBitmap(rows)
		for share, row := rng.Float64(), 0; row < rows; row++ {
			if rng.Float64() < share*share {
				s.Allowed.Add(row)
			}
		}
	}
	return s
}

// TestCodedSearchEqualsPlain: whatever the vectors and the query, the answer is that of scoring everything.
func TestCodedSearchEqualsPlain(t *testing.T) {
	vector.EachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(31, 32))
		for name, of := range extremes {
			for _, dimension := range []int{32, 33, 64, 131, 512} {
				c := &collection{dimension: dimension}
				for b := range 3 {
					rows := 1 + rng.IntN(400)
					var vectors []float32
					for range rows {
						vectors = append(vectors, of(rng, dimension)...)
					}
					for range rows / 4 { // equal rows, whose ids decide
						copy(vectors[rng.IntN(rows)*dimension:][:dimension], vectors[rng.IntN(rows)*dimension:])
					}
					c.add(t, rng, vectors, b != 1, b > 0)
				}
				var searches []vector.Search
				for range 6 {
					query := of(rng, dimension)
					if rng.IntN(3) == 0 {
						query = slices.Clone(c.blocks[0].Vectors[:dimension])
					}
					searches = append(searches, ask(rng, query, len(c.ids)))
				}
				searches[0].Allowed, searches[0].Limit = nil, 10
				ok := t.Run(fmt.Sprint(name, dimension), func(t *testing.T) { c.check(t, searches...) })
				require.True(t, ok)
			}
		}
	})
}

// TestQueriesOfSomeSpaces: vectors of several spaces end to end, whose sizes and weights differ by orders of magnitude, up to a
// dominating space that a query does not ask for.
func TestQueriesOfSomeSpaces(t *testing.T) {
	vector.EachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(33, 34))
		spaces := []struct {
			length int
			size   float32
		}{{130, 1}, {3, 1e-4}, {64, 1e6}, {27, 1e-20}, {50, 30}}
		c := &collection{dimension: 274}
		for range 3 {
			var vectors []float32
			for range 500 {
				for _, space := range spaces {
					vectors = append(vectors, scaled(random(rng, space.length), space.size)...)
				}
			}
			c.add(t, rng, vectors, true, false)
		}
		var searches []vector.Search
		for range 24 {
			var query []float32
			for _, space := range spaces {
				weight := []float32{0, 0, 1, -1, 1e-3, 1e3, 1e-9}[rng.IntN(7)]
				query = append(query, scaled(random(rng, space.length), weight)...)
			}
			searches = append(searches, ask(rng, query, len(c.ids)))
		}
		c.check(t, searches...)
	})
}

// TestEqualVectors: where all scores are equal, ids alone decide.
func TestEqualVectors(t *testing.T) {
	vector.EachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(35, 36))
		for _, value := range []float32{0, 1, -0.3, math.SmallestNonzeroFloat32, 1e25} {
			c := &collection{dimension: 96}
			c.add(t, rng, add(make([]float32, 3000*96), value), true, true)
			query := add(make([]float32, 96), 0.7)
			c.check(t, vector.Search{Query: query, Limit: 10, Floor: math.Inf(-1), Workers: 2},
				vector.Search{Query: query, Limit: 10, Floor: float64(vector.Dot(query, c.blocks[0].Vectors[:96]))},
				vector.Search{Query: make([]float32, 96), Limit: 10, Floor: 0})
		}
	})
}

// TestScoresJustApart: rows whose scores differ in the last bits only, far below what codes tell apart.
func TestScoresJustApart(t *testing.T) {
	vector.EachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(37, 38))
		c := &collection{dimension: 128}
		base := random(rng, 128)
		var vectors []float32
		for range 2000 {
			row := slices.Clone(base)
			for range 3 {
				i := rng.IntN(128)
				row[i] = math.Nextafter32(row[i], float32(rng.IntN(3)-1)*10)
			}
			vectors = append(vectors, row...)
		}
		c.add(t, rng, vectors, true, false)
		floor := float64(vector.Dot(base, base))
		c.check(t, vector.Search{Query: base, Limit: 25, Floor: math.Inf(-1), Workers: 2},
			vector.Search{Query: base, Limit: -1, Floor: floor}, vector.Search{Query: base, Limit: -1, Floor: math.Nextafter(floor, 1e9)},
			vector.Search{Query: base, Limit: -1, Floor: math.Nextafter(floor, -1e9)})
	})
}

// TestManyLikeCloseOnes: clusters with a strong mean, as models of pictures make them, in tiles with and without a rest.
func TestManyLikeCloseOnes(t *testing.T) {
	vector.EachPath(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(39, 40))
		c := &collection{dimension: 192}
		mean := random(rng, 192)
		centers := random(rng, 20*192)
		near := func() []float32 {
			row, at := random(rng, 192), rng.IntN(20)*192
			for i := range row {
				row[i] = 0.3*row[i] + 0.5*centers[at+i] + mean[i]
			}
			vector.Normalize(row)
			return row
		}
		for range 4 {
			var vectors []float32
			for range 700 {
				vectors = append(vectors, near()...)
			}
			c.add(t, rng, vectors, true, false)
		}
		for _, count := range []int{1, 3, 4, 8, 21} {
			var searches []vector.Search
			for range count {
				searches = append(searches, vector.Search{Query: near(), Limit: 10, Floor: math.Inf(-1), Workers: 2})
			}
			c.check(t, searches...)
		}
	})
}

func TestQueriesOfOneLengthOnly(t *testing.T) {
	_, err := vector.RunMany([]vector.Search{{Query: make([]float32, 2), Limit: 1}, {Query: make([]float32, 3), Limit: 1}}, nil)
	require.Equal(t, errs.Internal, errs.StatusOf(err))
	none, err := vector.RunMany(nil, nil)
	require.NoError(t, err)
	require.Empty(t, none)
}

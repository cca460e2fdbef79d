package vector

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lengths have every number of entries after the last eight, and after the last block of 64. An emulator takes fewer.
func lengths() []int {
	if testing.Short() {
		return []int{1, 2, 3, 4, 5, 7, 8, 9, 15, 17, 63, 64, 65, 67, 70, 131, 512}
	}
	list := []int{127, 128, 131, 384, 511, 512, 513}
	for n := 1; n <= 24; n++ {
		list = append(list, n, 56+n)
	}
	return list
}

// kinds of numbers, of which vectors are made.
var kinds = map[string]func(rng *rand.Rand) float32{
	"normal":   func(rng *rand.Rand) float32 { return float32(rng.NormFloat64()) },
	"zero":     func(*rand.Rand) float32 { return 0 },
	"negative": func(*rand.Rand) float32 { return float32(math.Copysign(0, -1)) },
	"denormal": func(rng *rand.Rand) float32 { return float32(rng.NormFloat64() * 1e-41) },
	"smallest": func(rng *rand.Rand) float32 { return float32(rng.IntN(3)-1) * math.SmallestNonzeroFloat32 },
	"tiny":     func(rng *rand.Rand) float32 { return float32(rng.NormFloat64() * 1e-22) },
	"large":    func(rng *rand.Rand) float32 { return float32(rng.NormFloat64() * 1e12) },
	"one":      func(*rand.Rand) float32 { return 1 },
	"whole":    func(rng *rand.Rand) float32 { return float32(rng.IntN(255) - 127) }, // codes leave nothing out: only roundings are left to bound
	"middle": func(rng *rand.Rand) float32 { // upper halves of codes leave out next to nothing, but for the largest
		return []float32{127, float32(16*rng.IntN(16) - 120)}[min(rng.IntN(20), 1)]
	},
	"sparse": func(rng *rand.Rand) float32 { return float32(rng.IntN(20) / 19) },
	"all scales": func(rng *rand.Rand) float32 {
		return float32(rng.NormFloat64() * math.Pow(10, float64(rng.IntN(20)-10)))
	},
}

func made(rng *rand.Rand, kind string, n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = kinds[kind](rng)
	}
	return values
}

func TestThisProcessorHasItsPaths(t *testing.T) {
	t.Log(paths())
	assert.Equal(t, "portable", paths()[0].String())
	assert.Equal(t, paths()[len(paths())-1], chosen)
}

func TestDotsHaveTheBitsOfDot(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	const rows = 11
	everything := map[string]float32{"overflows": 3e38, "infinite": float32(math.Inf(1))}
	for kind := range kinds {
		everything[kind] = 1
	}
	for kind, factor := range everything {
		for _, n := range lengths() {
			base := kind
			if factor != 1 {
				base = "normal"
			}
			query, vectors := made(rng, base, n), made(rng, base, rows*n)
			vectors[rng.IntN(rows*n)] *= factor
			vectors[rng.IntN(rows*n)] *= factor
			for count := range rows {
				picked := make([]int32, count)
				for i := range picked {
					picked[i] = int32(rng.IntN(rows))
				}
				for _, p := range paths() {
					scores := make([]float32, count)
					p.dots(query, vectors, picked, scores)
					for i, row := range picked {
						if want := Dot(query, vectors[int(row)*n:][:n]); math.Float32bits(want) != math.Float32bits(scores[i]) {
							require.Fail(t, "other bits", "%v, %s, length %d: %v, not %v", p, kind, n, scores[i], want)
						}
					}
				}
			}
		}
	}
}

// inFloat64 is a score as exact as it gets.
func inFloat64(query, row []float32) (score float64) {
	for i := range query {
		score += float64(query[i]) * float64(row[i])
	}
	return score
}

// TestBoundsHold: every path finds every wanted row whose score reaches the threshold, in its place, with a bound that is no lower; and
// for ordinary numbers one that is not much higher.
func TestBoundsHold(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	const rows = 16*5 + 3
	for kind := range kinds {
		for _, n := range lengths() {
			vectors := made(rng, kind, rows*n)
			queries := make([][]float32, tileSize)
			encoded := make([][]byte, tileSize)
			for i := range queries {
				queries[i] = made(rng, kind, n)
				if i%2 == 1 {
					queries[i] = vectors[rng.IntN(rows)*n:][:n]
				}
				encoded[i] = encodeQuery(queries[i])
			}
			codes, err := Encode(vectors, n)
			require.NoError(t, err)
			wanted := []uint64{rng.Uint64() | rng.Uint64(), rng.Uint64() & (1<<(rows-64) - 1)}
			if n%5 == 0 { // so few that not all rows are read
				wanted[0] &^= 0xffffffff
				wanted[0] |= 1<<3 | 1<<7
			}
			thresholds := [tileSize]float32{}
			for i := range thresholds {
				thresholds[i] = Dot(queries[i], vectors[rng.IntN(rows)*n:][:n])
			}
			thresholds[0] = float32(math.Inf(-1))
			thresholds[1] = float32(math.Inf(1))
			check := func(name string, query int, found []int32, bounds []float32, tight float64) {
				at := map[int]float32{}
				for i, row := range found {
					_, twice := at[int(row)]
					if !Bitmap(wanted).Has(int(row)) || twice || bounds[i] < thresholds[query] {
						require.Fail(t, "a row that should not be found", "%s, %s, length %d: row %d, bound %g, threshold %g", name, kind, n, row, bounds[i], thresholds[query])
					}
					at[int(row)] = bounds[i]
				}
				for row := range rows {
					v := vectors[row*n : (row+1)*n]
					score := Dot(queries[query], v)
					bound, ok := at[row]
					if !ok && Bitmap(wanted).Has(row) && score >= thresholds[query] {
						require.Fail(t, "a row is missing", "%s, %s, length %d: row %d with score %g, threshold %g", name, kind, n, row, score, thresholds[query])
					}
					if ok && !(bound >= score) {
						require.Fail(t, "the bound is too low", "%s, %s, length %d: row %d with score %g, bound %g", name, kind, n, row, score, bound)
					}
					if ok && kind == "normal" && !math.IsInf(float64(bound), 1) &&
						float64(bound) > inFloat64(queries[query], v)+tight*Norm(v)*Norm(queries[query]) {
						require.Fail(t, "the bound is loose", "%s, length %d: row %d with score %g, bound %g", name, n, row, score, bound)
					}
				}
			}
			room := (rows+63)/64*64 + scanSlack
			laid := make([]byte, laidSize(128, n))
			for _, p := range paths() {
				for i := range queries {
					found, bounds := make([]int32, room), make([]float32, room)
					count := p.scan(encoded[i], n, codes, wanted, thresholds[i], found, bounds)
					check(p.String(), i, found[:count], bounds[:count], 0.04)
				}
				if p.hasTile() {
					found, bounds, counts := make([]int32, room*tileSize), make([]float32, room*tileSize), [tileSize]tileCount{}
					layForTiles(codes, n, 128, laid)
					scanTile(tileOf(encoded, n), n, laid, wanted, &thresholds, room, found, bounds, &counts)
					for i := range queries {
						check("tile of "+p.String(), i, found[i*room:][:counts[i]], bounds[i*room:][:counts[i]], 0.04)
					}
				}
			}
		}
	}
}

// TestBoundsCountTheRoundingsOfDot: a large product, to which all others are added with the same rounding up. Their errors add up to more than
// all else that the bound covers, since the codes leave out next to nothing.
func TestBoundsCountTheRoundingsOfDot(t *testing.T) {
	const n, room = 512, 64 + scanSlack
	query, row := make([]float32, n), make([]float32, n)
	query[0], row[0] = 132105, 127 // beyond 2^24, where float32 has even numbers only
	for i := 64; i < n; i += 8 {   // all of one of the eight sums
		query[i], row[i] = 1.5, 1
	}
	score := Dot(query, row)
	require.Greater(t, float64(score), inFloat64(query, row)+25, "the rounding that this is about")
	codes, err := Encode(row, n)
	require.NoError(t, err)
	found, bounds := make([]int32, room), make([]float32, room)
	for _, p := range paths() {
		wanted := []uint64{0xf} // the rows that do not exist count as zeros
		require.Equal(t, 4, p.scan(encodeQuery(query), n, codes, wanted, float32(math.Inf(-1)), found, bounds))
		assert.GreaterOrEqual(t, bounds[0], score, p)
	}
}

func TestATileWithFewerQueries(t *testing.T) {
	p := paths()[len(paths())-1]
	if !p.hasTile() {
		t.Log(p, "scans one query at a time")
		return
	}
	rng := rand.New(rand.NewPCG(25, 26))
	const n, rows, room = 70, 64, 64 + scanSlack
	codes, err := Encode(made(rng, "normal", rows*n), n)
	require.NoError(t, err)
	tile := tileOf([][]byte{encodeQuery(made(rng, "normal", n))}, n)
	thresholds := [tileSize]float32{float32(math.Inf(-1))}
	for i := 1; i < tileSize; i++ {
		thresholds[i] = float32(math.Inf(1))
	}
	found, bounds, counts := make([]int32, room*tileSize), make([]float32, room*tileSize), [tileSize]tileCount{}
	laid := make([]byte, laidSize(rows, n))
	layForTiles(codes, n, rows, laid)
	scanTile(tile, n, laid, []uint64{math.MaxUint64}, &thresholds, room, found, bounds, &counts)
	assert.Equal(t, [tileSize]tileCount{64}, counts)
}

// BenchmarkScan is the time for 1,024 rows that lie in the cache, of one query and, of a tile, of each of its queries.
func BenchmarkScan(b *testing.B) {
	rng := rand.New(rand.NewPCG(27, 28))
	const n, rows, room = 512, 1024, 1024 + scanSlack
	codes, err := Encode(made(rng, "normal", rows*n), n)
	require.NoError(b, err)
	query := encodeQuery(made(rng, "normal", n))
	wanted := NewBitmap(rows)
	for row := range rows {
		wanted.Add(row)
	}
	found, bounds, counts := make([]int32, room*tileSize), make([]float32, room*tileSize), [tileSize]tileCount{}
	for _, p := range paths() {
		b.Run(p.String(), func(b *testing.B) {
			b.SetBytes(int64(len(codes.Uppers) + len(codes.Lowers)))
			for b.Loop() {
				p.scan(query, n, codes, wanted, 1e9, found, bounds)
			}
		})
		if !p.hasTile() {
			continue
		}
		tile, thresholds := tileOf([][]byte{query, query, query, query, query, query, query, query}, n), [tileSize]float32{}
		for i := range thresholds {
			thresholds[i] = 1e9
		}
		laid := make([]byte, laidSize(rows, n))
		b.Run("layout of "+p.String(), func(b *testing.B) {
			b.SetBytes(int64(len(codes.Uppers) + len(codes.Lowers)))
			for b.Loop() {
				layForTiles(codes, n, rows, laid)
			}
		})
		b.Run("tile of "+p.String(), func(b *testing.B) {
			b.SetBytes(int64(len(codes.Uppers)+len(codes.Lowers)) * tileSize)
			for b.Loop() {
				scanTile(tile, n, laid, wanted, &thresholds, room, found, bounds, &counts)
			}
		})
	}
}

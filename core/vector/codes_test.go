package vector_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/vector"
)

// dimensions have every length of a last block, and every rest of four.
var dimensions = []int{1, 2, 3, 4, 5, 31, 32, 61, 62, 63, 64, 65, 66, 67, 127, 128, 129, 200, 384, 512, 515, 769}

// extremes makes vectors of many kinds, by name.
var extremes = map[string]func(rng *rand.Rand, n int) []float32{
	"normal":   random,
	"zero":     func(_ *rand.Rand, n int) []float32 { return make([]float32, n) },
	"denormal": func(rng *rand.Rand, n int) []float32 { return scaled(random(rng, n), 1e-42) },
	"smallest": func(rng *rand.Rand, n int) []float32 {
		values := make([]float32, n)
		for i := range values {
			values[i] = float32(rng.IntN(3)-1) * math.SmallestNonzeroFloat32
		}
		return values
	},
	"tiny":       func(rng *rand.Rand, n int) []float32 { return scaled(random(rng, n), 1e-30) },
	"huge":       func(rng *rand.Rand, n int) []float32 { return scaled(random(rng, n), 1e28) },
	"overflows":  func(rng *rand.Rand, n int) []float32 { return scaled(random(rng, n), 5e37) },
	"constant":   func(_ *rand.Rand, n int) []float32 { return add(make([]float32, n), 0.1) },
	"with mean":  func(rng *rand.Rand, n int) []float32 { return add(scaled(random(rng, n), 0.05), 1) },
	"of a point": func(rng *rand.Rand, n int) []float32 { v := make([]float32, n); v[rng.IntN(n)] = -3; return v },
	"outlier":    func(rng *rand.Rand, n int) []float32 { v := random(rng, n); v[rng.IntN(n)] *= 1000; return v },
	"all scales": func(rng *rand.Rand, n int) []float32 {
		v := random(rng, n)
		for i := range v {
			v[i] *= float32(math.Pow(10, float64(rng.IntN(40)-20)))
		}
		return v
	},
}

func scaled(values []float32, factor float32) []float32 {
	for i := range values {
		values[i] *= factor
	}
	return values
}

func add(values []float32, term float32) []float32 {
	for i := range values {
		values[i] += term
	}
	return values
}

// decoded is what a reader of the documented layout makes of a row: its vector, and for each block the bounds.
func decoded(codes vector.Codes, row, dimension int) (values, residuals, lengths []float64) {
	at := codes.Bytes[row/16*(64*((dimension+63)/64)+16*4*((dimension+3)/4)):]
	lane := row % 16
	for first := 0; first < dimension; first += 64 {
		step := float64(math.Float32frombits(uint32(binary.LittleEndian.Uint16(at[2*lane:])) << 16))
		residuals = append(residuals, step*float64(at[32+lane])/60)
		lengths = append(lengths, step*float64(at[48+lane])*4)
		at = at[64:]
		width := min(64, (dimension-first+3)/4*4)
		for i := range width {
			values = append(values, step*float64(int(at[i/4*64+4*lane+i%4])-128))
		}
		at = at[16*width:]
	}
	return values, residuals, lengths
}

func TestCodesBoundWhatTheyLeaveOut(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for name, make := range extremes {
		for _, dimension := range dimensions {
			const rows = 19
			var vectors []float32
			for range rows {
				vectors = append(vectors, make(rng, dimension)...)
			}
			codes, err := vector.Encode(vectors, dimension)
			require.NoError(t, err)
			require.Len(t, codes.Bytes, vector.CodesSize(rows, dimension))
			if name == "overflows" {
				require.Equal(t, float32(math.Inf(1)), codes.Longest)
				continue
			}
			for row := range rows {
				v := vectors[row*dimension : (row+1)*dimension]
				assert.GreaterOrEqual(t, float64(codes.Longest), vector.Norm(v), name)
				values, residuals, lengths := decoded(codes, row, dimension)
				for block := range residuals {
					var residual, length, size float64
					for i := block * 64; i < len(values) && i < block*64+64; i++ {
						exact := 0.0
						if i < dimension {
							exact = float64(v[i])
						}
						residual += (exact - values[i]) * (exact - values[i])
						length += values[i] * values[i]
						size += exact * exact
					}
					if !(math.Sqrt(residual) <= residuals[block]) || !(math.Sqrt(length) <= lengths[block]) {
						require.Fail(t, "a bound is too low", "%s, dimension %d, row %d, block %d", name, dimension, row, block)
					}
					if name == "normal" && dimension%64 == 0 { // no bound is far off
						require.Less(t, residuals[block], 0.015*math.Sqrt(size))
						require.Less(t, lengths[block], 1.05*math.Sqrt(size))
					}
				}
			}
		}
	}
}

// TestCodesOfARowDependOnItAlone: rows written one by one, again, and in another order have the same bytes.
func TestCodesOfARowDependOnItAlone(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for _, dimension := range dimensions {
		const rows = 37
		vectors := random(rng, rows*dimension)
		whole, err := vector.Encode(vectors, dimension)
		require.NoError(t, err)
		var single vector.Codes
		for _, row := range append(rng.Perm(rows), 3, 36) {
			require.NoError(t, single.Set(row, random(rng, dimension), dimension))
			require.NoError(t, single.Set(row, vectors[row*dimension:(row+1)*dimension], dimension))
		}
		require.Equal(t, whole.Bytes, single.Bytes, "dimension %d", dimension)
	}
}

// TestCodesAreThoseOfTheFormat: stored codes are read by other machines and later versions.
func TestCodesAreThoseOfTheFormat(t *testing.T) {
	codes, err := vector.Encode([]float32{1, -0.5, 0.25, 0, 3}, 5)
	require.NoError(t, err)
	require.Len(t, codes.Bytes, 64+16*8)
	row := []byte{codes.Bytes[0], codes.Bytes[1], codes.Bytes[32], codes.Bytes[48]}
	row = append(row, codes.Bytes[64:68]...)
	row = append(row, codes.Bytes[128:132]...)
	// A step is 3/127 rounded up to 97·2⁻¹²; -0.5 is -21.1 of them, 0.25 10.6, 3 126.7, and the residual 0.602.
	assert.Equal(t, []byte{0xc2, 0x3c, 37, 34, 170, 107, 139, 128, 255, 128, 128, 128}, row)
}

func TestCodesOfNoVectors(t *testing.T) {
	for _, dimension := range []int{0, -1} {
		_, err := vector.Encode([]float32{1}, dimension)
		assert.Equal(t, errs.Internal, errs.StatusOf(err))
	}
	var codes vector.Codes
	assert.Equal(t, errs.Internal, errs.StatusOf(codes.Set(0, make([]float32, 3), 2)))
	assert.Equal(t, errs.Internal, errs.StatusOf(codes.Set(-1, make([]float32, 2), 2)))
	require.NoError(t, codes.Set(0, nil, 2))
	assert.Empty(t, codes.Bytes)
}

func TestCodesOfNoNumbers(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		codes, err := vector.Encode([]float32{1, float32(bad)}, 2)
		require.NoError(t, err)
		assert.Equal(t, float32(math.Inf(1)), codes.Longest, "which no search trusts")
	}
}

func BenchmarkEncode(b *testing.B) {
	const dimension, rows = 512, 1024
	vectors := random(rand.New(rand.NewPCG(15, 16)), rows*dimension)
	codes, err := vector.Encode(vectors, dimension)
	require.NoError(b, err)
	b.SetBytes(4 * rows * dimension)
	for b.Loop() {
		if err := codes.Set(0, vectors, dimension); err != nil {
			b.Fatal(err)
		}
	}
}

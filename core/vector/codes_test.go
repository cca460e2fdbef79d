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

// ofRow is what a reader of the documented layout makes of a row: its vector, the same from the upper halves of its bytes alone, and for each
// block the bounds.
type ofRow struct{ values, uppers, residuals, upperResiduals, lengths []float64 }

func decoded(codes vector.Codes, row, dimension int) (r ofRow) {
	blocks, plane := (dimension+63)/64, (dimension+31)/32*16
	upper, lower := codes.Uppers[row*(4*blocks+plane):], codes.Lowers[row*(blocks+plane):]
	for b := range blocks {
		step := float64(math.Float32frombits(uint32(binary.LittleEndian.Uint16(upper[2*b:])) << 16))
		r.upperResiduals = append(r.upperResiduals, step*float64(upper[2*blocks+b])/3.5)
		r.lengths = append(r.lengths, step*float64(upper[3*blocks+b])*4)
		r.residuals = append(r.residuals, step*float64(lower[b])/60)
		half := min(32, plane-32*b)
		for i := range 2 * half {
			at, shift := 32*b+i%half, i/half*4
			high, low := int(upper[4*blocks+at]>>shift&15), int(lower[blocks+at]>>shift&15)
			r.values = append(r.values, step*float64(16*high+low-128))
			r.uppers = append(r.uppers, step*(16*float64(high)-120))
		}
	}
	return r
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
			uppers, lowers := vector.CodesSize(rows, dimension)
			require.Len(t, codes.Uppers, uppers)
			require.Len(t, codes.Lowers, lowers)
			if name == "overflows" {
				require.Equal(t, float32(math.Inf(1)), codes.Longest)
				continue
			}
			for row := range rows {
				v := vectors[row*dimension : (row+1)*dimension]
				assert.GreaterOrEqual(t, float64(codes.Longest), vector.Norm(v), name)
				r := decoded(codes, row, dimension)
				for block := range r.residuals {
					var residual, upperResidual, length, size float64
					for i := block * 64; i < len(r.values) && i < block*64+64; i++ {
						exact := 0.0
						if i < dimension {
							exact = float64(v[i])
							upperResidual += (exact - r.uppers[i]) * (exact - r.uppers[i])
						}
						residual += (exact - r.values[i]) * (exact - r.values[i])
						length += r.values[i] * r.values[i]
						size += exact * exact
					}
					if !(math.Sqrt(residual) <= r.residuals[block]) || !(math.Sqrt(upperResidual) <= r.upperResiduals[block]) ||
						!(math.Sqrt(length) <= r.lengths[block]) {
						require.Fail(t, "a bound is too low", "%s, dimension %d, row %d, block %d", name, dimension, row, block)
					}
					if name == "normal" && dimension%64 == 0 { // no bound is far off
						require.Less(t, r.residuals[block], 0.015*math.Sqrt(size))
						require.Less(t, r.upperResiduals[block], 0.2*math.Sqrt(size))
						require.Less(t, r.lengths[block], 1.05*math.Sqrt(size))
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
		require.Equal(t, whole.Uppers, single.Uppers, "dimension %d", dimension)
		require.Equal(t, whole.Lowers, single.Lowers, "dimension %d", dimension)
	}
}

// TestCodesAreThoseOfTheFormat: stored codes are read by other machines and later versions.
func TestCodesAreThoseOfTheFormat(t *testing.T) {
	codes, err := vector.Encode([]float32{1, -0.5, 0.25, 0, 3}, 5)
	require.NoError(t, err)
	require.Len(t, codes.Uppers, 64*(4+16))
	require.Len(t, codes.Lowers, 64*(1+16))
	// A step is 3/127 rounded up to 97·2⁻¹²; 1 is 42.2 of them, -0.5 -21.1, 0.25 10.6, 3 126.7, and the residual 0.602. The bytes are 170, 107, 139,
	// 128 and 255, and others of 0; the middles of their upper halves are off by 2.2, 2.9, 2.6, 8 and 6.7.
	assert.Equal(t, []byte{0xc2, 0x3c}, codes.Uppers[:2])
	assert.Equal(t, []byte{40, 34, 0x8a, 0x86, 0x88, 0x88, 0x8f, 0x88}, codes.Uppers[2:][:8])
	assert.Equal(t, []byte{37, 0x0a, 0x0b, 0x0b, 0x00, 0x0f, 0x00}, codes.Lowers[:7])
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
	assert.True(t, codes.Empty())
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

package quantize

import (
	"encoding/binary"
	"math"
)

// quantised is a matrix [in, out] in bytes: weight[i][o] is about values[i][o] * scales[o].
type quantised struct {
	in, out int64
	values  []byte // int8, row by row
	scales  []float32
}

// quantiseMatrix rounds a matrix [in, out] to integers from -limit to limit, with a scale for each column: the
// largest number of a column becomes limit.
func quantiseMatrix(m array, limit float32) quantised {
	in, out := m.shape[0], m.shape[1]
	q := quantised{in: in, out: out, values: make([]byte, in*out), scales: make([]float32, out)}
	for row := range in {
		for column, weight := range m.numbers[row*out : (row+1)*out] {
			q.scales[column] = max(q.scales[column], float32(math.Abs(float64(weight))))
		}
	}
	inverse := make([]float32, out)
	for column, most := range q.scales {
		if q.scales[column] = most / limit; q.scales[column] > 0 {
			inverse[column] = 1 / q.scales[column]
		}
	}
	for row := range in {
		to := q.values[row*out : (row+1)*out]
		for column, weight := range m.numbers[row*out : (row+1)*out] {
			rounded := math.RoundToEven(float64(weight * inverse[column]))
			to[column] = byte(int8(min(max(rounded, float64(-limit)), float64(limit))))
		}
	}
	return q
}

// sums are those of the columns.
func (q quantised) sums() []float32 {
	steps := make([]int64, q.out)
	for row := range q.in {
		for column, value := range q.values[row*q.out : (row+1)*q.out] {
			steps[column] += int64(int8(value))
		}
	}
	sums := make([]float32, q.out)
	for column, n := range steps {
		sums[column] = float32(float64(n) * float64(q.scales[column]))
	}
	return sums
}

// usable says whether all scales are numbers: weights that hold NaN or infinity are left as they are.
func (q quantised) usable() bool {
	for _, scale := range q.scales {
		if !(scale <= math.MaxFloat32) {
			return false
		}
	}
	return true
}

func littleEndian(numbers []float32) []byte {
	out := make([]byte, 0, 4*len(numbers))
	for _, n := range numbers {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(n))
	}
	return out
}

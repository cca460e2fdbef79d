package quantize

import "github.com/innerspace/innerspace/core/embed/onnxproto"

// rowsKey is what was quantised, and how.
type rowsKey struct {
	name   string
	skewed bool
}

// scaledRows is an activation in bytes. With size and low of its row, a byte b stands for size * (b - 128) / 127, or, where
// the row was taken as skewed, for low + size * b / 255.
type scaledRows struct {
	bytes string // uint8 [..., in]
	size  string // float32 [..., 1]: of a row the largest absolute value, or the largest distance from low
	low   string // float32 [..., 1]: the smallest value of a row; "" where it is not skewed
}

// multiply emits the product of an activation with quantised weights.
//
// Where there are many more inputs than outputs the activation comes from a GELU or its like, as in the second half
// of a feed-forward block: it goes far up and hardly down from zero. Its bytes then count from the lowest value of a
// row, or half of them would stay unused; that the products are shifted by it is put right with the sums of the weights.
func (r *rewriter) multiply(input string, q quantised, output string) string {
	weights := r.constant(onnxproto.Int8, []int64{q.in, q.out}, q.values)
	scales := r.constant(onnxproto.Float32, []int64{q.out}, littleEndian(q.scales))
	if q.in < 2*q.out {
		x := r.scaleRows(rowsKey{name: input})
		steps := r.add(onnxproto.Contrib, "MatMulIntegerToFloat", "", []string{x.bytes, weights, r.shared.halfStep, scales, r.shared.middle})
		return r.add("", "Mul", output, []string{steps, x.size})
	}
	x := r.scaleRows(rowsKey{name: input, skewed: true})
	steps := r.add(onnxproto.Contrib, "MatMulIntegerToFloat", "", []string{x.bytes, weights, r.shared.wholeStep, scales, r.shared.bottom})
	product := r.add("", "Mul", "", []string{steps, x.size})
	sums := r.constant(onnxproto.Float32, []int64{q.out}, littleEndian(q.sums()))
	shift := r.add("", "Mul", "", []string{x.low, sums})
	return r.add("", "Add", output, []string{product, shift})
}

// scaleRows emits the quantisation of an activation, once for all products that take it.
func (r *rewriter) scaleRows(key rowsKey) scaledRows {
	if done, again := r.rows[key]; again {
		return done
	}
	x, distances := scaledRows{}, ""
	step, zero := r.shared.halfStep, r.shared.middle
	if key.skewed {
		x.low = r.reduce("ReduceMin", key.name)
		distances = r.add("", "Sub", "", []string{key.name, x.low})
		step, zero = r.shared.wholeStep, r.shared.bottom
	} else {
		distances = r.add("", "Abs", "", []string{key.name})
	}
	x.size = r.add("", "Max", "", []string{r.reduce("ReduceMax", distances), r.shared.tiny})
	from := key.name
	if key.skewed {
		from = distances
	}
	unit := r.add("", "Div", "", []string{from, x.size})
	x.bytes = r.add("", "QuantizeLinear", "", []string{unit, step, zero})
	r.rows[key] = x
	return x
}

// reduce emits a reduction over the last axis, which stays with a length of 1.
func (r *rewriter) reduce(operator, input string) string {
	const axesAreInput = 18 // the opset from which on they are
	keep := onnxproto.Set("keepdims", 1)
	if r.graph.opset >= axesAreInput {
		return r.add("", operator, "", []string{input, r.shared.lastAxis}, keep)
	}
	return r.add("", operator, "", []string{input}, onnxproto.Set("axes", []int{-1}), keep)
}

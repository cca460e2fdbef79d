package quantize

import (
	"math"
	"slices"

	"github.com/innerspace/innerspace/core/embed/onnxproto"
	"github.com/innerspace/innerspace/core/errs"
)

// oldestOpset is the first whose operators mean what is written here.
const oldestOpset = 11

// smallestWeights is the number of weights below which a product is not worth its quantisation.
const smallestWeights = 1 << 9

// rewriter makes one graph into another.
type rewriter struct {
	graph     *graph
	constants *constants
	limit     float32 // largest weight as an integer
	options   Options
	emitter
	rows     map[rowsKey]scaledRows
	shared   sharedConstants
	products int
}

// sharedConstants are those that every product needs.
type sharedConstants struct{ halfStep, wholeStep, middle, bottom, tiny, lastAxis string }

// rewrite returns the new model.
func (r *rewriter) rewrite() ([]byte, error) {
	if r.graph.opset < oldestOpset {
		return nil, errs.New(errs.Unsupported, "the graph was exported for opset %d; opset %d or newer can be made int8", r.graph.opset, oldestOpset)
	}
	r.shared = sharedConstants{
		halfStep:  r.constant(onnxproto.Float32, nil, littleEndian([]float32{1.0 / 127})),
		wholeStep: r.constant(onnxproto.Float32, nil, littleEndian([]float32{1.0 / 255})),
		middle:    r.constant(onnxproto.Uint8, nil, []byte{128}),
		bottom:    r.constant(onnxproto.Uint8, nil, []byte{0}),
		// A row of zeros is divided by this instead of zero.
		tiny:     r.constant(onnxproto.Float32, nil, littleEndian([]float32{1e-30})),
		lastAxis: r.constant(onnxproto.Int64, []int64{1}, []byte{255, 255, 255, 255, 255, 255, 255, 255}),
	}
	for _, n := range r.graph.nodes {
		done, err := r.product(n)
		if err == nil && !done {
			done, err = r.patches(n)
		}
		if err != nil {
			return nil, err
		}
		if done {
			r.products++
		} else {
			r.nodes = append(r.nodes, n)
		}
	}
	return r.assemble()
}

// product rewrites a product of an activation with constant weights; false where n is none.
func (r *rewriter) product(n *node) (bool, error) {
	if len(n.inputs) < 2 || len(n.outputs) != 1 {
		return false, nil
	}
	transposedWeights, bias := false, ""
	switch {
	case n.is("MatMul"):
	case n.is("Gemm"):
		alpha, hasAlpha := n.attribute("alpha")
		beta, hasBeta := n.attribute("beta")
		if n.integer("transA", 0) != 0 || hasAlpha && alpha.float != 1 || hasBeta && beta.float != 1 {
			return false, nil
		}
		transposedWeights = n.integer("transB", 0) != 0
		if len(n.inputs) > 2 {
			bias = n.inputs[2]
		}
	default:
		return false, nil
	}
	input, weights := n.inputs[0], n.inputs[1]
	if _, constant := r.constants.shape(input); constant {
		return false, nil
	}
	shape, constant := r.constants.shape(weights)
	if !constant || len(shape) != 2 || min(shape[0], shape[1]) < 16 || shape[0]*shape[1] < smallestWeights || !r.constants.isFloat32(weights) {
		return false, nil
	}
	matrix, err := r.constants.value(weights)
	if err != nil {
		return false, err
	}
	if transposedWeights {
		matrix = transposed(matrix)
	}
	q := quantiseMatrix(matrix, r.limit)
	if !q.usable() {
		return false, nil
	}
	if bias == "" {
		r.multiply(input, q, n.outputs[0])
	} else {
		r.add("", "Add", n.outputs[0], []string{r.multiply(input, q, ""), bias})
	}
	return true, nil
}

// patches rewrites the convolution that cuts pictures into patches: its windows do not overlap, so it is
// a product of the patches with the weights. False where n is none.
func (r *rewriter) patches(n *node) (bool, error) {
	if !n.is("Conv") || len(n.inputs) < 2 || len(n.outputs) != 1 || !r.isPicture(n.inputs[0], maxChain) {
		return false, nil
	}
	shape, constant := r.constants.shape(n.inputs[1])
	if !constant || len(shape) != 4 || !r.constants.isFloat32(n.inputs[1]) {
		return false, nil
	}
	out, channels, side := shape[0], shape[1], shape[2]
	strides, _ := n.attribute("strides")
	pads, _ := n.attribute("pads")
	dilations, dilated := n.attribute("dilations")
	padding, automatic := n.attribute("auto_pad")
	switch {
	case shape[3] != side || side < 2 || !slices.Equal(strides.integers, []int64{side, side}),
		slices.Max(append(pads.integers, 0)) != 0 || automatic && padding.text != "NOTSET" && padding.text != "VALID",
		dilated && !slices.Equal(dilations.integers, []int64{1, 1}), n.integer("group", 1) != 1,
		// Rows and columns at the edge that fill no patch would have to be cut off first.
		r.options.Height < 1 || int64(r.options.Height)%side != 0 || int64(r.options.Width)%side != 0,
		out < 16 || out*channels*side*side < smallestWeights:
		return false, nil
	}
	weights, err := r.constants.value(n.inputs[1])
	if err != nil {
		return false, err
	}
	q := quantiseMatrix(patchMatrix(weights), r.limit)
	if !q.usable() {
		return false, nil
	}
	cells := r.add("", "SpaceToDepth", "", []string{n.inputs[0]}, onnxproto.Set("blocksize", int(side)))
	cells = r.add("", "Transpose", "", []string{cells}, onnxproto.Set("perm", []int{0, 2, 3, 1}))
	product := r.multiply(cells, q, "")
	if len(n.inputs) > 2 && n.inputs[2] != "" {
		product = r.add("", "Add", "", []string{product, n.inputs[2]})
	}
	r.add("", "Transpose", n.outputs[0], []string{product}, onnxproto.Set("perm", []int{0, 3, 1, 2}))
	return true, nil
}

// isPicture says whether a value is the graph's input, or that after steps which leave its height and width alone.
func (r *rewriter) isPicture(name string, chain int) bool {
	if shape, input := r.graph.inputs[name]; input {
		return len(shape) == 4
	}
	n := r.constants.producers[name]
	if n == nil || chain == 0 || len(n.inputs) == 0 {
		return false
	}
	switch {
	case n.is("Cast"), n.is("Identity"):
	case n.is("Sub"), n.is("Div"), n.is("Mul"), n.is("Add"):
		if _, constant := r.constants.shape(n.inputs[1]); !constant {
			return false
		}
	default:
		return false
	}
	return r.isPicture(n.inputs[0], chain-1)
}

// patchMatrix turns convolution weights [out, channels, side, side] to [side * side * channels, out], the order in which
// SpaceToDepth lays a patch out.
func patchMatrix(weights array) array {
	out, channels, area := weights.shape[0], weights.shape[1], weights.shape[2]*weights.shape[3]
	numbers := make([]float32, len(weights.numbers))
	for o := range out {
		for c := range channels {
			for at := range area {
				numbers[(at*channels+c)*out+o] = weights.numbers[(o*channels+c)*area+at]
			}
		}
	}
	return array{[]int64{area * channels, out}, numbers}
}

// assemble writes the model: nodes whose outputs nobody needs any more are left out, and the weights with them.
func (r *rewriter) assemble() ([]byte, error) {
	needed := map[string]bool{}
	for output := range r.graph.outputs {
		needed[output] = true
	}
	keep := make([]bool, len(r.nodes))
	for i, n := range slices.Backward(r.nodes) {
		if keep[i] = r.graph.nested || slices.ContainsFunc(n.outputs, func(output string) bool { return needed[output] }); keep[i] {
			for _, input := range n.inputs {
				needed[input] = true
			}
		}
	}
	var graph onnxproto.Rope
	for i, n := range r.nodes {
		if keep[i] {
			graph.Add(n.whole)
		}
	}
	for _, rest := range r.graph.graphRest {
		graph.Add(rest)
	}
	for _, t := range r.graph.initializers {
		switch {
		case !needed[t.name] && !r.graph.nested:
		case t.location == "":
			graph.Add(t.whole)
		default:
			raw, err := t.content(r.constants.open)
			if err != nil {
				return nil, err
			}
			addTensor(&graph, onnxproto.Tensor{Name: t.name, Element: t.element, Shape: t.shape}, raw)
		}
	}
	graph.Append(&r.initializers)

	var model onnxproto.Rope
	for _, rest := range r.graph.modelRest {
		model.Add(rest)
	}
	if !r.graph.contribKnown {
		var opset, whole onnxproto.Message
		opset.Text(onnxproto.OpsetDomain, onnxproto.Contrib)
		opset.Integer(onnxproto.OpsetVersion, 1)
		whole.Bytes(onnxproto.ModelOpset, opset)
		model.Add(whole)
	}
	model.Child(onnxproto.ModelGraph, &graph)
	if model.Len() > maxModelBytes {
		return nil, errs.New(errs.Unsupported, "the model would have %d bytes as int8; at most %d are possible", model.Len(), math.MaxInt32)
	}
	return model.Join(), nil
}

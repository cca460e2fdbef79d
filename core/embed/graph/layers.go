package graph

import "github.com/innerspace/innerspace/core/embed/onnxproto"

// linear is a fully connected layer whose weight is [out, in], as torch keeps it.
type linear struct {
	weight, bias rows // a bias without a name is none
}

// linearOf is a linear under a common prefix.
func linearOf(prefix string) linear {
	return linear{whole(prefix + ".weight"), whole(prefix + ".bias")}
}

// linear applies l to x, [n, in], and gives [n, out]. Gemm takes the weight as it lies in the file.
func (b *builder) linear(x edge, l linear, in, out int) edge {
	inputs := []edge{x, b.linearWeight(l.weight, in, out)}
	if l.bias.name != "" {
		inputs = append(inputs, b.linearBias(l.bias, out))
	}
	return b.node("Gemm", inputs, onnxproto.Set("transB", 1))
}

// linearWeight is [out, in], or so many rows of a tensor that holds query, key and value.
func (b *builder) linearWeight(r rows, in, out int) edge {
	if r.count > 0 {
		return b.rows(r, 3*out, in)
	}
	return b.rows(r, out, in)
}

func (b *builder) linearBias(r rows, out int) edge {
	if r.count > 0 {
		return b.rows(r, 3*out)
	}
	return b.rows(r, out)
}

// norm is a layer normalisation over the last axis.
func (b *builder) norm(x edge, prefix string, width int, epsilon float64) edge {
	return b.node("LayerNormalization", []edge{x, b.weight(prefix+".weight", width), b.weight(prefix+".bias", width)},
		onnxproto.Set("axis", -1), onnxproto.Set("epsilon", epsilon))
}

func (b *builder) add(x, y edge) edge { return b.node("Add", []edge{x, y}) }

// reshape gives x another shape; -1 is worked out, 0 stays as it is.
func (b *builder) reshape(x edge, shape ...int) edge {
	return b.node("Reshape", []edge{x, b.integers(shape...)})
}

// gather picks one position of an axis and drops the axis.
func (b *builder) gather(x edge, position, axis int) edge {
	return b.node("Gather", []edge{x, b.integer(position)}, onnxproto.Set("axis", axis))
}

// Activation is the nonlinearity between the two layers of a feed-forward block.
type Activation string

// The activations of the towers that are written.
const (
	GELU      Activation = "gelu"       // exact, with the error function
	TanhGELU  Activation = "tanh gelu"  // its approximation by tanh
	QuickGELU Activation = "quick gelu" // x * sigmoid(1.702 x), of the first CLIP
	Tanh      Activation = "tanh"
	ReLU      Activation = "relu"
	Identity  Activation = "identity"
)

var activations = []Activation{GELU, TanhGELU, QuickGELU, Tanh, ReLU, Identity}

func (b *builder) activate(x edge, a Activation) edge {
	switch a {
	case GELU:
		return b.node("Gelu", []edge{x})
	case TanhGELU:
		return b.node("Gelu", []edge{x}, onnxproto.Set("approximate", "tanh"))
	case QuickGELU:
		return b.contrib("QuickGelu", []edge{x}, onnxproto.Set("alpha", 1.702))
	case Tanh:
		return b.node("Tanh", []edge{x})
	case ReLU:
		return b.node("Relu", []edge{x})
	}
	return x
}

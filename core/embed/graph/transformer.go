package graph

import (
	"math"
	"slices"

	"github.com/innerspace/innerspace/core/embed/onnxproto"
	"github.com/innerspace/innerspace/core/errs"
)

// Transformer are the sizes that the layers of a tower share.
type Transformer struct {
	Width      int // numbers a token
	Inner      int // numbers in the middle of a feed-forward block
	Layers     int
	Heads      int
	Activation Activation
	Epsilon    float64 // of the layer normalisations
}

func (t Transformer) check() error {
	err := checkSizes(
		size{"the width of the tower", t.Width, mostWidth}, size{"the width of its feed-forward blocks", t.Inner, mostWidth},
		size{"the number of its layers", t.Layers, mostLayers}, size{"the number of its attention heads", t.Heads, mostWidth},
	)
	if err == nil && t.Width%t.Heads != 0 {
		err = errs.New(errs.InvalidInput, "the width of the tower, %d, is not a multiple of its %d attention heads", t.Width, t.Heads)
	}
	if err == nil && !(t.Epsilon > 0 && t.Epsilon < 1) {
		err = errs.New(errs.InvalidInput, "the epsilon of the layer normalisations is %v; it has to be between 0 and 1", t.Epsilon)
	}
	if err == nil && !slices.Contains(activations, t.Activation) {
		err = errs.New(errs.Unsupported, "the activation %.60q; supported are %v", string(t.Activation), activations)
	}
	return err
}

// layer names the weights of one layer.
type layer struct {
	attentionNorm, innerNorm    string // layer normalisations beside the attention and the feed-forward block
	query, key, value, attended linear
	up, down                    linear
}

// tokens is a batch of sequences, kept flat as [batch * length, width] so that every
// linear layer is one matrix product.
type tokens struct {
	flat  edge
	shape edge // int64 [3]: batch, length, width
}

// picker takes the one token a sequence whose state is the embedding: [batch*length, width] to [batch, width].
type picker func(flat edge) edge

// attention is multi-head attention. queries are [batch, n, width] by their own shape, the rest as in tokens.
// causal lets a token see only those up to itself; bias is added to the scores: absent, or a float32 that
// broadcasts to [batch, heads, n, length].
func (b *builder) attention(t Transformer, l layer, queries tokens, keys tokens, causal bool, bias edge) edge {
	split := func(x tokens, proj linear) edge {
		return b.node("Reshape", []edge{b.linear(x.flat, proj, t.Width, t.Width), x.shape})
	}
	q, k, v := split(queries, l.query), split(keys, l.key), split(keys, l.value)
	attributes := []onnxproto.Attribute{onnxproto.Set("num_heads", t.Heads), onnxproto.Set("scale", 1/math.Sqrt(float64(t.Width/t.Heads)))}
	if causal {
		attributes = append(attributes, onnxproto.Set("unidirectional", 1))
	}
	inputs := []edge{q, k, v}
	if bias != absent {
		inputs = append(inputs, absent, absent, bias)
	}
	mixed := b.contrib("MultiHeadAttention", inputs, attributes...)
	return b.linear(b.reshape(mixed, -1, t.Width), l.attended, t.Width, t.Width)
}

func (b *builder) feedForward(t Transformer, l layer, x edge) edge {
	middle := b.activate(b.linear(x, l.up, t.Width, t.Inner), t.Activation)
	return b.linear(middle, l.down, t.Inner, t.Width)
}

// preNorm is a layer that normalises before each block, as CLIP, SigLIP and ViT do.
func (b *builder) preNorm(t Transformer, l layer, x tokens, causal bool) tokens {
	normed := tokens{b.norm(x.flat, l.attentionNorm, t.Width, t.Epsilon), x.shape}
	h := b.add(x.flat, b.attention(t, l, normed, normed, causal, absent))
	h = b.add(h, b.feedForward(t, l, b.norm(h, l.innerNorm, t.Width, t.Epsilon)))
	return tokens{h, x.shape}
}

// preNormPicked is a last layer of which one token a sequence is wanted: all but the keys and
// values is worked out for that token only, which saves most of the layer. seen says which
// tokens it may see, float32 [batch, 1, 1, length]; absent means all.
func (b *builder) preNormPicked(t Transformer, l layer, x tokens, pick picker, seen edge) edge {
	normed := b.norm(x.flat, l.attentionNorm, t.Width, t.Epsilon)
	query := tokens{pick(normed), b.integers(-1, 1, t.Width)}
	h := b.add(pick(x.flat), b.attention(t, l, query, tokens{normed, x.shape}, false, seen))
	return b.add(h, b.feedForward(t, l, b.norm(h, l.innerNorm, t.Width, t.Epsilon)))
}

// postNorm is a layer that normalises behind each block, as BERT does. bias is added to the attention's scores.
func (b *builder) postNorm(t Transformer, l layer, x tokens, bias edge) tokens {
	h := b.norm(b.add(x.flat, b.attention(t, l, x, x, false, bias)), l.attentionNorm, t.Width, t.Epsilon)
	h = b.norm(b.add(h, b.feedForward(t, l, h)), l.innerNorm, t.Width, t.Epsilon)
	return tokens{h, x.shape}
}

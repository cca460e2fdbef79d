package graph

import (
	"fmt"

	"github.com/innerspace/innerspace/core/embed/onnxproto"
	"github.com/innerspace/innerspace/core/embed/safetensors"
	"github.com/innerspace/innerspace/core/errs"
)

// Family is an architecture of text encoders.
type Family string

// The families of text encoders that are written.
const (
	BERT  Family = "bert" // MiniLM is one
	MPNet Family = "mpnet"
)

// Pooling says how the tokens of a text become one vector.
type Pooling string

// The poolings that are written.
const (
	MeanPooling Pooling = "mean" // over all tokens, markers included
	CLSPooling  Pooling = "cls"  // the first token
)

// Step is what sentence-transformers does to a pooled vector.
type Step struct {
	Normalize  bool // to length 1; all else is of a Dense step
	In, Out    int
	Biased     bool
	Activation Activation
}

// Encoder is a text encoder without a tower for pictures.
type Encoder struct {
	Transformer
	Family     Family
	Vocabulary int
	Positions  int // rows of the table of positions; MPNet leaves the first two unused
	Types      int // BERT: rows of the table of segments; texts are all of the first
	Buckets    int // MPNet: rows of the table of distances
	Pooling    Pooling
	Steps      []Step
}

// VocabularySize implements TextTower.
func (e Encoder) VocabularySize() int { return e.Vocabulary }

// firstPosition is where MPNet starts to count, behind the position of padding.
const firstPosition = 2

// MaxTokens is the longest text.
func (e Encoder) MaxTokens() int {
	if e.Family == MPNet {
		return e.Positions - firstPosition
	}
	return e.Positions
}

// Dimension is the length of the vectors.
func (e Encoder) Dimension() int {
	dimension := e.Width
	for _, step := range e.Steps {
		if !step.Normalize {
			dimension = step.Out
		}
	}
	return dimension
}

func (e Encoder) checkEncoder() error {
	err := e.check()
	if err == nil {
		err = checkSizes(size{"the size of the vocabulary", e.Vocabulary, mostVocabulary}, size{"the number of positions", e.MaxTokens(), mostPositions})
	}
	switch {
	case err != nil:
		return err
	case e.Pooling != MeanPooling && e.Pooling != CLSPooling:
		return errs.New(errs.Unsupported, "the pooling %.60q", string(e.Pooling))
	case e.Family == BERT:
		err = checkSizes(size{"the number of segments", e.Types, mostPositions})
	case e.Family == MPNet:
		err = checkSizes(size{"the number of buckets of distances", e.Buckets, mostPositions})
	default:
		return errs.New(errs.Unsupported, "text encoders of the family %.60q", string(e.Family))
	}
	width := e.Width
	for _, step := range e.Steps {
		if err == nil && !step.Normalize {
			err = checkSizes(size{"the number of outputs of a Dense module", step.Out, mostWidth})
			if step.In != width {
				err = errs.New(errs.InvalidInput, "a Dense module takes vectors of %d numbers, but is given vectors of %d", step.In, width)
			}
			width = step.Out
		}
	}
	return err
}

// Graph implements Tower. The graph takes texts of one length at a time and so needs no mask for padding.
func (e Encoder) Graph(weights *safetensors.Weights) (Model, error) {
	if err := e.checkEncoder(); err != nil {
		return Model{}, err
	}
	b := newBuilder(weights)
	prefix := ""
	if _, found := weights.Tensor(string(e.Family) + ".embeddings.word_embeddings.weight"); found {
		prefix = string(e.Family) + "." // saved with a head on top
	}
	ids := b.input(TokenIDs, onnxproto.Int64, []int{0, 0}, "batch", "tokens")
	x := b.embedWords(e, ids, prefix+"embeddings.")
	bias := absent
	if e.Family == MPNet {
		bias = b.distanceBias(ids, prefix+"encoder.relative_attention_bias.weight", e.Buckets, e.MaxTokens(), e.Heads)
	}
	for i := range e.Layers {
		x = b.postNorm(e.Transformer, e.layer(prefix, i), x, bias)
	}
	h := b.pool(e.Pooling, x)
	for _, step := range e.Steps {
		h = b.step(h, step)
	}
	return b.model(h, TextEmbeds, e.Dimension())
}

func (b *builder) embedWords(e Encoder, ids edge, prefix string) tokens {
	first := e.Positions - e.MaxTokens()
	x := b.embedTokens(ids, prefix+"word_embeddings.weight", prefix+"position_embeddings.weight", e.Vocabulary, e.MaxTokens(), first, e.Width)
	if e.Family == BERT {
		x.flat = b.add(x.flat, b.rows(rows{prefix + "token_type_embeddings.weight", 0, 1}, e.Types, e.Width))
	}
	x.flat = b.norm(x.flat, prefix+"LayerNorm", e.Width, e.Epsilon)
	return x
}

func (e Encoder) layer(prefix string, i int) layer {
	prefix = fmt.Sprintf("%sencoder.layer.%d.", prefix, i)
	l := layer{innerNorm: prefix + "output.LayerNorm", up: linearOf(prefix + "intermediate.dense"), down: linearOf(prefix + "output.dense")}
	if e.Family == MPNet {
		attention := prefix + "attention.attn."
		l.query, l.key, l.value, l.attended = linearOf(attention+"q"), linearOf(attention+"k"), linearOf(attention+"v"), linearOf(attention+"o")
		l.attentionNorm = prefix + "attention.LayerNorm"
		return l
	}
	attention := prefix + "attention.self."
	l.query, l.key, l.value = linearOf(attention+"query"), linearOf(attention+"key"), linearOf(attention+"value")
	l.attended, l.attentionNorm = linearOf(prefix+"attention.output.dense"), prefix+"attention.output.LayerNorm"
	return l
}

func (b *builder) pool(p Pooling, x tokens) edge {
	if p == CLSPooling {
		return b.pickSame(x.shape, 0)(x.flat)
	}
	return b.node("ReduceMean", []edge{b.node("Reshape", []edge{x.flat, x.shape}), b.integers(1)}, onnxproto.Set("keepdims", 0))
}

func (b *builder) step(x edge, s Step) edge {
	if s.Normalize {
		// A vector of zeros stays one, as in torch's normalize.
		length := b.node("ReduceL2", []edge{x, b.integers(-1)}, onnxproto.Set("keepdims", 1))
		return b.node("Div", []edge{x, b.node("Max", []edge{length, b.scalar(1e-12)})})
	}
	l := linear{weight: whole("linear.weight")}
	if s.Biased {
		l.bias = whole("linear.bias")
	}
	return b.activate(b.linear(x, l, s.In, s.Out), s.Activation)
}

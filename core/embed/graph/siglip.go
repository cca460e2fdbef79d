package graph

import (
	"github.com/innerspace/innerspace/core/embed/onnxproto"
	"github.com/innerspace/innerspace/core/embed/safetensors"
)

// SigLIPText is the text tower of SigLIP and SigLIP 2: every token sees every other, padding included, and
// the last one is read. Texts are therefore padded to one length, that of the graph's input.
type SigLIPText struct {
	Transformer
	Vocabulary int
	Positions  int // the length of every text in tokens
	Dimension  int // of the embedding
}

// VocabularySize implements TextTower.
func (s SigLIPText) VocabularySize() int { return s.Vocabulary }

// Graph implements Tower.
func (s SigLIPText) Graph(weights *safetensors.Weights) (Model, error) {
	err := s.check()
	if err == nil {
		err = checkSizes(size{"the size of the vocabulary", s.Vocabulary, mostVocabulary},
			size{"the number of positions", s.Positions, mostPositions}, size{"the dimension of the embedding", s.Dimension, mostWidth})
	}
	if err != nil {
		return Model{}, err
	}
	b := newBuilder(weights)
	layers := transformersLayers("text_model")
	ids := b.input(TokenIDs, onnxproto.Int64, []int{0, s.Positions}, "batch", "")
	x := b.embedTokens(ids, "text_model.embeddings.token_embedding.weight", "text_model.embeddings.position_embedding.weight", s.Vocabulary, s.Positions, 0, s.Width)
	for i := range s.Layers - 1 {
		x = b.preNorm(s.Transformer, layers(i, s.Width), x, false)
	}
	h := b.preNormPicked(s.Transformer, layers(s.Layers-1, s.Width), x, b.pickSame(x.shape, -1), absent)
	h = b.norm(h, "text_model.final_layer_norm", s.Width, s.Epsilon)
	return b.model(b.linear(h, linearOf("text_model.head"), s.Width, s.Dimension), TextEmbeds, s.Dimension)
}

// SigLIPVision is the image tower of SigLIP and of SigLIP 2 at a fixed resolution: a ViT without class
// token whose patches are gathered by one more attention. Its embedding is as wide as the tower.
type SigLIPVision struct {
	Transformer
	ImageSize int // the side of the pictures, in pixels
	Patch     int // the side of a patch, in pixels
}

// Graph implements Tower.
func (s SigLIPVision) Graph(weights *safetensors.Weights) (Model, error) {
	err := s.check()
	if err == nil {
		err = checkPatches(s.ImageSize, s.ImageSize, s.Patch)
	}
	if err != nil {
		return Model{}, err
	}
	b := newBuilder(weights)
	layers := transformersLayers("vision_model")
	count := (s.ImageSize / s.Patch) * (s.ImageSize / s.Patch)
	pixels := b.input(Pixels, onnxproto.Float32, []int{0, 3, s.ImageSize, s.ImageSize}, "batch", "", "", "")
	embedded := b.add(b.patches(pixels, "vision_model.embeddings.patch_embedding", true, s.Patch, count, s.Width),
		b.weight("vision_model.embeddings.position_embedding.weight", count, s.Width))
	x := tokens{b.reshape(embedded, -1, s.Width), b.integers(-1, count, s.Width)}
	for i := range s.Layers {
		x = b.preNorm(s.Transformer, layers(i, s.Width), x, false)
	}
	x.flat = b.norm(x.flat, "vision_model.post_layernorm", s.Width, s.Epsilon)
	return b.model(b.attentionPool(s.Transformer, pixels, x), ImageEmbeds, s.Width)
}

// attentionPool gathers the patches by the attention of one learned query, the probe, to them.
func (b *builder) attentionPool(t Transformer, pixels edge, x tokens) edge {
	const head = "vision_model.head."
	l := layer{
		innerNorm: head + "layernorm", attended: linearOf(head + "attention.out_proj"),
		up: linearOf(head + "mlp.fc1"), down: linearOf(head + "mlp.fc2"),
	}
	l.query, l.key, l.value = fusedProjections(head+"attention.", t.Width)
	probe := b.reshape(b.weight(head+"probe", 1, 1, t.Width), 1, t.Width)
	each := b.node("Expand", []edge{probe, b.node("Concat", []edge{b.batch(pixels), b.integers(t.Width)}, onnxproto.Set("axis", 0))})
	h := b.attention(t, l, tokens{each, b.integers(-1, 1, t.Width)}, x, false, absent)
	return b.add(h, b.feedForward(t, l, b.norm(h, l.innerNorm, t.Width, t.Epsilon)))
}

package graph

import (
	"github.com/innerspace/innerspace/core/embed/onnxproto"
	"github.com/innerspace/innerspace/core/embed/safetensors"
	"github.com/innerspace/innerspace/core/errs"
)

// Naming is whose names the weights of a CLIP go by.
type Naming string

// The two libraries that CLIP weights come from.
const (
	Transformers Naming = "transformers"
	OpenCLIP     Naming = "open_clip"
)

// CLIPText is CLIP's text tower: causal, read at the end token, projected.
type CLIPText struct {
	Transformer
	Naming     Naming
	Vocabulary int
	Positions  int  // the longest text in tokens
	Dimension  int  // of the embedding
	EndToken   int  // a text is read at the first such token; negative: at the highest token id
	Biased     bool // the projection has a bias
}

// VocabularySize implements TextTower.
func (c CLIPText) VocabularySize() int { return c.Vocabulary }

// Graph implements Tower. The graph takes texts of every length up to Positions.
func (c CLIPText) Graph(weights *safetensors.Weights) (Model, error) {
	err := c.check()
	if err == nil {
		err = checkSizes(size{"the size of the vocabulary", c.Vocabulary, mostVocabulary},
			size{"the number of positions", c.Positions, mostPositions}, size{"the dimension of the embedding", c.Dimension, mostWidth})
	}
	if err != nil {
		return Model{}, err
	}
	b := newBuilder(weights)
	names := c.Naming.text(weights)
	ids := b.input(TokenIDs, onnxproto.Int64, []int{0, 0}, "batch", "tokens")
	x := b.embedTokens(ids, names.tokens, names.positions, c.Vocabulary, c.Positions, 0, c.Width)
	for i := range c.Layers - 1 {
		x = b.preNorm(c.Transformer, names.layer(i, c.Width), x, true)
	}
	end := b.endPosition(ids, c.EndToken)
	h := b.preNormPicked(c.Transformer, names.layer(c.Layers-1, c.Width), x, b.pickAt(ids, end), b.upTo(ids, end))
	h = b.norm(h, names.finalNorm, c.Width, c.Epsilon)
	return b.model(b.project(h, names.projection, c.Naming, c.Biased, c.Width, c.Dimension), TextEmbeds, c.Dimension)
}

// CLIPVision is CLIP's image tower: a ViT read at its class token, projected.
type CLIPVision struct {
	Transformer
	Naming                  Naming
	ImageWidth, ImageHeight int // of the pictures it takes, in pixels
	Patch                   int // the side of a patch, in pixels
	Dimension               int // of the embedding
}

// Graph implements Tower.
func (c CLIPVision) Graph(weights *safetensors.Weights) (Model, error) {
	err := c.check()
	if err == nil {
		err = checkSizes(size{"the dimension of the embedding", c.Dimension, mostWidth})
	}
	if err == nil {
		err = checkPatches(c.ImageWidth, c.ImageHeight, c.Patch)
	}
	if err != nil {
		return Model{}, err
	}
	b := newBuilder(weights)
	names := c.Naming.vision()
	patches := (c.ImageWidth / c.Patch) * (c.ImageHeight / c.Patch)
	pixels := b.input(Pixels, onnxproto.Float32, []int{0, 3, c.ImageHeight, c.ImageWidth}, "batch", "", "", "")
	x := b.patches(pixels, names.patches, false, c.Patch, patches, c.Width)
	class := b.node("Expand", []edge{b.weight(names.class, c.Width), b.node("Concat", []edge{b.batch(pixels), b.integers(1, c.Width)}, onnxproto.Set("axis", 0))})
	x = b.node("Concat", []edge{class, x}, onnxproto.Set("axis", 1))
	x = b.add(x, b.weight(names.positions, patches+1, c.Width))
	flat := b.norm(b.reshape(x, -1, c.Width), names.firstNorm, c.Width, c.Epsilon)
	sequence := tokens{flat, b.integers(-1, patches+1, c.Width)}
	for i := range c.Layers - 1 {
		sequence = b.preNorm(c.Transformer, names.layer(i, c.Width), sequence, false)
	}
	h := b.preNormPicked(c.Transformer, names.layer(c.Layers-1, c.Width), sequence, b.pickSame(sequence.shape, 0), absent)
	h = b.norm(h, names.finalNorm, c.Width, c.Epsilon)
	return b.model(b.project(h, names.projection, c.Naming, false, c.Width, c.Dimension), ImageEmbeds, c.Dimension)
}

// project is the last, linear step. Where it is no layer but a bare matrix, as mostly in open_clip, that is [in, out].
func (b *builder) project(x edge, name string, naming Naming, biased bool, in, out int) edge {
	switch {
	case biased:
		return b.linear(x, linearOf(name), in, out)
	case naming == OpenCLIP:
		return b.node("MatMul", []edge{x, b.weight(name, in, out)})
	}
	return b.linear(x, linear{weight: whole(name + ".weight")}, in, out)
}

// checkPatches refuses pictures that cannot be cut into patches.
func checkPatches(width, height, patch int) error {
	err := checkSizes(size{"the width of the pictures", width, mostPixels}, size{"the height of the pictures", height, mostPixels},
		size{"the side of a patch", patch, min(width, height)})
	if err == nil && (width/patch)*(height/patch) > mostPositions {
		err = errs.New(errs.InvalidInput, "pictures of %dx%d pixels have more than %d patches of %d pixels", width, height, mostPositions, patch)
	}
	return err
}

// patches cuts pictures into patches and embeds each: [batch, patches, width].
func (b *builder) patches(pixels edge, name string, biased bool, patch, count, width int) edge {
	inputs := []edge{pixels, b.weight(name+".weight", width, 3, patch, patch)}
	if biased {
		inputs = append(inputs, b.weight(name+".bias", width))
	}
	x := b.node("Conv", inputs, onnxproto.Set("kernel_shape", []int{patch, patch}), onnxproto.Set("strides", []int{patch, patch}))
	return b.node("Transpose", []edge{b.reshape(x, -1, width, count)}, onnxproto.Set("perm", []int{0, 2, 1}))
}

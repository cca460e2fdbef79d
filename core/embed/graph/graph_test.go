package graph_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/embed/graph"
	"github.com/innerspace/innerspace/core/embed/safetensors"
	"github.com/innerspace/innerspace/core/errs"
)

// That the graphs compute what they should is seen in core/embed/onnx, which can run them.

func small(t testing.TB, names ...string) *safetensors.Weights {
	t.Helper()
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = filepath.Join(embedtest.Root(t), "testdata", "models", "small", filepath.FromSlash(name))
	}
	weights, err := safetensors.Open(paths...)
	require.NoError(t, err)
	return weights
}

var (
	textSizes   = graph.Transformer{Width: 32, Inner: 96, Layers: 2, Heads: 4, Activation: graph.QuickGELU, Epsilon: 1e-5}
	visionSizes = graph.Transformer{Width: 48, Inner: 128, Layers: 3, Heads: 4, Activation: graph.QuickGELU, Epsilon: 1e-5}
	clipText    = graph.CLIPText{Transformer: textSizes, Naming: graph.Transformers, Vocabulary: 610, Positions: 24, Dimension: 24, EndToken: 609}
	clipVision  = graph.CLIPVision{Transformer: visionSizes, Naming: graph.Transformers, ImageWidth: 32, ImageHeight: 32, Patch: 8, Dimension: 24}
	siglipText  = graph.SigLIPText{
		Transformer: graph.Transformer{Width: 32, Inner: 80, Layers: 2, Heads: 4, Activation: graph.TanhGELU, Epsilon: 1e-6},
		Vocabulary:  109, Positions: 16, Dimension: 48,
	}
	siglipVision = graph.SigLIPVision{
		Transformer: graph.Transformer{Width: 48, Inner: 112, Layers: 2, Heads: 6, Activation: graph.TanhGELU, Epsilon: 1e-6}, ImageSize: 32, Patch: 8,
	}
	bert = graph.Encoder{
		Transformer: graph.Transformer{Width: 32, Inner: 72, Layers: 2, Heads: 4, Activation: graph.GELU, Epsilon: 1e-12},
		Family:      graph.BERT, Vocabulary: 109, Positions: 40, Types: 2, Pooling: graph.CLSPooling,
		Steps: []graph.Step{{In: 32, Out: 20, Biased: true, Activation: graph.Tanh}},
	}
)

// Weights stay in their files: a graph holds where they are.
func TestAGraphRefersToItsWeights(t *testing.T) {
	weights := small(t, "bert-cls-dense/model.safetensors", "bert-cls-dense/2_Dense/model.safetensors")
	bert := bert
	words, found := weights.Tensor("embeddings.word_embeddings.weight")
	require.True(t, found)
	bert.Vocabulary = int(words.Shape[0])
	model, err := bert.Graph(weights)
	require.NoError(t, err)
	assert.Equal(t, filepath.Dir(weights.Paths()[0]), model.Folder)
	assert.Less(t, len(model.Bytes), 20_000)
	entry := func(key, value string) string {
		return fmt.Sprintf("\x0a%c%s\x12%c%s", len(key), key, len(value), value)
	}
	assert.True(t, bytes.Contains(model.Bytes, []byte(entry("location", "model.safetensors"))))
	assert.True(t, bytes.Contains(model.Bytes, []byte(entry("location", "2_Dense/model.safetensors"))))
	assert.True(t, bytes.Contains(model.Bytes, []byte(entry("offset", fmt.Sprint(words.Offset)))))
	again, err := bert.Graph(weights)
	require.NoError(t, err)
	assert.Equal(t, model.Bytes, again.Bytes, "the same weights, the same graph")
}

func TestTowersThatAreRefused(t *testing.T) {
	clip, siglip := small(t, "clip/model.safetensors"), small(t, "siglip/model.safetensors")
	encoder := small(t, "bert-cls-dense/model.safetensors", "bert-cls-dense/2_Dense/model.safetensors")
	text := func(change func(*graph.CLIPText)) graph.Tower { c := clipText; change(&c); return c }
	vision := func(change func(*graph.CLIPVision)) graph.Tower { c := clipVision; change(&c); return c }
	words := func(change func(*graph.SigLIPText)) graph.Tower { c := siglipText; change(&c); return c }
	pictures := func(change func(*graph.SigLIPVision)) graph.Tower { c := siglipVision; change(&c); return c }
	sentences := func(change func(*graph.Encoder)) graph.Tower { c := bert; change(&c); return c }
	for name, test := range map[string]struct {
		tower   graph.Tower
		weights *safetensors.Weights
		status  errs.Status
		says    string
	}{
		"another vocabulary":       {text(func(c *graph.CLIPText) { c.Vocabulary = 49408 }), clip, errs.InvalidInput, "has the shape [610 32], but the model's configuration asks for [49408 32]"},
		"another number of layers": {text(func(c *graph.CLIPText) { c.Layers = 3 }), clip, errs.InvalidInput, `no tensor "text_model.encoder.layers.2.`},
		"another width":            {text(func(c *graph.CLIPText) { c.Width = 64 }), clip, errs.InvalidInput, "asks for"},
		"another inner width":      {vision(func(c *graph.CLIPVision) { c.Inner = 100 }), clip, errs.InvalidInput, "mlp.fc1"},
		"another patch":            {vision(func(c *graph.CLIPVision) { c.Patch = 16 }), clip, errs.InvalidInput, "patch_embedding"},
		"another picture":          {vision(func(c *graph.CLIPVision) { c.ImageWidth = 64 }), clip, errs.InvalidInput, "position_embedding"},
		"another dimension":        {vision(func(c *graph.CLIPVision) { c.Dimension = 25 }), clip, errs.InvalidInput, "visual_projection"},
		"names of open_clip":       {text(func(c *graph.CLIPText) { c.Naming = graph.OpenCLIP }), clip, errs.InvalidInput, `no tensor "token_embedding.weight"`},
		"weights of SigLIP":        {clipVision, siglip, errs.InvalidInput, "class_embedding"},
		"weights of CLIP":          {siglipVision, clip, errs.InvalidInput, "patch_embedding"},
		"no heads":                 {text(func(c *graph.CLIPText) { c.Heads = 0 }), clip, errs.InvalidInput, "attention heads is 0"},
		"heads that do not divide": {text(func(c *graph.CLIPText) { c.Heads = 5 }), clip, errs.InvalidInput, "not a multiple"},
		"negative layers":          {text(func(c *graph.CLIPText) { c.Layers = -1 }), clip, errs.InvalidInput, "layers is -1"},
		"endless layers":           {text(func(c *graph.CLIPText) { c.Layers = 1 << 40 }), clip, errs.InvalidInput, "layers is"},
		"huge width":               {text(func(c *graph.CLIPText) { c.Width = 1 << 60 }), clip, errs.InvalidInput, "width of the tower"},
		"no epsilon":               {text(func(c *graph.CLIPText) { c.Epsilon = 0 }), clip, errs.InvalidInput, "epsilon"},
		"an unknown activation":    {text(func(c *graph.CLIPText) { c.Activation = "swish" }), clip, errs.Unsupported, "swish"},
		"no positions":             {text(func(c *graph.CLIPText) { c.Positions = 0 }), clip, errs.InvalidInput, "positions is 0"},
		"no patch":                 {vision(func(c *graph.CLIPVision) { c.Patch = 0 }), clip, errs.InvalidInput, "patch is 0"},
		"a patch over the picture": {vision(func(c *graph.CLIPVision) { c.Patch = 64 }), clip, errs.InvalidInput, "patch is 64"},
		"a huge picture":           {vision(func(c *graph.CLIPVision) { c.ImageWidth, c.ImageHeight, c.Patch = 4000, 4000, 1 }), clip, errs.InvalidInput, "more than 65536 patches"},
		"no length":                {words(func(c *graph.SigLIPText) { c.Positions = 0 }), siglip, errs.InvalidInput, "positions is 0"},
		"no dimension":             {words(func(c *graph.SigLIPText) { c.Dimension = -3 }), siglip, errs.InvalidInput, "embedding is -3"},
		"SigLIP's patch":           {pictures(func(c *graph.SigLIPVision) { c.Patch = 5 }), siglip, errs.InvalidInput, "patch_embedding"},
		"SigLIP's heads":           {pictures(func(c *graph.SigLIPVision) { c.Heads = 7 }), siglip, errs.InvalidInput, "not a multiple"},
		"no pooling":               {sentences(func(c *graph.Encoder) { c.Pooling = "max" }), encoder, errs.Unsupported, "max"},
		"another family":           {sentences(func(c *graph.Encoder) { c.Family = "roberta" }), encoder, errs.Unsupported, "roberta"},
		"MPNet without buckets":    {sentences(func(c *graph.Encoder) { c.Family = graph.MPNet }), encoder, errs.InvalidInput, "buckets"},
		"no segments":              {sentences(func(c *graph.Encoder) { c.Types = 0 }), encoder, errs.InvalidInput, "segments"},
		"another Dense":            {sentences(func(c *graph.Encoder) { c.Steps = []graph.Step{{In: 30, Out: 20}} }), encoder, errs.InvalidInput, "takes vectors of 30 numbers, but is given vectors of 32"},
		"a Dense of nothing":       {sentences(func(c *graph.Encoder) { c.Steps = []graph.Step{{In: 32}} }), encoder, errs.InvalidInput, "Dense"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := test.tower.Graph(test.weights)
			require.Equal(t, test.status, errs.StatusOf(err), "%v", err)
			assert.ErrorContains(t, err, test.says)
		})
	}
}

// A tensor of whole numbers is no weight, whatever its shape.
func TestWeightsOfAnotherType(t *testing.T) {
	header := `{"text_model.embeddings.token_embedding.weight": {"dtype": "I64", "shape": [610, 32], "data_offsets": [0, 156160]}}`
	path := filepath.Join(t.TempDir(), "model.safetensors")
	content := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
	require.NoError(t, os.WriteFile(path, append(content, make([]byte, 156160)...), 0o644))
	weights, err := safetensors.Open(path)
	require.NoError(t, err)
	_, err = clipText.Graph(weights)
	assert.Equal(t, errs.Unsupported, errs.StatusOf(err), "%v", err)
	assert.ErrorContains(t, err, "I64")
}

package layout_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/embed/layout"
	"github.com/innerspace/innerspace/core/embed/tokenize"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

func exported(t testing.TB, name string) string {
	return filepath.Join(embedtest.Root(t), "testdata", "models", "exported", filepath.FromSlash(name))
}

func TestReadExportedModels(t *testing.T) {
	squash := imaging.Preprocessing{
		Resize: imaging.Squash, Filter: imaging.Bicubic, Width: 32, Height: 32, Rescale: 1.0 / 255,
		Mean: [3]float64{0.5, 0.5, 0.5}, Std: [3]float64{0.5, 0.5, 0.5},
	}
	bilinear := squash
	bilinear.Filter = imaging.Bilinear
	clip := clipPreprocessing()
	clip.Size, clip.Width, clip.Height = 32, 32, 32
	torchvision := clip
	torchvision.Crop = imaging.CropEven
	squashed := squash
	squashed.Crop = imaging.CropEven
	for name, test := range map[string]struct {
		format, image, text string
		precision           embed.Precision
		preprocessing       imaging.Preprocessing
		tokens              int
		padding             layout.Padding
		padToken            string
		cleaning            tokenize.Cleaning
	}{
		"clip":               {"transformers.js", "onnx/vision_model.onnx", "onnx/text_model.onnx", embed.FP32, clip, 24, layout.PaddingUnseen, "", tokenize.AsIs},
		"clip ":              {"transformers.js", "onnx/vision_model_fp16.onnx", "onnx/text_model_fp16.onnx", embed.FP16, clip, 24, layout.PaddingUnseen, "", tokenize.AsIs},
		"clip  ":             {"transformers.js", "onnx/vision_model_quantized.onnx", "onnx/text_model_quantized.onnx", embed.INT8, clip, 24, layout.PaddingUnseen, "", tokenize.AsIs},
		"clip-pair":          {"pair", "model.onnx", "model.onnx", embed.FP32, clip, 24, layout.PaddingUnseen, "", tokenize.AsIs},
		"immich":             {"immich", "visual/model.onnx", "textual/model.onnx", embed.FP32, torchvision, 24, layout.PaddingUnseen, "<|endoftext|>", tokenize.AsIs},
		"immich-siglip":      {"immich", "visual/model.onnx", "textual/model.onnx", embed.FP32, squashed, 16, layout.PaddingRead, "</s>", tokenize.Canonical},
		"immich-xlm-roberta": {"immich", "visual/model.onnx", "textual/model.onnx", embed.FP32, torchvision, 77, layout.PaddingMasked, "<pad>", tokenize.AsIs},
		"siglip":             {"transformers.js", "onnx/vision_model.onnx", "onnx/text_model.onnx", embed.FP32, squash, 16, layout.PaddingRead, "</s>", tokenize.LowerCase},
		"siglip2":            {"transformers.js", "onnx/vision_model.onnx", "onnx/text_model.onnx", embed.FP32, bilinear, 16, layout.PaddingRead, "<pad>", tokenize.LowerCase},
		"jina-clip":          {"transformers.js", "onnx/vision_model.onnx", "onnx/text_model.onnx", embed.FP32, torchvision, 20, layout.PaddingMasked, "", tokenize.AsIs},
	} {
		t.Run(name+string(test.precision), func(t *testing.T) {
			l, err := layout.Read(exported(t, strings.TrimSpace(name)), layout.Choice{Precision: test.precision})
			require.NoError(t, err)
			assert.Equal(t, test.format, l.Format)
			assert.Equal(t, test.image, l.Image.Graph.Name)
			assert.Equal(t, test.text, l.Text.Graph.Name)
			assert.Equal(t, test.precision, l.Precision)
			assert.Equal(t, test.preprocessing, l.Preprocessing)
			assert.Equal(t, test.tokens, l.MaxTokens)
			assert.Equal(t, test.padding, l.Padding)
			assert.Equal(t, test.padToken, l.PadToken)
			assert.Equal(t, test.cleaning, l.Cleaning)
		})
	}
}

func TestHalvesInTwoDirectories(t *testing.T) {
	l, err := layout.Read(exported(t, "clip-pair/vision"), layout.Choice{TextDir: exported(t, "clip-pair/text")})
	require.NoError(t, err)
	assert.Equal(t, "pair", l.Format)
	assert.Equal(t, exported(t, "clip-pair/text"), l.TextDir)
	assert.Equal(t, filepath.Join(l.TextDir, "tokenizer.json"), l.Tokenizer.Path)
	together, err := layout.Read(exported(t, "clip-pair"), layout.Choice{})
	require.NoError(t, err)
	assert.Empty(t, together.TextDir)
	apart, err := l.Fingerprint(context.Background())
	require.NoError(t, err)
	same, err := together.Fingerprint(context.Background())
	require.NoError(t, err)
	assert.Equal(t, same, apart, "where the halves lie does not matter")
}

var immichFiles = map[string]string{
	"visual/model.onnx": "graph", "textual/model.onnx": "graph", "textual/tokenizer.json": "{}",
	"config.json":                `{"embed_dim": 24, "text_cfg": {"context_length": 16}}`,
	"visual/preprocess_cfg.json": `{"size": [32, 32], "mode": "RGB", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "resize_mode": "squash"}`,
}

var pairFiles = map[string]string{
	"vision/model.onnx": "graph", "text/model.onnx": "graph", "text/tokenizer.json": "{}", "vision/preprocessor_config.json": "{}",
}

func TestExportedModelsThatAreRefused(t *testing.T) {
	change := func(name, content string) map[string]string { return map[string]string{name: content} }
	siglip := func(changes ...string) map[string]string {
		all := change("config.json", `{"model_type": "siglip"}`)
		for i := 0; i < len(changes); i += 2 {
			all[changes[i]] = changes[i+1]
		}
		return all
	}
	for name, test := range map[string]struct {
		files, changes map[string]string
		precision      embed.Precision
		status         errs.Status
		says           []string
	}{
		"immich: no text graph":  {immichFiles, change("textual/model.onnx", ""), "", errs.NotFound, []string{"textual/model.onnx"}},
		"immich: no tokenizer":   {immichFiles, change("textual/tokenizer.json", ""), "", errs.NotFound, []string{"textual/tokenizer.json"}},
		"immich: no config":      {immichFiles, change("config.json", ""), "", errs.NotFound, []string{"config.json"}},
		"immich: no size":        {immichFiles, change("visual/preprocess_cfg.json", `{"resize_mode": "squash"}`), "", errs.InvalidInput, []string{"preprocess_cfg.json", "size"}},
		"immich: longest side":   {immichFiles, change("visual/preprocess_cfg.json", `{"size": 32, "resize_mode": "longest"}`), "", errs.Unsupported, []string{"longest"}},
		"immich: cleaning":       {immichFiles, change("config.json", `{"text_cfg": {"tokenizer_kwargs": {"clean": "stem"}}}`), "", errs.Unsupported, []string{"stem"}},
		"immich: no width":       {immichFiles, change("config.json", `{"embed_dim": -1}`), "", errs.InvalidInput, []string{"embed_dim"}},
		"immich: length":         {immichFiles, change("config.json", `{"text_cfg": {"context_length": 1000000}}`), "", errs.InvalidInput, []string{"context_length"}},
		"immich: fp16":           {immichFiles, nil, embed.FP16, errs.NotFound, []string{"textual/model_fp16.onnx", "precision fp32"}},
		"pair: one half":         {pairFiles, change("text/model.onnx", ""), "", errs.NotFound, []string{"model.onnx", "text"}},
		"pair: no preprocessor":  {pairFiles, change("vision/preprocessor_config.json", ""), "", errs.NotFound, []string{"preprocessor_config.json"}},
		"pair: another family":   {pairFiles, change("text/config.json", `{"model_type": "bert"}`), "", errs.Unsupported, []string{"bert"}},
		"pair: length":           {pairFiles, change("text/config.json", `{"max_position_embeddings": 1}`), "", errs.InvalidInput, []string{"max_position_embeddings"}},
		"siglip: pad token":      {clipFiles, siglip("tokenizer_config.json", `{"pad_token": 7}`), "", errs.InvalidInput, []string{"tokenizer_config.json"}},
		"siglip: resize mode":    {clipFiles, siglip("preprocessor_config.json", `{"resize_mode": "longest", "size": 32}`), "", errs.Unsupported, []string{"longest"}},
		"siglip 2, any size":     {clipFiles, change("config.json", `{"model_type": "siglip2"}`), "", errs.Unsupported, []string{"siglip2"}},
		"one tower in int8":      {clipFiles, change("onnx/text_model_int8.onnx", "graph"), embed.INT8, errs.NotFound, []string{"vision_model_int8.onnx or onnx/vision_model_quantized.onnx", "precision fp32"}},
		"an unknown precision":   {clipFiles, nil, "int4", errs.InvalidInput, []string{"int4"}},
		"fp16 of our own format": {nativeFiles, nil, embed.FP16, errs.Unsupported, []string{"fp16"}},
		"only fp16, fp32 wanted": {clipFiles, map[string]string{"onnx/text_model.onnx": "", "onnx/vision_model.onnx": "", "onnx/text_model_fp16.onnx": "g", "onnx/vision_model_fp16.onnx": "g"}, "", errs.NotFound, []string{"text_model.onnx", "precision fp16"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := layout.Read(write(t, test.files, test.changes), layout.Choice{Precision: test.precision})
			require.Error(t, err)
			assert.Equal(t, test.status, errs.StatusOf(err), "%v", err)
			for _, says := range test.says {
				assert.ErrorContains(t, err, says)
			}
		})
	}
	_, err := layout.Read(write(t, clipFiles, nil), layout.Choice{TextDir: filepath.Join(t.TempDir(), "nowhere")})
	assert.Equal(t, errs.NotFound, errs.StatusOf(err))
}

// int8 without graphs of it is made from those in fp32.
func TestInt8IsMadeFromFP32(t *testing.T) {
	l, err := layout.Read(write(t, clipFiles, nil), layout.Choice{Precision: embed.INT8})
	require.NoError(t, err)
	assert.Equal(t, embed.FP32, l.Precision)
	assert.Equal(t, "onnx/text_model.onnx", l.Text.Graph.Name)
}

func TestSigLIPDefaults(t *testing.T) {
	l, err := layout.Read(write(t, clipFiles, map[string]string{
		"config.json": `{"model_type": "siglip"}`, "preprocessor_config.json": `{}`, "tokenizer_config.json": `{"pad_token": {"content": "<pad>", "special": true}}`,
	}), layout.Choice{})
	require.NoError(t, err)
	assert.Equal(t, 64, l.MaxTokens)
	assert.Equal(t, "<pad>", l.PadToken)
	assert.True(t, l.Text.Pooled && l.Image.Pooled)
	assert.Equal(t, imaging.Squash, l.Preprocessing.Resize)
	assert.Equal(t, [3]float64{0.5, 0.5, 0.5}, l.Preprocessing.Mean)
}

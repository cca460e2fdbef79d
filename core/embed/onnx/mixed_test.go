package onnx

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/errs"
)

// mix copies an exported model and puts files of other models into it, by name.
func mix(t testing.TB, model string, files map[string]string) string {
	t.Helper()
	models := filepath.Join(embedtest.Root(t), "testdata", "models")
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join(models, "exported", model))))
	for name, from := range files {
		data, err := os.ReadFile(filepath.Join(models, filepath.FromSlash(from)))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), data, 0o644))
	}
	return dir
}

// Directories that were put together of parts of different models.
func TestMixedModels(t *testing.T) {
	for name, test := range map[string]struct {
		dir     string
		options Options
		status  errs.Status
		says    []string
	}{
		"towers of different widths": {mix(t, "clip", map[string]string{"onnx/vision_model.onnx": "exported/siglip/onnx/vision_model.onnx"}),
			Options{}, errs.Unsupported, []string{"vision_model.onnx", "pooler_output"}},
		"towers of different widths, both pooled": {mix(t, "siglip", map[string]string{"onnx/vision_model.onnx": "exported/clip/onnx/vision_model.onnx"}),
			Options{}, errs.InvalidInput, []string{"do not belong together", "32", "24"}},
		"a larger vocabulary": {mix(t, "clip", map[string]string{"tokenizer.json": "tiny-clip/tokenizer.json"}),
			Options{}, errs.InvalidInput, []string{"tokenizer.json", "49408", "610", "different models"}},
		"a tokenizer of another family": {mix(t, "clip", map[string]string{"tokenizer.json": "exported/jina-clip/tokenizer.json"}),
			Options{}, errs.Unsupported, []string{"attention_mask", "bert-wordpiece"}},
		"pictures of another size": {mix(t, "clip", map[string]string{"preprocessor_config.json": "tiny-clip/preprocessor_config.json"}),
			Options{}, errs.InvalidInput, []string{"[any, 3, 32, 32]", "[3, 224, 224]"}},
		"another stated width": {mix(t, "clip", map[string]string{"config.json": "tiny-clip/config.json"}),
			Options{}, errs.InvalidInput, []string{"64", "24"}},
		"an unknown pad token": {mix(t, "siglip", map[string]string{"tokenizer_config.json": "exported/jina-clip/tokenizer_config.json"}),
			Options{}, errs.InvalidInput, []string{"[PAD]"}},
		"no fp16 graphs": {mix(t, "siglip", nil), Options{Precision: embed.FP16}, errs.NotFound, []string{"text_model_fp16.onnx", "precision fp32"}},
		"float16 of unknown width": {mix(t, "clip", map[string]string{
			"onnx/text_model.onnx": "graphs/text_int64.onnx", "onnx/vision_model.onnx": "graphs/image_half_open.onnx",
			"config.json": "exported/clip/goldens.json", "preprocessor_config.json": "graphs/preprocessor_config.json"}),
			Options{}, errs.Unsupported, []string{"float16", "fp32"}},
	} {
		t.Run(name, func(t *testing.T) {
			test.options.Library = embedtest.Library(t)
			_, err := Load(context.Background(), test.dir, test.options)
			require.Equal(t, test.status, errs.StatusOf(err), "%v", err)
			for _, says := range test.says {
				assert.ErrorContains(t, err, says)
			}
		})
	}
}

func TestAFloat16DimensionIsTakenFromTheDirectory(t *testing.T) {
	m := loadShared(t, assemble(t, "text_int64", "image_half_open", wordPiece(t), "", 4))
	tensor := make([]float32, m.preprocessing.TensorLen())
	for i := range tensor {
		tensor[i] = float32(i/256) / 4
	}
	out, err := m.images(context.Background(), tensor, 1)
	require.NoError(t, err)
	assert.Equal(t, [][]float32{{0, 0.25, 0.5, 0.25}}, out)
}

func TestATokenThatTheGraphDoesNotKnow(t *testing.T) {
	m := loadShared(t, assemble(t, "text_hidden_table", "image", embedtest.TinyCLIP(t), "embedding", 4))
	_, err := m.texts(context.Background(), []string{"red"})
	assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	assert.ErrorContains(t, err, "tokenizer.json")
}

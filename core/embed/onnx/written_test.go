package onnx_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/embed/onnx"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// copyModel copies a small model; change edits the copy's files by name.
func copyModel(t testing.TB, name string, change map[string]func(string) string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(smallModel(t, name))))
	for file, edit := range change {
		path := filepath.Join(dir, filepath.FromSlash(file))
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		edited := edit(string(content))
		require.NotEqual(t, string(content), edited, "%s of %s has not what the test changes", file, name)
		require.NoError(t, os.WriteFile(path, []byte(edited), 0o644))
	}
	return dir
}

func replace(old, new string) func(string) string {
	return func(content string) string { return strings.ReplaceAll(content, old, new) }
}

// Models that do not fit together are refused when they are loaded, not by vectors that mean nothing.
func TestWeightsThatDoNotFit(t *testing.T) {
	other := func(file string) func(string) string {
		return func(string) string {
			content, err := os.ReadFile(filepath.Join(smallModel(t, "siglip"), file))
			require.NoError(t, err)
			return string(content)
		}
	}
	half := func(content string) string { return content[:len(content)/2] }
	for name, test := range map[string]struct {
		model  string
		change map[string]func(string) string
		status errs.Status
		says   []string
	}{
		"a model of fewer tokens": {"bert-mean-normalize", map[string]func(string) string{"tokenizer.json": replace(`"added_tokens": [`,
			`"added_tokens": [{"id": 150, "content": "extra", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},`)},
			errs.InvalidInput, []string{"tokenizer.json", "has 151 tokens", "knows 150"}},
		"another end token":            {"clip", map[string]func(string) string{"config.json": replace(`"eos_token_id": 609`, `"eos_token_id": 608`)}, errs.InvalidInput, []string{"ends a text with the token 609", "at the token 608"}},
		"the configuration of another": {"clip", map[string]func(string) string{"config.json": replace(`"hidden_size": 32`, `"hidden_size": 64`)}, errs.InvalidInput, []string{"model.safetensors", "text_model.embeddings.token_embedding.weight", "[610 32]", "[610 64]"}},
		"the weights of another":       {"clip", map[string]func(string) string{"model.safetensors": other("model.safetensors")}, errs.InvalidInput, []string{"belong to different models"}},
		"towers of different widths":   {"siglip", map[string]func(string) string{"config.json": replace(`"projection_size": 48`, `"projection_size": 47`)}, errs.InvalidInput, []string{"text_model.head.weight", "[48 32]", "[47 32]"}},
		"weights cut off":              {"clip", map[string]func(string) string{"model.safetensors": half}, errs.InvalidInput, []string{"model.safetensors", "cut off"}},
		"weights of garbage":           {"clip", map[string]func(string) string{"model.safetensors": func(string) string { return "version https://git-lfs.github.com/spec/v1" }}, errs.InvalidInput, []string{"model.safetensors"}},
		"pictures of another size":     {"clip", map[string]func(string) string{"preprocessor_config.json": replace("32", "40")}, errs.InvalidInput, []string{"[3, 40, 40]"}},
		"a shard of another":           {"clip-old-config-float16-shards", map[string]func(string) string{"model-00002-of-00005.safetensors": other("model.safetensors")}, errs.InvalidInput, []string{"is in"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := onnx.Load(context.Background(), copyModel(t, test.model, test.change), onnx.Options{Library: embedtest.Library(t)})
			require.Equal(t, test.status, errs.StatusOf(err), "%v", err)
			for _, says := range test.says {
				assert.ErrorContains(t, err, says)
			}
		})
	}
}

// The hub's cache: a snapshot is a folder of links to files that are named by their hashes, some folders away.
func TestASnapshotOfTheHubsCache(t *testing.T) {
	for _, name := range []string{"clip", "clip-old-config-float16-shards", "bert-cls-dense"} {
		t.Run(name, func(t *testing.T) {
			cache := t.TempDir()
			blobs, snapshot := filepath.Join(cache, "blobs"), filepath.Join(cache, "snapshots", "0123abcd")
			require.NoError(t, os.MkdirAll(blobs, 0o755))
			source := smallModel(t, name)
			require.NoError(t, filepath.WalkDir(source, func(path string, entry os.DirEntry, err error) error {
				require.NoError(t, err)
				relative, err := filepath.Rel(source, path)
				require.NoError(t, err)
				if entry.IsDir() {
					return os.MkdirAll(filepath.Join(snapshot, relative), 0o755)
				}
				content, err := os.ReadFile(path)
				require.NoError(t, err)
				blobName := filepath.Join(blobs, strings.ReplaceAll(relative, string(filepath.Separator), "-")+"-hash")
				require.NoError(t, os.WriteFile(blobName, content, 0o644))
				link, err := filepath.Rel(filepath.Dir(filepath.Join(snapshot, relative)), blobName)
				require.NoError(t, err)
				return os.Symlink(link, filepath.Join(snapshot, relative))
			}))
			var g smallGoldens
			readJSON(t, &g, "models", "small", name, "goldens.json")
			model := load(t, snapshot)
			compareTexts(t, g, uncached(model, imaging.Faithful))
			plain := load(t, source)
			assert.Equal(t, plain.Info().Dimension, model.Info().Dimension)
		})
	}
}

// The causal tower is read at the end token: whatever is embedded beside a text, and however long that is, its vector is the same.
func TestWrittenTextTowersTakeEveryLength(t *testing.T) {
	for _, name := range []string{"clip", "clip-old-config-float16-shards", "open-clip", "bert-mean-normalize", "mpnet-mean-normalize", "siglip"} {
		t.Run(name, func(t *testing.T) {
			model := load(t, smallModel(t, name))
			texts := []string{""}
			for i := range 30 {
				texts = append(texts, strings.TrimSpace(strings.Repeat("red blue ", i/2)+strings.Repeat("red ", i%2)))
			}
			together, err := model.Texts(context.Background(), texts)
			require.NoError(t, err)
			for i, text := range texts {
				alone, err := model.Texts(context.Background(), []string{text})
				require.NoError(t, err)
				assert.LessOrEqual(t, relative(t, alone[0].Vector, together[i].Vector), 1e-5, "%d", i)
			}
			assert.True(t, together[30].Truncated)
		})
	}
}

// Both towers refer to one file of weights; loading a model twice shares it, and closing it leaves nothing behind.
func TestAModelOfWeightsIsSharedAndClosed(t *testing.T) {
	dir := smallModel(t, "open-clip")
	one, two := load(t, dir), load(t, dir)
	assert.Equal(t, one.Info(), two.Info())
	embedder := uncached(two, imaging.Faithful)
	require.NoError(t, one.Close())
	out, err := embedder.Images(context.Background(), []blob.Content{encoded(readImage(t, "red-circle.png"))}, nil)
	require.NoError(t, err)
	require.NoError(t, out[0].Err)
}

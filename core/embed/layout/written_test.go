package layout_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/embed/embedtest"
	"github.com/innerspace/innerspace/core/embed/graph"
	"github.com/innerspace/innerspace/core/embed/layout"
	"github.com/innerspace/innerspace/core/embed/safetensors"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// Directories of weights without graphs.
var (
	weightsFiles  = map[string]string{"config.json": `{"model_type": "clip"}`, "model.safetensors": "w", "tokenizer.json": "{}", "preprocessor_config.json": `{}`}
	openClipFiles = map[string]string{
		"open_clip_config.json":       `{"model_cfg": {"embed_dim": 512, "vision_cfg": {}, "text_cfg": {}}, "preprocess_cfg": {}}`,
		"open_clip_model.safetensors": "w", "tokenizer.json": "{}",
	}
	sentenceFiles = map[string]string{
		"modules.json": `[{"path": "", "type": "sentence_transformers.models.Transformer"}, {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
 {"path": "2_Dense", "type": "sentence_transformers.models.Dense"}, {"path": "3_Normalize", "type": "sentence_transformers.models.Normalize"}]`,
		"config.json": `{"model_type": "bert"}`, "model.safetensors": "w", "tokenizer.json": "{}", "sentence_bert_config.json": `{"max_seq_length": 256}`,
		"1_Pooling/config.json": `{"word_embedding_dimension": 768, "pooling_mode_mean_tokens": true}`,
		"2_Dense/config.json":   `{"in_features": 768, "out_features": 512, "bias": true, "activation_function": "torch.nn.modules.activation.Tanh"}`, "2_Dense/model.safetensors": "w",
	}
)

func read(t testing.TB, files, changes map[string]string) *layout.Layout {
	t.Helper()
	l, err := layout.Read(write(t, files, changes), layout.Choice{})
	require.NoError(t, err)
	return l
}

// A configuration that says nothing means openai/clip-vit-base-patch32, as in transformers.
func TestReadTransformersCLIP(t *testing.T) {
	l := read(t, weightsFiles, nil)
	assert.Equal(t, "transformers", l.Format)
	text := graph.CLIPText{
		Transformer: graph.Transformer{Width: 512, Inner: 2048, Layers: 12, Heads: 8, Activation: graph.QuickGELU, Epsilon: 1e-5},
		Naming:      graph.Transformers, Vocabulary: 49408, Positions: 77, Dimension: 512, EndToken: 49407,
	}
	vision := graph.CLIPVision{
		Transformer: graph.Transformer{Width: 768, Inner: 3072, Layers: 12, Heads: 12, Activation: graph.QuickGELU, Epsilon: 1e-5},
		Naming:      graph.Transformers, ImageWidth: 224, ImageHeight: 224, Patch: 32, Dimension: 512,
	}
	assert.Equal(t, text, l.Text.Written)
	assert.Equal(t, vision, l.Image.Written)
	assert.Equal(t, clipPreprocessing(), l.Preprocessing)
	assert.Equal(t, 77, l.MaxTokens)
	assert.Equal(t, 512, l.Dimension)

	large := `{"model_type": "clip", "projection_dim": 768, "text_config": {"hidden_size": 7},
 "text_config_dict": {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12, "eos_token_id": 2}, "vision_config_dict": null,
 "vision_config": {"hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16, "num_hidden_layers": 24, "patch_size": 14, "hidden_act": "gelu", "layer_norm_eps": 1e-6}}`
	l = read(t, weightsFiles, map[string]string{"config.json": large})
	text.Width, text.Inner, text.Heads, text.Dimension, text.EndToken = 768, 3072, 12, 768, -1
	assert.Equal(t, text, l.Text.Written, "text_config_dict replaces text_config; an end token of 2 is that of old files")
	vision.Transformer = graph.Transformer{Width: 1024, Inner: 4096, Layers: 24, Heads: 16, Activation: graph.GELU, Epsilon: 1e-6}
	vision.Patch, vision.Dimension = 14, 768
	assert.Equal(t, vision, l.Image.Written)
}

func TestReadTransformersSigLIP(t *testing.T) {
	l := read(t, weightsFiles, map[string]string{"config.json": `{"model_type": "siglip", "text_config": {"vocab_size": 256000}, "vision_config": {"image_size": 256}}`,
		"preprocessor_config.json": `{"size": {"height": 256, "width": 256}, "resample": 2}`, "tokenizer_config.json": `{"pad_token": "<pad>", "model_max_length": 64}`})
	usual := graph.Transformer{Width: 768, Inner: 3072, Layers: 12, Heads: 12, Activation: graph.TanhGELU, Epsilon: 1e-6}
	assert.Equal(t, graph.SigLIPText{Transformer: usual, Vocabulary: 256000, Positions: 64, Dimension: 768}, l.Text.Written)
	assert.Equal(t, graph.SigLIPVision{Transformer: usual, ImageSize: 256, Patch: 16}, l.Image.Written)
	half := [3]float64{0.5, 0.5, 0.5}
	assert.Equal(t, imaging.Preprocessing{Resize: imaging.Squash, Filter: imaging.Bilinear, Width: 256, Height: 256, Rescale: 1.0 / 255, Mean: half, Std: half}, l.Preprocessing)
	assert.Equal(t, layout.PaddingRead, l.Padding)
	assert.Equal(t, "<pad>", l.PadToken)
}

func TestReadOpenCLIP(t *testing.T) {
	l := read(t, openClipFiles, nil)
	assert.Equal(t, "open_clip", l.Format)
	text := graph.CLIPText{
		Transformer: graph.Transformer{Width: 512, Inner: 2048, Layers: 12, Heads: 8, Activation: graph.GELU, Epsilon: 1e-5},
		Naming:      graph.OpenCLIP, Vocabulary: 49408, Positions: 77, Dimension: 512, EndToken: -1,
	}
	assert.Equal(t, text, l.Text.Written)
	preprocessing := clipPreprocessing()
	preprocessing.Crop = imaging.CropEven
	assert.Equal(t, preprocessing, l.Preprocessing)

	huge := `{"model_cfg": {"embed_dim": 1024, "custom_text": true, "init_logit_bias": -10, "vision_cfg": {"image_size": [378, 252], "layers": 32, "width": 1280, "head_width": 80,
 "patch_size": 14, "mlp_ratio": 4.3637, "patch_dropout": 0.5, "attentional_pool": false, "norm_kwargs": {"eps": 1e-6}, "act_kwargs": {"approximate": "tanh"}},
 "text_cfg": {"width": 1024, "heads": 16, "layers": 24, "pool_type": "eos", "eos_id": 49407, "hf_tokenizer_name": "x", "context_length": 72, "proj_bias": true}},
 "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25], "interpolation": "bilinear", "resize_mode": "squash", "size": 1}}`
	l = read(t, openClipFiles, map[string]string{"open_clip_config.json": huge})
	assert.Equal(t, graph.CLIPVision{
		Transformer: graph.Transformer{Width: 1280, Inner: 5585, Layers: 32, Heads: 16, Activation: graph.TanhGELU, Epsilon: 1e-6},
		Naming:      graph.OpenCLIP, ImageWidth: 252, ImageHeight: 378, Patch: 14, Dimension: 1024,
	}, l.Image.Written)
	words := l.Text.Written.(graph.CLIPText)
	assert.Equal(t, 49407, words.EndToken)
	assert.True(t, words.Biased)
	assert.Equal(t, 72, l.MaxTokens)
	assert.Equal(t, imaging.Squash, l.Preprocessing.Resize)
	assert.Equal(t, imaging.Bilinear, l.Preprocessing.Filter)
	assert.Equal(t, 252, l.Preprocessing.Width)

	quick := strings.Replace(openClipFiles["open_clip_config.json"], `"embed_dim"`, `"quick_gelu": true, "embed_dim"`, 1)
	l = read(t, openClipFiles, map[string]string{"open_clip_config.json": quick})
	assert.Equal(t, graph.QuickGELU, l.Image.Written.(graph.CLIPVision).Activation)
}

// Repositories that serve several libraries.
func TestDirectoriesOfSeveralLibraries(t *testing.T) {
	both := map[string]string{}
	for _, files := range []map[string]string{openClipFiles, weightsFiles} {
		for name, content := range files {
			both[name] = content
		}
	}
	for name, test := range map[string]struct {
		changes map[string]string
		format  string
	}{
		"both":                       {nil, "transformers"},
		"transformers' is a pickle":  {map[string]string{"model.safetensors": "", "pytorch_model.bin": "p"}, "open_clip"},
		"open_clip's is a pickle":    {map[string]string{"open_clip_model.safetensors": "", "open_clip_pytorch_model.bin": "p"}, "transformers"},
		"timm's tower is beside it":  {map[string]string{"config.json": `{"architecture": "vit_base_patch32_clip_224"}`}, "open_clip"},
		"graphs are there":           {map[string]string{"onnx/text_model.onnx": "g", "onnx/vision_model.onnx": "g"}, "transformers.js"},
		"modules are there":          {map[string]string{"modules.json": `[{"path": "", "type": "CLIPModel"}]`}, "sentence-transformers"},
		"a configuration of garbage": {map[string]string{"config.json": "x"}, "open_clip"},
	} {
		assert.Equal(t, test.format, read(t, both, test.changes).Format, name)
	}
}

func TestReadSentenceTransformers(t *testing.T) {
	l := read(t, sentenceFiles, nil)
	assert.Equal(t, "sentence-transformers", l.Format)
	encoder := graph.Encoder{
		Transformer: graph.Transformer{Width: 768, Inner: 3072, Layers: 12, Heads: 12, Activation: graph.GELU, Epsilon: 1e-12},
		Family:      graph.BERT, Vocabulary: 30522, Positions: 512, Types: 2, Pooling: graph.MeanPooling,
		Steps: []graph.Step{{In: 768, Out: 512, Biased: true, Activation: graph.Tanh}, {Normalize: true}},
	}
	assert.Equal(t, encoder, l.Text.Written)
	assert.True(t, l.Image.Missing())
	assert.Equal(t, 256, l.MaxTokens)
	assert.Equal(t, 512, l.Dimension)
	assert.Len(t, l.Text.Weights, 2)

	l = read(t, sentenceFiles, map[string]string{"config.json": `{"model_type": "mpnet", "max_position_embeddings": 514}`,
		"sentence_bert_config.json": `{"max_seq_length": 600}`, "1_Pooling/config.json": `{"pooling_mode_cls_token": true}`})
	encoder = l.Text.Written.(graph.Encoder)
	assert.Equal(t, graph.MPNet, encoder.Family)
	assert.Equal(t, graph.CLSPooling, encoder.Pooling)
	assert.Equal(t, 512, l.MaxTokens, "two of its positions are for padding")

	// A bare encoder: sentence-transformers averages it.
	l = read(t, map[string]string{"config.json": `{"model_type": "bert"}`, "model.safetensors": "w", "tokenizer.json": "{}", "tokenizer_config.json": `{"model_max_length": 128}`}, nil)
	assert.Equal(t, graph.MeanPooling, l.Text.Written.(graph.Encoder).Pooling)
	assert.Equal(t, 128, l.MaxTokens)

	inner := map[string]string{"modules.json": `[{"path": "0_CLIPModel", "type": "sentence_transformers.models.CLIPModel"}]`}
	for name, content := range weightsFiles {
		inner["0_CLIPModel/"+name] = content
	}
	l = read(t, inner, nil)
	assert.Equal(t, "sentence-transformers", l.Format)
	assert.IsType(t, graph.CLIPText{}, l.Text.Written)
	assert.Equal(t, 512, l.Dimension)
}

func TestShards(t *testing.T) {
	index := `{"weight_map": {"b": "model-00002-of-00002.safetensors", "a": "model-00001-of-00002.safetensors"}}`
	sharded := map[string]string{"model.safetensors": "", "model.safetensors.index.json": index, "model-00001-of-00002.safetensors": "w", "model-00002-of-00002.safetensors": "w"}
	l := read(t, weightsFiles, sharded)
	require.Len(t, l.Text.Weights, 2)
	assert.Equal(t, "model-00001-of-00002.safetensors", l.Text.Weights[0].Name)
}

// Directories from before there was a tokenizer.json.
func TestOldCLIPTokenizer(t *testing.T) {
	vocab := `{"a": 0, "b</w>": 1, "ab</w>": 2, "<|startoftext|>": 3, "<|endoftext|>": 4}`
	old := map[string]string{"tokenizer.json": "", "vocab.json": vocab, "merges.txt": "#version: 0.2\r\na b</w>\r\n"}
	l := read(t, weightsFiles, old)
	data, err := l.TokenizerJSON()
	require.NoError(t, err)
	assert.Contains(t, string(data), `"merges":["a b\u003c/w\u003e"]`)
	assert.Contains(t, string(data), `"sep":["\u003c|endoftext|\u003e",4]`)
	before, err := l.Fingerprint(context.Background())
	require.NoError(t, err)
	old["merges.txt"] = "a b</w>\n"
	after, err := read(t, weightsFiles, old).Fingerprint(context.Background())
	require.NoError(t, err)
	assert.NotEqual(t, before, after)
	for _, wrong := range []string{"[]", `{"a": 1}`, `{"a": "b"}`} {
		old["vocab.json"] = wrong
		_, err := read(t, weightsFiles, old).TokenizerJSON()
		assert.Equal(t, errs.InvalidInput, errs.StatusOf(err), wrong)
		assert.ErrorContains(t, err, "vocab.json")
	}
}

func TestRefusalsOfWeights(t *testing.T) {
	config := func(config string) map[string]string { return map[string]string{"config.json": config} }
	openClip := func(old, new string) map[string]string {
		require.Contains(t, openClipFiles["open_clip_config.json"], old)
		return map[string]string{"open_clip_config.json": strings.Replace(openClipFiles["open_clip_config.json"], old, new, 1)}
	}
	modules := func(modules string) map[string]string { return map[string]string{"modules.json": modules} }
	pickled := map[string]string{"model.safetensors": "", "pytorch_model.bin": "p"}
	pickledShards := map[string]string{"model.safetensors": "", "pytorch_model.bin.index.json": "{}"}
	shards := func(name string) map[string]string {
		return map[string]string{"model.safetensors": "", "model.safetensors.index.json": `{"weight_map": {"a": "` + name + `"}}`}
	}
	for name, test := range map[string]struct {
		files, changes map[string]string
		status         errs.Status
		says           []string
	}{
		"a pickle":              {weightsFiles, pickled, errs.Unsupported, []string{"pytorch_model.bin", "CLIPModel.from_pretrained('/", "safe_serialization=True"}},
		"pickles":               {weightsFiles, pickledShards, errs.Unsupported, []string{"pickle", "CLIPModel.from_pretrained"}},
		"a pickled encoder":     {sentenceFiles, pickled, errs.Unsupported, []string{"BertModel.from_pretrained"}},
		"a pickled Dense":       {sentenceFiles, map[string]string{"2_Dense/model.safetensors": "", "2_Dense/pytorch_model.bin": "p"}, errs.Unsupported, []string{"Dense.load('/"}},
		"a pickled open_clip":   {openClipFiles, map[string]string{"open_clip_model.safetensors": "", "open_clip_pytorch_model.bin": "p"}, errs.Unsupported, []string{"weights_only=True", "open_clip_model.safetensors"}},
		"an unknown type":       {weightsFiles, config(`{"model_type": "blip"}`), errs.Unsupported, []string{`"blip"`, "bert, clip, mpnet, siglip"}},
		"no type":               {weightsFiles, config(`{}`), errs.Unsupported, []string{"model_type"}},
		"no tokenizer":          {weightsFiles, map[string]string{"tokenizer.json": ""}, errs.NotFound, []string{"tokenizer.json"}},
		"a vocabulary alone":    {weightsFiles, map[string]string{"tokenizer.json": "", "vocab.json": "{}"}, errs.NotFound, []string{"tokenizer.json"}},
		"no processor":          {weightsFiles, map[string]string{"preprocessor_config.json": ""}, errs.NotFound, []string{"preprocessor_config.json"}},
		"an unknown activation": {weightsFiles, config(`{"model_type": "clip", "text_config": {"hidden_act": "silu"}}`), errs.Unsupported, []string{"silu", "text_config"}},
		"a tower of words":      {weightsFiles, config(`{"model_type": "clip", "vision_config": "large"}`), errs.InvalidInput, []string{"vision_config"}},
		"four channels":         {weightsFiles, config(`{"model_type": "clip", "vision_config": {"num_channels": 4}}`), errs.Unsupported, []string{"num_channels"}},
		"endless texts":         {weightsFiles, config(`{"model_type": "clip", "text_config": {"max_position_embeddings": 1000000}}`), errs.InvalidInput, []string{"max_position_embeddings"}},
		"a headless SigLIP":     {weightsFiles, config(`{"model_type": "siglip", "vision_config": {"vision_use_head": false}}`), errs.Unsupported, []string{"vision_use_head"}},
		"a missing shard":       {weightsFiles, shards("model-00001-of-00002.safetensors"), errs.NotFound, []string{"model-00001-of-00002.safetensors"}},
		"a shard outside":       {weightsFiles, shards("../model.safetensors"), errs.Forbidden, []string{"model.safetensors.index.json", "../model.safetensors"}},
		"a shard at the root":   {weightsFiles, shards("/etc/model.safetensors"), errs.Forbidden, []string{"/etc/model.safetensors"}},
		"an index of garbage":   {weightsFiles, map[string]string{"model.safetensors": "", "model.safetensors.index.json": "x"}, errs.InvalidInput, []string{"model.safetensors.index.json"}},

		"relative positions":           {sentenceFiles, config(`{"model_type": "bert", "position_embedding_type": "relative_key"}`), errs.Unsupported, []string{"relative_key"}},
		"a decoder":                    {sentenceFiles, config(`{"model_type": "bert", "is_decoder": true}`), errs.Unsupported, []string{"is_decoder"}},
		"max pooling":                  {sentenceFiles, map[string]string{"1_Pooling/config.json": `{"pooling_mode_max_tokens": true}`}, errs.Unsupported, []string{"pooling"}},
		"two poolings":                 {sentenceFiles, map[string]string{"1_Pooling/config.json": `{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true}`}, errs.Unsupported, []string{"pooling"}},
		"another width":                {sentenceFiles, map[string]string{"1_Pooling/config.json": `{"word_embedding_dimension": 384, "pooling_mode_mean_tokens": true}`}, errs.InvalidInput, []string{"384", "768"}},
		"a Dense of ELU":               {sentenceFiles, map[string]string{"2_Dense/config.json": `{"activation_function": "torch.nn.modules.activation.ELU"}`}, errs.Unsupported, []string{"ELU"}},
		"prompts":                      {sentenceFiles, map[string]string{"config_sentence_transformers.json": `{"default_prompt_name": "query"}`}, errs.Unsupported, []string{"prompts", "query"}},
		"lower case":                   {sentenceFiles, map[string]string{"sentence_bert_config.json": `{"do_lower_case": true}`}, errs.Unsupported, []string{"do_lower_case"}},
		"no length":                    {sentenceFiles, map[string]string{"sentence_bert_config.json": `{"max_seq_length": 0}`}, errs.InvalidInput, []string{"max_seq_length"}},
		"no modules":                   {sentenceFiles, modules(`[]`), errs.InvalidInput, []string{"0 modules"}},
		"an unknown module":            {sentenceFiles, modules(`[{"path": "", "type": "x.Transformer"}, {"path": "1_Pooling", "type": "x.LSTM"}]`), errs.Unsupported, []string{"LSTM"}},
		"a bag of words":               {sentenceFiles, modules(`[{"path": "", "type": "x.BoW"}]`), errs.Unsupported, []string{"BoW"}},
		"two Dense modules":            {sentenceFiles, modules(`[{"path": "", "type": "Transformer"}, {"path": "2_Dense", "type": "Dense"}, {"path": "2_Dense", "type": "Dense"}]`), errs.Unsupported, []string{"several Dense"}},
		"a module outside":             {sentenceFiles, modules(`[{"path": "../x", "type": "Transformer"}]`), errs.Forbidden, []string{"../x"}},
		"a module at the root":         {sentenceFiles, modules(`[{"path": "/etc", "type": "Transformer"}]`), errs.Forbidden, []string{"/etc"}},
		"a missing module":             {sentenceFiles, modules(`[{"path": "0_Transformer", "type": "Transformer"}]`), errs.NotFound, []string{"0_Transformer"}},
		"a CLIP and more":              {sentenceFiles, modules(`[{"path": "", "type": "CLIPModel"}, {"path": "1_Pooling", "type": "Pooling"}]`), errs.Unsupported, []string{"behind its CLIPModel"}},
		"a Transformer that is a CLIP": {sentenceFiles, map[string]string{"config.json": `{"model_type": "clip"}`, "preprocessor_config.json": "{}"}, errs.Unsupported, []string{"no text encoder"}},

		"a timm tower":         {openClipFiles, openClip(`"vision_cfg": {}`, `"vision_cfg": {"timm_model_name": "vit_base"}`), errs.Unsupported, []string{"timm_model_name", "vision_cfg"}},
		"a ResNet":             {openClipFiles, openClip(`"vision_cfg": {}`, `"vision_cfg": {"layers": [3, 4, 6, 3]}`), errs.InvalidInput, []string{"vision_cfg"}},
		"a Hugging Face tower": {openClipFiles, openClip(`"text_cfg": {}`, `"text_cfg": {"hf_model_name": "roberta"}`), errs.Unsupported, []string{"hf_model_name"}},
		"CoCa":                 {openClipFiles, openClip(`"embed_dim"`, `"multimodal_cfg": {"width": 1}, "embed_dim"`), errs.Unsupported, []string{"multimodal_cfg"}},
		"layer scale":          {openClipFiles, openClip(`"vision_cfg": {}`, `"vision_cfg": {"ls_init_value": 0.1}`), errs.Unsupported, []string{"ls_init_value"}},
		"average pooling":      {openClipFiles, openClip(`"vision_cfg": {}`, `"vision_cfg": {"pool_type": "avg"}`), errs.Unsupported, []string{"avg"}},
		"the last token":       {openClipFiles, openClip(`"text_cfg": {}`, `"text_cfg": {"pool_type": "last"}`), errs.Unsupported, []string{"last"}},
		"no causal mask":       {openClipFiles, openClip(`"text_cfg": {}`, `"text_cfg": {"no_causal_mask": true}`), errs.Unsupported, []string{"no_causal_mask"}},
		"canonical texts":      {openClipFiles, openClip(`"text_cfg": {}`, `"text_cfg": {"tokenizer_kwargs": {"clean": "canonicalize"}}`), errs.Unsupported, []string{"tokenizer_kwargs"}},
		"no heads":             {openClipFiles, openClip(`"vision_cfg": {}`, `"vision_cfg": {"head_width": 0}`), errs.InvalidInput, []string{"head_width"}},
		"an endless ratio":     {openClipFiles, openClip(`"vision_cfg": {}`, `"vision_cfg": {"mlp_ratio": 1e300}`), errs.InvalidInput, []string{"mlp_ratio"}},
		"no towers":            {openClipFiles, openClip(`"vision_cfg": {}, `, ``), errs.InvalidInput, []string{"vision_cfg"}},
		"the longest side":     {openClipFiles, openClip(`"preprocess_cfg": {}`, `"preprocess_cfg": {"resize_mode": "longest"}`), errs.Unsupported, []string{"longest"}},
		"an unknown filter":    {openClipFiles, openClip(`"preprocess_cfg": {}`, `"preprocess_cfg": {"interpolation": "lanczos"}`), errs.Unsupported, []string{"lanczos"}},
		"quick and tanh":       {openClipFiles, openClip(`"embed_dim": 512, "vision_cfg": {}`, `"embed_dim": 512, "quick_gelu": true, "vision_cfg": {"act_kwargs": {"approximate": "tanh"}}`), errs.Unsupported, []string{"quick_gelu"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := layout.Read(write(t, test.files, test.changes), layout.Choice{})
			require.Error(t, err)
			assert.Equal(t, test.status, errs.StatusOf(err), "%v", err)
			for _, says := range test.says {
				assert.ErrorContains(t, err, says)
			}
		})
	}
}

// A module's folder may not be a link that leads out of the directory.
func TestModulesThatAreLinks(t *testing.T) {
	outside := write(t, sentenceFiles, nil)
	dir := write(t, sentenceFiles, map[string]string{"modules.json": `[{"path": "link", "type": "Transformer"}]`})
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "link")))
	_, err := layout.Read(dir, layout.Choice{})
	assert.Equal(t, errs.Forbidden, errs.StatusOf(err), "%v", err)
}

func TestFingerprintOfWeights(t *testing.T) {
	fingerprint := func(changes map[string]string) string {
		sum, err := read(t, weightsFiles, changes).Fingerprint(context.Background())
		require.NoError(t, err)
		return sum
	}
	one := fingerprint(nil)
	assert.Equal(t, one, fingerprint(nil), "a copy is the same model")
	assert.Equal(t, one, fingerprint(map[string]string{"README.md": "x"}))
	seen := map[string]bool{one: true}
	for _, changes := range []map[string]string{
		{"model.safetensors": "W"},
		{"tokenizer.json": "{} "},
		{"config.json": `{"model_type": "clip", "text_config": {"hidden_act": "gelu"}}`},
		{"config.json": `{"model_type": "clip", "vision_config": {"layer_norm_eps": 1e-6}}`},
		{"config.json": `{"model_type": "clip", "text_config": {"eos_token_id": 2}}`},
	} {
		sum := fingerprint(changes)
		assert.False(t, seen[sum], "%v", changes)
		seen[sum] = true
	}
}

// FuzzWritten: whatever configurations say, reading them and writing the graphs ends in graphs or in an error that blames them.
func FuzzWritten(f *testing.F) {
	models := []string{"clip", "siglip", "open-clip", "bert-cls-dense", "mpnet-mean-normalize"}
	configs := []string{"config.json", "config.json", "open_clip_config.json", "config.json", "config.json"}
	root := filepath.Join(embedtest.Root(f), "testdata", "models", "small")
	for i, model := range models {
		config, err := os.ReadFile(filepath.Join(root, model, configs[i]))
		require.NoError(f, err)
		f.Add(uint8(i), string(config))
	}
	f.Fuzz(func(t *testing.T, which uint8, config string) {
		i := int(which) % len(models)
		source := filepath.Join(root, models[i])
		dir := t.TempDir()
		entries, err := os.ReadDir(source)
		require.NoError(t, err)
		for _, entry := range entries {
			require.NoError(t, os.Symlink(filepath.Join(source, entry.Name()), filepath.Join(dir, entry.Name())))
		}
		require.NoError(t, os.Remove(filepath.Join(dir, configs[i])))
		require.NoError(t, os.Remove(filepath.Join(dir, "goldens.json")))
		require.NoError(t, os.WriteFile(filepath.Join(dir, configs[i]), []byte(config), 0o644))
		if os.Remove(filepath.Join(dir, "modules.json")) == nil { // its folders are links out of the directory here
			require.NoError(t, os.WriteFile(filepath.Join(dir, "modules.json"), []byte(`[{"path": "", "type": "Transformer"}]`), 0o644))
		}
		l, err := layout.Read(dir, layout.Choice{})
		for _, tower := range towersOf(l) {
			var weights *safetensors.Weights
			weights, err = safetensors.Open(tower.Weights[0].Path)
			require.NoError(t, err)
			var written graph.Model
			if written, err = tower.Written.Graph(weights); err == nil {
				require.Less(t, len(written.Bytes), 16<<20)
			} else {
				break
			}
		}
		require.NotEqual(t, errs.Internal, errs.StatusOf(err), "%v", err)
	})
}

func towersOf(l *layout.Layout) []layout.Tower {
	if l == nil {
		return nil
	}
	var towers []layout.Tower
	for _, tower := range []layout.Tower{l.Text, l.Image} {
		if tower.Written != nil {
			towers = append(towers, tower)
		}
	}
	return towers
}

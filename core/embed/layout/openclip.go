package layout

import (
	"encoding/json"
	"slices"

	"github.com/innerspace/innerspace/core/embed/graph"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// openCLIP is how open_clip lays a model out on the hub.
var openCLIP = format{
	name:    "open_clip",
	files:   []string{openCLIPConfig, openCLIPWeights.name, "tokenizer.json"},
	matches: func(d *directory) bool { return d.has(openCLIPConfig) && openCLIPWeights.in(d) },
	read:    readOpenCLIP,
}

const openCLIPConfig = "open_clip_config.json"

var openCLIPWeights = weightsFile{
	name: "open_clip_model.safetensors", pickle: "open_clip_pytorch_model.bin",
	convert: `python -c "import torch; from safetensors.torch import save_file; ` +
		`save_file({k: v.contiguous() for k, v in torch.load('DIR/open_clip_pytorch_model.bin', map_location='cpu', weights_only=True).items()}, 'DIR/open_clip_model.safetensors')"`,
}

type openCLIPModel struct {
	EmbedDim  int             `json:"embed_dim"`
	QuickGELU bool            `json:"quick_gelu"`
	Vision    json.RawMessage `json:"vision_cfg"`
	Text      json.RawMessage `json:"text_cfg"`
}

// openCLIPTower are the members that both towers have.
type openCLIPTower struct {
	Width    int     `json:"width"`
	Layers   int     `json:"layers"`
	MLPRatio float64 `json:"mlp_ratio"`
	NormArgs struct {
		Eps float64 `json:"eps"`
	} `json:"norm_kwargs"`
	ActArgs struct {
		Approximate string `json:"approximate"`
	} `json:"act_kwargs"`
	PoolType string `json:"pool_type"`
}

type openCLIPVision struct {
	openCLIPTower
	HeadWidth int     `json:"head_width"`
	PatchSize int     `json:"patch_size"`
	ImageSize heights `json:"image_size"`
}

type openCLIPText struct {
	openCLIPTower
	ContextLength int  `json:"context_length"`
	VocabSize     int  `json:"vocab_size"`
	Heads         int  `json:"heads"`
	EndID         int  `json:"eos_id"`
	ProjBias      bool `json:"proj_bias"`
}

// What else may stand in a configuration without changing what is computed: what only training looks at,
// what names the tokenizer, and norms that come to the same before and after a token is picked.
var (
	inertInModel  = []string{"custom_text", "init_logit_scale", "init_logit_bias", "nonscalar_logit_scale"}
	inertInVision = []string{"patch_dropout", "output_tokens", "final_ln_after_pool", "attn_pooler_queries", "attn_pooler_heads",
		"timm_pool", "timm_proj", "timm_drop"}
	inertInText = []string{"output_tokens", "final_ln_after_pool", "hf_tokenizer_name", "pad_id", "hf_model_pretrained", "hf_proj_type", "hf_pooler_type"}
)

func readOpenCLIP(d *directory, l *Layout) error {
	files, err := d.weights(openCLIPWeights)
	if err != nil {
		return err
	}
	var config struct {
		Model      json.RawMessage    `json:"model_cfg"`
		Preprocess openCLIPPreprocess `json:"preprocess_cfg"`
	}
	if err := d.decode(openCLIPConfig, &config); err != nil {
		return err
	}
	var model openCLIPModel
	vision := openCLIPVision{openCLIPTower: openCLIPTower{Width: 768, Layers: 12, MLPRatio: 4, PoolType: "tok"}, HeadWidth: 64, PatchSize: 16, ImageSize: heights{224, 224}}
	text := openCLIPText{openCLIPTower: openCLIPTower{Width: 512, Layers: 12, MLPRatio: 4, PoolType: "argmax"}, ContextLength: 77, VocabSize: 49408, Heads: 8, EndID: 2}
	for _, part := range []struct {
		key   string
		raw   *json.RawMessage
		into  any
		inert []string
	}{
		{"model_cfg", &config.Model, &model, inertInModel},
		{"model_cfg.vision_cfg", &model.Vision, &vision, inertInVision},
		{"model_cfg.text_cfg", &model.Text, &text, inertInText},
	} {
		if err := decodeKnown(*part.raw, part.into, part.inert); err != nil {
			return errs.From(err).At(part.key + " in " + openCLIPConfig + " of " + d.path)
		}
	}
	l.Dimension = model.EmbedDim
	image, err := vision.tower(model)
	if err != nil {
		return errs.From(err).At("model_cfg.vision_cfg in " + openCLIPConfig + " of " + d.path)
	}
	words, err := text.tower(model)
	if err != nil {
		return errs.From(err).At("model_cfg.text_cfg in " + openCLIPConfig + " of " + d.path)
	}
	l.Image, l.Text = Tower{Written: image, Weights: files}, Tower{Written: words, Weights: files}
	l.MaxTokens = text.ContextLength
	if err := checkTokens(l.MaxTokens, "model_cfg.text_cfg.context_length in "+openCLIPConfig+" of "+d.path); err != nil {
		return err
	}
	if err := d.findCLIPTokenizer(l); err != nil {
		return err
	}
	if l.Preprocessing, err = config.Preprocess.preprocessing(vision.ImageSize); err != nil {
		return errs.From(err).At("preprocess_cfg in " + openCLIPConfig + " of " + d.path)
	}
	return checkPreprocessing(l.Preprocessing, "preprocess_cfg in "+openCLIPConfig+" of "+d.path)
}

// transformer takes what both towers have.
func (t openCLIPTower) transformer(heads int, quick bool) (graph.Transformer, error) {
	activation := graph.GELU
	switch {
	case quick && t.ActArgs.Approximate != "":
		return graph.Transformer{}, errs.New(errs.Unsupported, "act_kwargs together with quick_gelu")
	case quick:
		activation = graph.QuickGELU
	case t.ActArgs.Approximate == "tanh":
		activation = graph.TanhGELU
	case t.ActArgs.Approximate != "" && t.ActArgs.Approximate != "none":
		return graph.Transformer{}, errs.New(errs.Unsupported, `act_kwargs.approximate is %q; known are "tanh" and "none"`, t.ActArgs.Approximate)
	}
	epsilon := 1e-5
	if t.NormArgs.Eps != 0 {
		epsilon = t.NormArgs.Eps
	}
	inner := float64(t.Width) * t.MLPRatio
	if !finite(inner) || inner < 0 || inner > 1<<20 {
		return graph.Transformer{}, errs.New(errs.InvalidInput, "mlp_ratio is %v and width is %d", t.MLPRatio, t.Width)
	}
	return graph.Transformer{Width: t.Width, Inner: int(inner), Layers: t.Layers, Heads: heads, Activation: activation, Epsilon: epsilon}, nil
}

func (v openCLIPVision) tower(model openCLIPModel) (graph.Tower, error) {
	if v.PoolType != "tok" {
		return nil, errs.New(errs.Unsupported, `pool_type is %q; "tok" is supported`, v.PoolType)
	}
	if v.HeadWidth < 1 {
		return nil, errs.New(errs.InvalidInput, "head_width is %d", v.HeadWidth)
	}
	layers, err := v.transformer(v.Width/v.HeadWidth, model.QuickGELU)
	return graph.CLIPVision{
		Transformer: layers, Naming: graph.OpenCLIP, ImageWidth: v.ImageSize.width, ImageHeight: v.ImageSize.height, Patch: v.PatchSize, Dimension: model.EmbedDim,
	}, err
}

func (t openCLIPText) tower(model openCLIPModel) (graph.Tower, error) {
	end := -1
	switch t.PoolType {
	case "argmax":
	case "eos":
		end = t.EndID
	default:
		return nil, errs.New(errs.Unsupported, `pool_type is %q; "argmax" and "eos" are supported`, t.PoolType)
	}
	layers, err := t.transformer(t.Heads, model.QuickGELU)
	return graph.CLIPText{
		Transformer: layers, Naming: graph.OpenCLIP, Vocabulary: t.VocabSize, Positions: t.ContextLength, Dimension: model.EmbedDim,
		EndToken: end, Biased: t.ProjBias,
	}, err
}

// heights is a size as one number or as [height, width].
type heights struct{ height, width int }

func (h *heights) UnmarshalJSON(data []byte) error {
	var side int
	if json.Unmarshal(data, &side) == nil {
		h.height, h.width = side, side
		return nil
	}
	var both [2]int
	err := json.Unmarshal(data, &both)
	h.height, h.width = both[0], both[1]
	return err
}

type openCLIPPreprocess struct {
	Mode          string    `json:"mode"`
	Mean          []float64 `json:"mean"`
	Std           []float64 `json:"std"`
	Interpolation string    `json:"interpolation"`
	ResizeMode    string    `json:"resize_mode"`
}

// preprocessing is that of open_clip for inference. The size is the tower's, whatever preprocess_cfg says.
func (c openCLIPPreprocess) preprocessing(size heights) (imaging.Preprocessing, error) {
	p := imaging.Preprocessing{Width: size.width, Height: size.height, Rescale: 1.0 / 255, Crop: imaging.CropEven}
	normal := clipProcessor{ImageMean: c.Mean, ImageStd: c.Std}
	p.Mean, p.Std = clipMean, clipStd
	if err := normal.normalisation(&p); err != nil {
		return p, err
	}
	if c.Mode != "" && c.Mode != "RGB" {
		return p, errs.New(errs.Unsupported, `mode is %q; "RGB" is supported`, c.Mode)
	}
	switch c.Interpolation {
	case "", "bicubic", "random": // random is for training
		p.Filter = imaging.Bicubic
	case "bilinear":
		p.Filter = imaging.Bilinear
	default:
		return p, errs.New(errs.Unsupported, `interpolation is %q; "bicubic" and "bilinear" are supported`, c.Interpolation)
	}
	switch c.ResizeMode {
	case "", "shortest":
		if size.width != size.height {
			return p, errs.New(errs.Unsupported, `resize_mode is "shortest" for pictures of %dx%d pixels; it is supported for squares`, size.width, size.height)
		}
		p.Resize, p.Size = imaging.ShortestSide, size.width
	case "squash":
		p.Resize = imaging.Squash
	default:
		return p, errs.New(errs.Unsupported, `resize_mode is %q; "shortest" and "squash" are supported`, c.ResizeMode)
	}
	return p, nil
}

// decodeKnown reads an object and refuses, by name, what is neither in the struct nor inert nor switched off:
// an option that is passed over would give plausible but wrong vectors.
func decodeKnown(raw json.RawMessage, into any, inert []string) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return errs.Wrap(err, errs.InvalidInput, "missing, or not what it should be: %v", err)
	}
	known := jsonNames(into)
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if slices.Contains(known, name) || slices.Contains(inert, name) || switchedOff(members[name]) {
			continue
		}
		return errs.New(errs.Unsupported, "%.60q is %.60s, which is not supported", name, members[name])
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return errs.Wrap(err, errs.InvalidInput, "not what it should be: %v", err)
	}
	return nil
}

// switchedOff says whether a member has the value that leaves an option out.
func switchedOff(raw json.RawMessage) bool {
	return slices.Contains([]string{"null", "false", "0", "0.0", `""`, "{}", "[]", `"none"`, `"default"`, `"learnable"`, `"linear"`}, string(raw))
}

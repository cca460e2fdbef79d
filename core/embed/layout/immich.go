package layout

import (
	"github.com/innerspace/innerspace/core/embed/tokenize"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// immich is how immich-app exports open_clip's models: one directory a tower, open_clip's configuration above them.
var immich = format{
	name: "immich",
	files: []string{
		"visual/model.onnx", "visual/preprocess_cfg.json", "textual/model.onnx", "textual/tokenizer.json", "config.json",
	},
	matches: func(d *directory) bool {
		return half{d, "visual/model"}.any() || half{d, "textual/model"}.any()
	},
	read: readImmich,
}

// immichConfig is what open_clip's configuration says beyond the graphs.
type immichConfig struct {
	EmbedDim int `json:"embed_dim"`
	Text     struct {
		ContextLength int    `json:"context_length"`
		HFModel       string `json:"hf_model_name"`
		NoCausalMask  bool   `json:"no_causal_mask"`
		Tokenizer     struct {
			Clean string `json:"clean"`
		} `json:"tokenizer_kwargs"`
	} `json:"text_cfg"`
}

func readImmich(d *directory, l *Layout) error {
	if err := l.readGraphs(half{d, "visual/model"}, half{d, "textual/model"}); err != nil {
		return err
	}
	var err error
	if l.Tokenizer, err = d.file("textual/tokenizer.json", MaxTokenizerBytes); err != nil {
		return err
	}
	var config immichConfig
	if err := d.decode("config.json", &config); err != nil {
		return err
	}
	if config.EmbedDim < 0 || config.EmbedDim > 1<<16 {
		return errs.New(errs.InvalidInput, "embed_dim in config.json of %s is %d", d.path, config.EmbedDim)
	}
	l.Dimension = config.EmbedDim
	l.MaxTokens = clipTokens // open_clip's default for every tower
	if n := config.Text.ContextLength; n != 0 {
		l.MaxTokens = n
	}
	if err := checkTokens(l.MaxTokens, "text_cfg.context_length in config.json of "+d.path); err != nil {
		return err
	}
	switch clean := config.Text.Tokenizer.Clean; clean {
	case "canonicalize":
		l.Cleaning = tokenize.Canonical
	case "lower":
		l.Cleaning = tokenize.LowerCase
	case "", "whitespace":
	default:
		return errs.New(errs.Unsupported, `text_cfg.tokenizer_kwargs.clean in config.json of %s is %q; "canonicalize", "lower" and "whitespace" are supported`, d.path, clean)
	}
	switch {
	case config.Text.NoCausalMask:
		l.Padding = PaddingRead
	case config.Text.HFModel != "":
		l.Padding = PaddingMasked
	}
	text := &directory{d.join("textual")}
	if l.PadToken, err = text.padToken(); err != nil {
		return err
	}
	var processor sizedPreprocess
	if err := d.decode("visual/preprocess_cfg.json", &processor); err != nil {
		return err
	}
	if l.Preprocessing, err = processor.preprocessing(); err != nil {
		return errs.From(err).At("visual/preprocess_cfg.json of " + d.path)
	}
	return checkPreprocessing(l.Preprocessing, "visual/preprocess_cfg.json of "+d.path)
}

// sizedPreprocess is open_clip's preprocessing with the tower's size in it.
type sizedPreprocess struct {
	Size heights `json:"size"`
	openCLIPPreprocess
}

func (p sizedPreprocess) preprocessing() (imaging.Preprocessing, error) {
	if p.Size == (heights{}) {
		return imaging.Preprocessing{}, errs.New(errs.InvalidInput, "size is missing")
	}
	return p.openCLIPPreprocess.preprocessing(p.Size)
}

package layout

import "github.com/innerspace/innerspace/core/errs"

// pair is a model whose halves lie in directories of their own, as Qdrant/clip-ViT-B-32-vision and
// Qdrant/clip-ViT-B-32-text do: either the two are named, or one directory has both as vision and text.
var pair = format{
	name: "pair",
	files: []string{
		"vision/model.onnx", "vision/preprocessor_config.json", "text/model.onnx", "text/tokenizer.json",
	},
	matches: func(d *directory) bool {
		return half{d, "vision/model"}.any() || half{d, "text/model"}.any()
	},
	read: func(d *directory, l *Layout) error {
		return readHalves(&directory{d.join("vision")}, &directory{d.join("text")}, l)
	},
}

// clipHalfConfig is the config.json of one CLIP tower.
type clipHalfConfig struct {
	ModelType             string `json:"model_type"`
	MaxPositionEmbeddings int    `json:"max_position_embeddings"`
	clipConfig
}

// readHalves reads a model from the directories of its two halves.
func readHalves(image, text *directory, l *Layout) error {
	if err := l.readGraphs(half{image, "model"}, half{text, "model"}); err != nil {
		return err
	}
	for _, d := range []*directory{image, text} {
		if !d.has("config.json") {
			continue // all that it would say is in the graphs
		}
		var config clipHalfConfig
		if err := d.decode("config.json", &config); err != nil {
			return err
		}
		switch config.ModelType {
		case "", "clip", "clip_text_model", "clip_vision_model":
		default:
			return errs.New(errs.Unsupported, "config.json of %s says model_type %q; of this format CLIP is supported", d.path, config.ModelType)
		}
		if d == text {
			if n := config.MaxPositionEmbeddings; n != 0 {
				config.TextConfig.MaxPositionEmbeddings = n
			}
			l.MaxTokens = config.TextConfig.MaxPositionEmbeddings
		}
	}
	if l.MaxTokens == 0 {
		l.MaxTokens = clipTokens
	}
	var err error
	if l.MaxTokens, err = text.maxTokens(l.MaxTokens, "max_position_embeddings"); err != nil {
		return err
	}
	if l.Tokenizer, err = text.file("tokenizer.json", MaxTokenizerBytes); err != nil {
		return err
	}
	return readCLIPProcessor(image, l)
}

package layout

import (
	"bytes"
	"encoding/json"

	"github.com/innerspace/innerspace/core/embed/graph"
	"github.com/innerspace/innerspace/core/errs"
)

// twoTowers is the config.json of transformers' CLIP and SigLIP. A text_config_dict, where it is given,
// replaces text_config, and so for the pictures; what is absent has the default of the class.
type twoTowers struct {
	ProjectionDim *int            `json:"projection_dim"`
	Text          json.RawMessage `json:"text_config"`
	TextDict      json.RawMessage `json:"text_config_dict"`
	Vision        json.RawMessage `json:"vision_config"`
	VisionDict    json.RawMessage `json:"vision_config_dict"`
}

// decode reads the two towers' members over their defaults.
func (c twoTowers) decode(d *directory, text, vision any) error {
	for _, part := range []struct {
		name       string
		raw, older json.RawMessage
		into       any
	}{{"text_config", c.Text, c.TextDict, text}, {"vision_config", c.Vision, c.VisionDict, vision}} {
		raw := part.raw
		if older := bytes.TrimSpace(part.older); len(older) > 0 && !bytes.Equal(older, []byte("null")) {
			raw = older
		}
		if raw == nil {
			continue
		}
		if err := json.Unmarshal(raw, part.into); err != nil {
			return errs.Wrap(err, errs.InvalidInput, "%s in config.json of the model directory %s is not what it should be: %v", part.name, d.path, err)
		}
	}
	return nil
}

type clipTextConfig struct {
	sizes
	VocabSize             int  `json:"vocab_size"`
	MaxPositionEmbeddings int  `json:"max_position_embeddings"`
	EndToken              *int `json:"eos_token_id"`
}

type visionConfig struct {
	sizes
	ImageSize   int `json:"image_size"`
	PatchSize   int `json:"patch_size"`
	NumChannels int `json:"num_channels"`
}

// readTransformersCLIP reads what CLIPModel.save_pretrained writes.
func readTransformersCLIP(d *directory, l *Layout) error {
	files, err := d.weights(transformersWeights("CLIPModel"))
	if err != nil {
		return err
	}
	var config twoTowers
	if err := d.decode("config.json", &config); err != nil {
		return err
	}
	text := clipTextConfig{sizes: sizes{512, 2048, 12, 8, "quick_gelu", 1e-5}, VocabSize: 49408, MaxPositionEmbeddings: 77}
	vision := visionConfig{sizes: sizes{768, 3072, 12, 12, "quick_gelu", 1e-5}, ImageSize: 224, PatchSize: 32, NumChannels: 3}
	if err := config.decode(d, &text, &vision); err != nil {
		return err
	}
	l.Dimension = 512
	if config.ProjectionDim != nil {
		l.Dimension = *config.ProjectionDim
	}
	textTower := graph.CLIPText{
		Naming: graph.Transformers, Vocabulary: text.VocabSize, Positions: text.MaxPositionEmbeddings, Dimension: l.Dimension,
		EndToken: clipEndToken(text.EndToken),
	}
	visionTower := graph.CLIPVision{
		Naming: graph.Transformers, ImageWidth: vision.ImageSize, ImageHeight: vision.ImageSize, Patch: vision.PatchSize, Dimension: l.Dimension,
	}
	if textTower.Transformer, err = text.transformer("text_config in config.json of " + d.path); err != nil {
		return err
	}
	if visionTower.Transformer, err = vision.transformer("vision_config in config.json of " + d.path); err != nil {
		return err
	}
	if err := vision.checkChannels(d); err != nil {
		return err
	}
	l.Text = Tower{Written: textTower, Weights: files}
	l.Image = Tower{Written: visionTower, Weights: files}
	if err := d.findCLIPTokenizer(l); err != nil {
		return err
	}
	if l.MaxTokens, err = d.maxTokens(text.MaxPositionEmbeddings, "text_config.max_position_embeddings"); err != nil {
		return err
	}
	return readCLIPProcessor(d, l)
}

// clipEndToken is the token at which transformers reads a text. Configurations from before July 2023 say
// 2, which no text has, and mean the highest id.
func clipEndToken(configured *int) int {
	const wrong, highest, original = 2, -1, 49407
	switch {
	case configured == nil:
		return original
	case *configured == wrong:
		return highest
	}
	return *configured
}

func (v visionConfig) checkChannels(d *directory) error {
	if v.NumChannels != 3 {
		return errs.New(errs.Unsupported, "vision_config.num_channels in config.json of %s is %d; pictures have 3", d.path, v.NumChannels)
	}
	return nil
}

// readCLIPProcessor reads preprocessor_config.json over the defaults of CLIP's.
func readCLIPProcessor(d *directory, l *Layout) error { return d.readProcessor(l, clipProcessor{}) }

package layout

import (
	"github.com/innerspace/innerspace/core/embed/graph"
	"github.com/innerspace/innerspace/core/errs"
)

type siglipTextConfig struct {
	sizes
	VocabSize             int  `json:"vocab_size"`
	MaxPositionEmbeddings int  `json:"max_position_embeddings"`
	ProjectionSize        *int `json:"projection_size"`
}

type siglipVisionConfig struct {
	visionConfig
	UseHead *bool `json:"vision_use_head"`
}

// readTransformersSigLIP reads what SiglipModel.save_pretrained writes: SigLIP, and SigLIP 2 at a fixed resolution.
func readTransformersSigLIP(d *directory, l *Layout) error {
	files, err := d.weights(transformersWeights("SiglipModel"))
	if err != nil {
		return err
	}
	var config twoTowers
	if err := d.decode("config.json", &config); err != nil {
		return err
	}
	usual := sizes{768, 3072, 12, 12, "gelu_pytorch_tanh", 1e-6}
	text := siglipTextConfig{sizes: usual, VocabSize: 32000, MaxPositionEmbeddings: 64}
	vision := siglipVisionConfig{visionConfig: visionConfig{sizes: usual, ImageSize: 224, PatchSize: 16, NumChannels: 3}}
	if err := config.decode(d, &text, &vision); err != nil {
		return err
	}
	if !enabled(vision.UseHead) {
		return errs.New(errs.Unsupported, "vision_config.vision_use_head in config.json of %s is false; a tower without its pooling head gives no embedding", d.path)
	}
	if err := vision.checkChannels(d); err != nil {
		return err
	}
	l.Dimension = vision.HiddenSize
	words := graph.SigLIPText{Vocabulary: text.VocabSize, Positions: text.MaxPositionEmbeddings, Dimension: text.HiddenSize}
	if text.ProjectionSize != nil {
		words.Dimension = *text.ProjectionSize
	}
	if words.Transformer, err = text.transformer("text_config in config.json of " + d.path); err != nil {
		return err
	}
	pictures := graph.SigLIPVision{ImageSize: vision.ImageSize, Patch: vision.PatchSize}
	if pictures.Transformer, err = vision.transformer("vision_config in config.json of " + d.path); err != nil {
		return err
	}
	l.Text, l.Image = Tower{Written: words, Weights: files}, Tower{Written: pictures, Weights: files}
	if l.Tokenizer, err = d.file("tokenizer.json", MaxTokenizerBytes); err != nil {
		return err
	}
	if l.MaxTokens = text.MaxPositionEmbeddings; checkTokens(l.MaxTokens, "") != nil {
		return checkTokens(l.MaxTokens, "text_config.max_position_embeddings in config.json of "+d.path)
	}
	if err := d.readSigLIPTexts(l); err != nil {
		return err
	}
	return d.readProcessor(l, siglipProcessor())
}

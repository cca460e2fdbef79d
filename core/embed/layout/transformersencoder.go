package layout

import (
	"github.com/innerspace/innerspace/core/embed/graph"
	"github.com/innerspace/innerspace/core/errs"
)

type encoderConfig struct {
	sizes
	VocabSize             int    `json:"vocab_size"`
	MaxPositionEmbeddings int    `json:"max_position_embeddings"`
	TypeVocabSize         int    `json:"type_vocab_size"`
	Buckets               int    `json:"relative_attention_num_buckets"`
	PositionType          string `json:"position_embedding_type"`
	IsDecoder             bool   `json:"is_decoder"`
}

func readTransformersBERT(d *directory, l *Layout) error {
	return readEncoder(d, l, graph.BERT, "BertModel", encoderConfig{
		sizes: sizes{768, 3072, 12, 12, "gelu", 1e-12}, VocabSize: 30522, MaxPositionEmbeddings: 512, TypeVocabSize: 2,
	})
}

func readTransformersMPNet(d *directory, l *Layout) error {
	return readEncoder(d, l, graph.MPNet, "MPNetModel", encoderConfig{
		sizes: sizes{768, 3072, 12, 12, "gelu", 1e-12}, VocabSize: 30527, MaxPositionEmbeddings: 512, Buckets: 32,
	})
}

// readEncoder reads a text encoder. Tokens are averaged, which is what sentence-transformers does with
// a model that does not say.
func readEncoder(d *directory, l *Layout, family graph.Family, class string, config encoderConfig) error {
	files, err := d.weights(transformersWeights(class))
	if err != nil {
		return err
	}
	if err := d.decode("config.json", &config); err != nil {
		return err
	}
	switch {
	case config.PositionType != "" && config.PositionType != "absolute":
		return errs.New(errs.Unsupported, `position_embedding_type in config.json of %s is %q; "absolute" is supported`, d.path, config.PositionType)
	case config.IsDecoder:
		return errs.New(errs.Unsupported, "is_decoder in config.json of %s is true; encoders are supported", d.path)
	}
	encoder := graph.Encoder{
		Family: family, Vocabulary: config.VocabSize, Positions: config.MaxPositionEmbeddings, Types: config.TypeVocabSize, Buckets: config.Buckets,
		Pooling: graph.MeanPooling,
	}
	if encoder.Transformer, err = config.transformer("config.json of " + d.path); err != nil {
		return err
	}
	if l.MaxTokens, err = d.maxTokens(encoder.MaxTokens(), "max_position_embeddings"); err != nil {
		return err
	}
	l.Text, l.Dimension = Tower{Written: encoder, Weights: files}, encoder.Dimension()
	l.Tokenizer, err = d.file("tokenizer.json", MaxTokenizerBytes)
	return err
}

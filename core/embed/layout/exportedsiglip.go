package layout

import (
	"encoding/json"

	"github.com/innerspace/innerspace/core/embed/tokenize"
	"github.com/innerspace/innerspace/core/errs"
)

// siglipTokens is what transformers assumes for SigLIP where nothing says how long a text is.
const siglipTokens = 64

// siglipProcessor has the defaults of transformers' SiglipImageProcessor.
func siglipProcessor() clipProcessor {
	never := false
	half := []float64{0.5, 0.5, 0.5}
	return clipProcessor{Size: &sides{Height: 224, Width: 224}, DoCenterCrop: &never, ImageMean: half, ImageStd: half}
}

// readSigLIPTexts says how SigLIP's text towers were trained: they attend to their padding, and know lower case only, which
// SigLIP 2's tokenizer does not see to.
func (d *directory) readSigLIPTexts(l *Layout) (err error) {
	l.Padding, l.Cleaning = PaddingRead, tokenize.LowerCase
	l.PadToken, err = d.padToken()
	return err
}

// readExportedSigLIP reads SigLIP and the SigLIP 2 models of fixed size.
func readExportedSigLIP(d *directory, l *Layout, config clipConfig) error {
	l.Text.Pooled, l.Image.Pooled = true, true
	tokens := siglipTokens
	if n := config.TextConfig.MaxPositionEmbeddings; n != 0 {
		tokens = n
	}
	var err error
	if l.MaxTokens, err = d.maxTokens(tokens, "text_config.max_position_embeddings"); err != nil {
		return err
	}
	if err := d.readSigLIPTexts(l); err != nil {
		return err
	}
	return d.readProcessor(l, siglipProcessor())
}

// padToken is what tokenizer_config.json pads with; "" where it does not say.
func (d *directory) padToken() (string, error) {
	if !d.has("tokenizer_config.json") {
		return "", nil
	}
	var config struct {
		PadToken addedText `json:"pad_token"`
	}
	err := d.decode("tokenizer_config.json", &config)
	return string(config.PadToken), err
}

// addedText is a token as a text or as {"content": text, …}.
type addedText string

func (a *addedText) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '{' {
		var token struct {
			Content string `json:"content"`
		}
		err := json.Unmarshal(data, &token)
		*a = addedText(token.Content)
		return err
	}
	return json.Unmarshal(data, (*string)(a))
}

// readProcessor reads preprocessor_config.json over a family's defaults, in transformers' words or in open_clip's.
func (d *directory) readProcessor(l *Layout, defaults clipProcessor) error {
	const name = "preprocessor_config.json"
	var dialect struct {
		ResizeMode *string `json:"resize_mode"` // open_clip's only
	}
	if err := d.decode(name, &dialect); err != nil {
		return err
	}
	var err error
	if dialect.ResizeMode != nil {
		var processor sizedPreprocess
		if err := d.decode(name, &processor); err != nil {
			return err
		}
		l.Preprocessing, err = processor.preprocessing()
	} else {
		if err := d.decode(name, &defaults); err != nil {
			return err
		}
		l.Preprocessing, err = defaults.preprocessing()
	}
	if err != nil {
		return errs.From(err).At(name + " of " + d.path)
	}
	return checkPreprocessing(l.Preprocessing, name+" of "+d.path)
}

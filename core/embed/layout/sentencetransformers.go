package layout

import (
	"strings"

	"github.com/innerspace/innerspace/core/embed/graph"
	"github.com/innerspace/innerspace/core/errs"
)

// sentenceTransformers is a chain of modules, each in a folder of its own or in the directory itself: a
// CLIP, or a text encoder, a pooling and what may follow.
var sentenceTransformers = format{
	name:    "sentence-transformers",
	files:   []string{"modules.json", "0_CLIPModel/config.json and model.safetensors, or config.json, model.safetensors and 1_Pooling/config.json"},
	matches: func(d *directory) bool { return d.has("modules.json") },
	read:    readSentenceTransformers,
}

type sentenceModule struct {
	Path string `json:"path"`
	Type string `json:"type"`
}

// kind is the class without the package it lies in, which has changed over the years.
func (m sentenceModule) kind() string { return m.Type[strings.LastIndexByte(m.Type, '.')+1:] }

func readSentenceTransformers(d *directory, l *Layout) error {
	var modules []sentenceModule
	if err := d.decode("modules.json", &modules); err != nil {
		return err
	}
	const most = 16
	if len(modules) == 0 || len(modules) > most {
		return errs.New(errs.InvalidInput, "modules.json of %s lists %d modules; it has to list 1 to %d", d.path, len(modules), most)
	}
	first, err := d.folder(modules[0].Path, "path in modules.json")
	if err != nil {
		return err
	}
	switch modules[0].kind() {
	case "CLIPModel":
		if len(modules) > 1 {
			return errs.New(errs.Unsupported, "modules.json of %s has a %s behind its CLIPModel, which is not supported", d.path, modules[1].kind())
		}
		return readTransformers(first, l)
	case "Transformer":
		return d.readSentenceEncoder(first, modules[1:], l)
	}
	return errs.New(errs.Unsupported, "modules.json of %s starts with a %.60s; CLIPModel and Transformer are supported", d.path, modules[0].kind())
}

// readSentenceEncoder reads a text encoder from first, and the modules behind it.
func (d *directory) readSentenceEncoder(first *directory, modules []sentenceModule, l *Layout) error {
	if err := readTransformers(first, l); err != nil {
		return err
	}
	encoder, isEncoder := l.Text.Written.(graph.Encoder)
	if !isEncoder {
		return errs.New(errs.Unsupported, "modules.json of %s starts with a Transformer that is no text encoder", d.path)
	}
	if err := d.refusePrompts(); err != nil {
		return err
	}
	if err := first.readSequenceLength(l, encoder); err != nil {
		return err
	}
	dense := false
	for _, module := range modules {
		folder, err := d.folder(module.Path, "path in modules.json")
		if module.kind() == "Normalize" { // it has no files, and so no folder in a copy that skipped empty ones
			encoder.Steps = append(encoder.Steps, graph.Step{Normalize: true})
			continue
		}
		if err != nil {
			return err
		}
		switch module.kind() {
		case "Pooling":
			encoder.Pooling, err = folder.readPooling(encoder.Width)
		case "Dense":
			if dense {
				return errs.New(errs.Unsupported, "modules.json of %s lists several Dense modules; one is supported", d.path)
			}
			dense = true
			var step graph.Step
			var files []File
			step, files, err = folder.readDense()
			encoder.Steps = append(encoder.Steps, step)
			l.Text.Weights = append(l.Text.Weights, files...)
		default:
			return errs.New(errs.Unsupported, "modules.json of %s lists a %.60s; Pooling, Dense and Normalize are supported", d.path, module.kind())
		}
		if err != nil {
			return err
		}
	}
	l.Text.Written, l.Dimension = encoder, encoder.Dimension()
	return nil
}

// refusePrompts refuses a model that puts words of its own before every text.
func (d *directory) refusePrompts() error {
	const name = "config_sentence_transformers.json"
	if !d.has(name) {
		return nil
	}
	var config struct {
		DefaultPromptName *string `json:"default_prompt_name"`
	}
	if err := d.decode(name, &config); err != nil {
		return err
	}
	if config.DefaultPromptName != nil {
		return errs.New(errs.Unsupported, "default_prompt_name in %s of %s is %.60q; prompts are not supported", name, d.path, *config.DefaultPromptName)
	}
	return nil
}

// readSequenceLength takes the longest text from sentence_bert_config.json where it says one.
func (d *directory) readSequenceLength(l *Layout, encoder graph.Encoder) error {
	const name = "sentence_bert_config.json"
	if !d.has(name) {
		return nil
	}
	var config struct {
		MaxSeqLength *int `json:"max_seq_length"`
		DoLowerCase  bool `json:"do_lower_case"`
	}
	if err := d.decode(name, &config); err != nil {
		return err
	}
	if config.DoLowerCase {
		return errs.New(errs.Unsupported, "do_lower_case in %s of %s is true; it is supported as a part of tokenizer.json", name, d.path)
	}
	if config.MaxSeqLength == nil {
		return nil
	}
	l.MaxTokens = min(*config.MaxSeqLength, encoder.MaxTokens())
	return checkTokens(l.MaxTokens, "max_seq_length in "+name+" of "+d.path)
}

func (d *directory) readPooling(width int) (graph.Pooling, error) {
	var config struct {
		Width        *int `json:"word_embedding_dimension"`
		CLS          bool `json:"pooling_mode_cls_token"`
		Mean         bool `json:"pooling_mode_mean_tokens"`
		Max          bool `json:"pooling_mode_max_tokens"`
		MeanSqrt     bool `json:"pooling_mode_mean_sqrt_len_tokens"`
		WeightedMean bool `json:"pooling_mode_weightedmean_tokens"`
		LastToken    bool `json:"pooling_mode_lasttoken"`
	}
	if err := d.decode("config.json", &config); err != nil {
		return "", err
	}
	if config.Width != nil && *config.Width != width {
		return "", errs.New(errs.InvalidInput, "word_embedding_dimension in config.json of %s is %d, but the encoder is %d wide: they belong to different models", d.path, *config.Width, width)
	}
	if config.CLS != config.Mean && !config.Max && !config.MeanSqrt && !config.WeightedMean && !config.LastToken {
		if config.CLS {
			return graph.CLSPooling, nil
		}
		return graph.MeanPooling, nil
	}
	return "", errs.New(errs.Unsupported, "the pooling in config.json of %s; supported are pooling_mode_mean_tokens or pooling_mode_cls_token, alone", d.path)
}

// denseActivations by the class that torch gives them.
var denseActivations = map[string]graph.Activation{
	"torch.nn.modules.activation.Tanh": graph.Tanh, "torch.nn.modules.linear.Identity": graph.Identity, "torch.nn.modules.activation.ReLU": graph.ReLU,
	"torch.nn.modules.activation.GELU": graph.GELU,
}

func (d *directory) readDense() (graph.Step, []File, error) {
	var config struct {
		In         int    `json:"in_features"`
		Out        int    `json:"out_features"`
		Bias       *bool  `json:"bias"`
		Activation string `json:"activation_function"`
	}
	if err := d.decode("config.json", &config); err != nil {
		return graph.Step{}, nil, err
	}
	activation, known := denseActivations[config.Activation]
	if !known {
		return graph.Step{}, nil, errs.New(errs.Unsupported, "activation_function in config.json of %s is %.100q; Tanh, ReLU, GELU and Identity are supported", d.path, config.Activation)
	}
	files, err := d.weights(weightsFile{
		name: "model.safetensors", pickle: "pytorch_model.bin",
		convert: `python -c "from sentence_transformers.models import Dense; Dense.load('DIR').save('DIR')"`,
	})
	return graph.Step{In: config.In, Out: config.Out, Biased: enabled(config.Bias), Activation: activation}, files, err
}

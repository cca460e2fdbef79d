package layout

import (
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/embed/graph"
	"github.com/innerspace/innerspace/core/errs"
)

// transformers is how Hugging Face's transformers saves a model: weights and a
// configuration whose model_type names the architecture.
var transformers = format{
	name:  "transformers",
	files: []string{"config.json", "model.safetensors", "tokenizer.json", "preprocessor_config.json"},
	matches: func(d *directory) bool {
		return d.has("config.json") && transformersWeights("").in(d) && !betterAsOpenCLIP(d)
	},
	read: readTransformers,
}

// betterAsOpenCLIP says that a directory has weights of open_clip's that can be read, and beside them none of transformers':
// those of LAION may be pickles, those of timm are one tower alone.
func betterAsOpenCLIP(d *directory) bool {
	if !d.has(openCLIPConfig) || !openCLIPWeights.readable(d) {
		return false
	}
	var config modelType
	err := d.decode("config.json", &config)
	return err != nil || architectures[config.ModelType] == nil || !transformersWeights("").readable(d)
}

type modelType struct {
	ModelType string `json:"model_type"`
}

// transformersWeights are the file names; class is what opens the model in Python.
func transformersWeights(class string) weightsFile {
	return weightsFile{
		name: "model.safetensors", pickle: "pytorch_model.bin",
		convert: `python -c "from transformers import ` + class + `; ` + class + `.from_pretrained('DIR').save_pretrained('DIR', safe_serialization=True)"`,
	}
}

// architectures by the model_type of config.json.
var architectures = map[string]func(*directory, *Layout) error{
	"clip": readTransformersCLIP, "siglip": readTransformersSigLIP, "bert": readTransformersBERT, "mpnet": readTransformersMPNet,
}

func readTransformers(d *directory, l *Layout) error {
	var config modelType
	if err := d.decode("config.json", &config); err != nil {
		return err
	}
	read, known := architectures[config.ModelType]
	if !known {
		names := make([]string, 0, len(architectures))
		for name := range architectures {
			names = append(names, name)
		}
		slices.Sort(names)
		return errs.New(errs.Unsupported, "config.json of %s says model_type %q; of models without ONNX graphs %s are supported",
			d.path, config.ModelType, strings.Join(names, ", "))
	}
	return read(d, l)
}

// activations by the name that transformers gives them.
var transformersActivations = map[string]graph.Activation{
	"gelu": graph.GELU, "quick_gelu": graph.QuickGELU, "gelu_pytorch_tanh": graph.TanhGELU, "gelu_new": graph.TanhGELU, "relu": graph.ReLU,
}

// sizes are the members of a configuration that the layers of a tower share.
type sizes struct {
	HiddenSize       int     `json:"hidden_size"`
	IntermediateSize int     `json:"intermediate_size"`
	Layers           int     `json:"num_hidden_layers"`
	Heads            int     `json:"num_attention_heads"`
	HiddenAct        string  `json:"hidden_act"`
	LayerNormEps     float64 `json:"layer_norm_eps"`
}

func (s sizes) transformer(where string) (graph.Transformer, error) {
	activation, known := transformersActivations[s.HiddenAct]
	if !known {
		return graph.Transformer{}, errs.New(errs.Unsupported, "hidden_act in %s is %q; supported are gelu, gelu_new, gelu_pytorch_tanh, quick_gelu and relu", where, s.HiddenAct)
	}
	return graph.Transformer{
		Width: s.HiddenSize, Inner: s.IntermediateSize, Layers: s.Layers, Heads: s.Heads, Activation: activation, Epsilon: s.LayerNormEps,
	}, nil
}

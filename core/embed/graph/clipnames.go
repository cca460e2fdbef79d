package graph

import (
	"fmt"

	"github.com/innerspace/innerspace/core/embed/safetensors"
)

// towerNames are the names of a CLIP tower's weights.
type towerNames struct {
	tokens     string // texts
	patches    string // pictures
	class      string // pictures
	positions  string
	firstNorm  string // pictures
	layer      func(i, width int) layer
	finalNorm  string
	projection string
}

func (n Naming) text(weights *safetensors.Weights) towerNames {
	if n == OpenCLIP {
		prefix := ""
		if _, found := weights.Tensor("text.token_embedding.weight"); found {
			prefix = "text." // of the models whose text tower is a module of its own
		}
		return towerNames{
			tokens: prefix + "token_embedding.weight", positions: prefix + "positional_embedding",
			layer: openCLIPLayers(prefix + "transformer"), finalNorm: prefix + "ln_final", projection: prefix + "text_projection",
		}
	}
	return towerNames{
		tokens: "text_model.embeddings.token_embedding.weight", positions: "text_model.embeddings.position_embedding.weight",
		layer: transformersLayers("text_model"), finalNorm: "text_model.final_layer_norm", projection: "text_projection",
	}
}

func (n Naming) vision() towerNames {
	if n == OpenCLIP {
		return towerNames{
			patches: "visual.conv1", class: "visual.class_embedding", positions: "visual.positional_embedding", firstNorm: "visual.ln_pre",
			layer: openCLIPLayers("visual.transformer"), finalNorm: "visual.ln_post", projection: "visual.proj",
		}
	}
	return towerNames{
		patches: "vision_model.embeddings.patch_embedding", class: "vision_model.embeddings.class_embedding",
		positions: "vision_model.embeddings.position_embedding.weight",
		firstNorm: "vision_model.pre_layrnorm", // the name has this slip
		layer:     transformersLayers("vision_model"), finalNorm: "vision_model.post_layernorm", projection: "visual_projection",
	}
}

// transformersLayers names the layers of CLIP and SigLIP in transformers.
func transformersLayers(tower string) func(i, width int) layer {
	return func(i, _ int) layer {
		prefix := fmt.Sprintf("%s.encoder.layers.%d.", tower, i)
		return layer{
			attentionNorm: prefix + "layer_norm1", innerNorm: prefix + "layer_norm2",
			query: linearOf(prefix + "self_attn.q_proj"), key: linearOf(prefix + "self_attn.k_proj"), value: linearOf(prefix + "self_attn.v_proj"),
			attended: linearOf(prefix + "self_attn.out_proj"), up: linearOf(prefix + "mlp.fc1"), down: linearOf(prefix + "mlp.fc2"),
		}
	}
}

// openCLIPLayers names the layers of open_clip.
func openCLIPLayers(stack string) func(i, width int) layer {
	return func(i, width int) layer {
		prefix := fmt.Sprintf("%s.resblocks.%d.", stack, i)
		l := layer{
			attentionNorm: prefix + "ln_1", innerNorm: prefix + "ln_2",
			attended: linearOf(prefix + "attn.out_proj"), up: linearOf(prefix + "mlp.c_fc"), down: linearOf(prefix + "mlp.c_proj"),
		}
		l.query, l.key, l.value = fusedProjections(prefix+"attn.", width)
		return l
	}
}

// fusedProjections are the rows of torch's MultiheadAttention, which keeps query, key and value in one tensor.
func fusedProjections(prefix string, width int) (query, key, value linear) {
	part := func(i int) linear {
		return linear{rows{prefix + "in_proj_weight", i * width, width}, rows{prefix + "in_proj_bias", i * width, width}}
	}
	return part(0), part(1), part(2)
}

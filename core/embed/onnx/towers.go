package onnx

import (
	"strings"

	"github.com/innerspace/innerspace/core/embed/layout"
	"github.com/innerspace/innerspace/core/embed/onnxproto"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// imageTower is how the image graph is called, decided from its signature.
type imageTower struct {
	graph     source
	input     string
	pixels    pixels
	output    value
	batch     int64 // fixed number of pictures a run; anyLength where open
	dimension int64 // of the output; anyLength where only a run tells
}

// textTower is how the text graph is called.
type textTower struct {
	graph        source
	inputs       []textInput
	output       value
	batch        int64 // fixed number of texts a run; anyLength where open
	length       int64 // number of tokens that every text is padded to; anyLength where there is no need
	dimension    int64
	readsPadding bool // texts are padded to their full length, and the tower attends to all of it
	// vocabulary is how many token ids the graph knows, 0 where that does not show.
	vocabulary int64
}

// idsName is the input of the token ids.
func (t textTower) idsName() string {
	for _, in := range t.inputs {
		if in.role == tokenIDs {
			return in.name
		}
	}
	return ""
}

func (t textTower) has(role textRole) bool {
	for _, in := range t.inputs {
		if in.role == role {
			return true
		}
	}
	return false
}

func (t textTower) inputNames() []string {
	names := make([]string, len(t.inputs))
	for i, in := range t.inputs {
		names[i] = in.name
	}
	return names
}

// textInput is one input of a text graph.
type textInput struct {
	name string
	role textRole
	wide bool // int64, otherwise int32
}

type textRole uint8

const (
	tokenIDs      textRole = iota
	attentionMask          // 1 on a token, 0 on padding
	tokenTypes             // 0 throughout: one segment
)

// textRoles by the names that exporters use.
var textRoles = map[string]textRole{
	"input_ids": tokenIDs, "text": tokenIDs, "tokens": tokenIDs,
	"attention_mask": attentionMask, "token_type_ids": tokenTypes,
}

func readImageTower(s signature, graph source, choice outputChoice, p imaging.Preprocessing) (imageTower, error) {
	refuse := refusal(s, graph, "image")
	if len(s.inputs) != 1 {
		return imageTower{}, refuse("it has to take one input")
	}
	in := s.inputs[0]
	kind, known := pixelsOf(in)
	if !known {
		return imageTower{}, refuse("its input has to be float32 or float16 [batch, 3, height, width], or uint8 with 3 channels in either place")
	}
	for i, want := range kind.shape(p) {
		if got := in.shape[i+1]; got != anyLength && got != want {
			return imageTower{}, errs.New(errs.InvalidInput, "%s takes %s, but the model's preprocessing makes pictures of %s",
				graph, in, lengths(kind.shape(p)))
		}
	}
	out, err := pickOutput(s, choice, "image_embeds", refuse)
	if err != nil {
		return imageTower{}, err
	}
	return imageTower{graph: graph, input: in.name, pixels: kind, output: out, batch: in.shape[0], dimension: out.shape[1]}, nil
}

func readTextTower(s signature, graph source, choice outputChoice) (textTower, error) {
	refuse := refusal(s, graph, "text")
	t := textTower{graph: graph, batch: anyLength, length: anyLength}
	seen := map[textRole]bool{}
	for _, in := range s.inputs {
		role, known := textRoles[in.name]
		if !known && len(s.inputs) == 1 {
			role, known = tokenIDs, true
		}
		if !known || seen[role] {
			return textTower{}, refuse("known inputs are input_ids (or a single input of any name), attention_mask and token_type_ids")
		}
		seen[role] = true
		if in.element != onnxproto.Int64 && in.element != onnxproto.Int32 || len(in.shape) != 2 {
			return textTower{}, refuse("its inputs have to be int64 or int32 [batch, tokens]")
		}
		if !agree(&t.batch, in.shape[0]) || !agree(&t.length, in.shape[1]) {
			return textTower{}, refuse("its inputs have to be of one shape")
		}
		t.inputs = append(t.inputs, textInput{name: in.name, role: role, wide: in.element == onnxproto.Int64})
	}
	if !seen[tokenIDs] {
		return textTower{}, refuse("it has to take token ids")
	}
	out, err := pickOutput(s, choice, "text_embeds", refuse)
	if err != nil {
		return textTower{}, err
	}
	t.output, t.dimension = out, out.shape[1]
	return t, nil
}

// agree merges a fixed length into what is known; false where two fixed lengths differ.
func agree(known *int64, length int64) bool {
	if *known == anyLength {
		*known = length
	}
	return length == anyLength || length == *known
}

// outputChoice is what a layout knows of a tower's outputs.
type outputChoice struct {
	name   string // "" leaves the choice to pickOutput
	pooled bool   // pooler_output is the embedding
}

func choiceOf(tower layout.Tower) outputChoice { return outputChoice{tower.Output, tower.Pooled} }

// pickOutput finds the embedding: the layout's own choice, then the names that
// exporters give a projected embedding, then pooler_output where it is one, then the only matrix there is.
// In a CLIP tower pooler_output is the state before the projection, and of another length.
func pickOutput(s signature, choice outputChoice, projected string, refuse func(string) error) (value, error) {
	var matches, matrices, pooled []value
	for _, out := range s.outputs {
		switch {
		case choice.name != "" && out.name == choice.name, choice.name == "" && out.name == projected:
			return checkOutput(out, refuse)
		case strings.HasSuffix(out.name, "_embedding"):
			matches = append(matches, out)
		}
		switch {
		case out.name == "pooler_output":
			pooled = append(pooled, out)
		case len(out.shape) == 2:
			matrices = append(matrices, out)
		}
	}
	switch {
	case choice.name != "":
		return value{}, refuse("it has no output " + choice.name)
	case len(matches) == 1:
		return checkOutput(matches[0], refuse)
	case choice.pooled && len(pooled) == 1:
		return checkOutput(pooled[0], refuse)
	case len(matrices) == 1:
		return checkOutput(matrices[0], refuse)
	}
	return value{}, refuse("it has no output " + projected + " and no other that must be the embedding: was it exported without its projection?")
}

func checkOutput(out value, refuse func(string) error) (value, error) {
	if out.element != onnxproto.Float32 && out.element != onnxproto.Float16 || len(out.shape) != 2 {
		return value{}, refuse("its output " + out.name + " has to be float32 or float16 [batch, dimension]")
	}
	return out, nil
}

func refusal(s signature, graph source, modality string) func(string) error {
	return func(why string) error {
		return errs.New(errs.Unsupported, "%s cannot be used for %ss: %s; found %s", graph, modality, why, s)
	}
}

package tokenize

import (
	"encoding/json"
	"fmt"

	"github.com/innerspace/innerspace/core/errs"
)

// readMarkers reads the ids put before and after a text, from a post-processor
// or from a Sequence of them in which one adds markers.
func readMarkers(raw json.RawMessage, path string) (before, after []int64, err error) {
	if isNull(raw) {
		return nil, nil, nil
	}
	list, sequence, err := readSequence(raw, path, "processors")
	if err != nil {
		return nil, nil, err
	}
	if !sequence {
		return readMarkerStep(raw, path)
	}
	found := false
	for i, raw := range list {
		path := fmt.Sprintf("%s.processors[%d]", path, i)
		first, last, err := readMarkerStep(raw, path)
		switch {
		case err != nil:
			return nil, nil, err
		case len(first)+len(last) == 0:
		case found:
			return nil, nil, errs.New(errs.Unsupported, "more than one post-processor that adds markers").At(path)
		default:
			before, after, found = first, last, true
		}
	}
	return before, after, nil
}

func readMarkerStep(raw json.RawMessage, path string) (before, after []int64, err error) {
	members, err := readObject(raw, path)
	if err != nil {
		return nil, nil, err
	}
	var kind string
	if _, err := members.take("type", &kind); err != nil {
		return nil, nil, err
	}
	switch kind {
	case "RobertaProcessing", "BertProcessing":
		return readMarkerPair(members, kind)
	case "TemplateProcessing":
		return readTemplate(members)
	case "ByteLevel": // it moves offsets, not ids
		return nil, nil, nil
	}
	return nil, nil, errs.New(errs.Unsupported,
		"post-processor %.60q; RobertaProcessing, BertProcessing, TemplateProcessing and one Sequence of them are supported", kind).At(path)
}

func readMarkerPair(members *object, kind string) (before, after []int64, err error) {
	var cls, sep []any
	wanted := map[string]any{"cls": &cls, "sep": &sep}
	var trimOffsets, prefixSpace json.RawMessage // they move offsets, not ids
	if kind == "RobertaProcessing" {
		wanted["trim_offsets"], wanted["add_prefix_space"] = &trimOffsets, &prefixSpace
	}
	if err := members.takeAll(wanted); err != nil {
		return nil, nil, err
	}
	ids := [2]int64{}
	for i, pair := range [][]any{cls, sep} {
		number, ok := float64(0), false
		if len(pair) == 2 {
			number, ok = pair[1].(float64)
		}
		if ids[i] = int64(number); !ok || float64(ids[i]) != number {
			return nil, nil, errs.New(errs.InvalidInput, `cls and sep are each a text and an id, as in ["[CLS]", 101]`).At(members.path)
		}
	}
	return ids[:1], ids[1:], nil
}

type templatePiece struct {
	SpecialToken, Sequence *struct {
		ID     string `json:"id"`
		TypeID int64  `json:"type_id"`
	}
}

type templateToken struct {
	IDs []int64 `json:"ids"`
}

func readTemplate(members *object) (before, after []int64, err error) {
	var single []templatePiece
	var pair json.RawMessage
	var tokens map[string]templateToken
	if err := members.takeAll(map[string]any{"single": &single, "pair": &pair, "special_tokens": &tokens}); err != nil {
		return nil, nil, err
	}
	sequences := 0
	for i, piece := range single {
		path := fmt.Sprintf("%s.single[%d]", members.path, i)
		switch {
		case piece.SpecialToken != nil && piece.Sequence == nil && piece.SpecialToken.TypeID == 0:
			token, ok := tokens[piece.SpecialToken.ID]
			if !ok {
				return nil, nil, errs.New(errs.InvalidInput, "marker %.60q is not among special_tokens", piece.SpecialToken.ID).At(path)
			}
			if sequences == 0 {
				before = append(before, token.IDs...)
			} else {
				after = append(after, token.IDs...)
			}
		case piece.Sequence != nil && piece.SpecialToken == nil && piece.Sequence.TypeID == 0 && piece.Sequence.ID == "A":
			sequences++
		default:
			return nil, nil, errs.New(errs.Unsupported, "a template part that is neither a marker nor the text A, with type_id 0").At(path)
		}
	}
	if sequences != 1 {
		return nil, nil, errs.New(errs.Unsupported, "a template with the text in it %d times; once is supported", sequences).At(members.path + ".single")
	}
	return before, after, nil
}

package layout

import (
	"encoding/json"
	"strings"

	"github.com/innerspace/innerspace/core/errs"
)

// findCLIPTokenizer finds tokenizer.json or, as in directories from before there was such a file, vocab.json and merges.txt.
func (d *directory) findCLIPTokenizer(l *Layout) (err error) {
	if d.has("tokenizer.json") || !d.has("vocab.json") || !d.has("merges.txt") {
		l.Tokenizer, err = d.file("tokenizer.json", MaxTokenizerBytes)
		return err
	}
	if l.Tokenizer, err = d.file("vocab.json", MaxTokenizerBytes); err != nil {
		return err
	}
	l.Merges, err = d.file("merges.txt", MaxTokenizerBytes)
	return err
}

// The markers around a text, which CLIP's vocabulary holds as words like others.
const (
	clipStart = "<|startoftext|>"
	clipEnd   = "<|endoftext|>"
)

// clipTokenizerJSON makes of vocab.json and merges.txt what transformers makes of them: a tokenizer.json.
func clipTokenizerJSON(vocab, merges []byte) ([]byte, error) {
	var vocabulary map[string]int64
	if err := json.Unmarshal(vocab, &vocabulary); err != nil {
		return nil, errs.Wrap(err, errs.InvalidInput, "not a vocabulary: %v", err)
	}
	start, hasStart := vocabulary[clipStart]
	end, hasEnd := vocabulary[clipEnd]
	if !hasStart || !hasEnd {
		return nil, errs.New(errs.InvalidInput, "a vocabulary without %s and %s is not CLIP's", clipStart, clipEnd)
	}
	var pairs []string
	for i, line := range strings.Split(string(merges), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line == "" || i == 0 && strings.HasPrefix(line, "#version") {
			continue
		}
		pairs = append(pairs, line)
	}
	type object = map[string]any
	marker := func(id int64, content string) object {
		return object{"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false, "normalized": true, "special": true}
	}
	return json.Marshal(object{
		"version":      "1.0",
		"added_tokens": []object{marker(start, clipStart), marker(end, clipEnd)},
		"normalizer": object{"type": "Sequence", "normalizers": []object{
			{"type": "NFC"}, {"type": "Replace", "pattern": object{"Regex": `\s+`}, "content": " "}, {"type": "Lowercase"},
		}},
		"pre_tokenizer": object{"type": "Sequence", "pretokenizers": []object{
			{"type": "Split", "pattern": object{"Regex": `'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`}, "behavior": "Removed", "invert": true},
			{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
		}},
		"post_processor": object{"type": "RobertaProcessing", "sep": []any{clipEnd, end}, "cls": []any{clipStart, start}, "trim_offsets": false, "add_prefix_space": false},
		"model": object{
			"type": "BPE", "dropout": nil, "unk_token": clipEnd, "continuing_subword_prefix": "", "end_of_word_suffix": "</w>",
			"fuse_unk": false, "byte_fallback": false, "ignore_merges": false, "vocab": vocabulary, "merges": pairs,
		},
	})
}

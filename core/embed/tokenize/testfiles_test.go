package tokenize

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	clipFile = "testdata/models/tiny-clip/tokenizer.json"
	bertFile = "python/innerspace/models/embedded/tokenizer.json"
)

func readRepositoryFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", filepath.FromSlash(path)))
	require.NoError(t, err)
	return data
}

var loadedOnce sync.Map

// loadFile loads one of the two real tokenizers, once a test binary.
func loadFile(t testing.TB, path string, maxTokens int) *pipeline {
	t.Helper()
	type key struct {
		path      string
		maxTokens int
	}
	if loaded, ok := loadedOnce.Load(key{path, maxTokens}); ok {
		return loaded.(*pipeline)
	}
	loaded, err := load(readRepositoryFile(t, path), Options{MaxTokens: maxTokens})
	require.NoError(t, err)
	loadedOnce.Store(key{path, maxTokens}, loaded)
	return loaded
}

// withMembers replaces top-level members of a tokenizer.json.
func withMembers(t testing.TB, file []byte, changes map[string]json.RawMessage) []byte {
	t.Helper()
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(file, &members))
	for member, value := range changes {
		members[member] = value
	}
	changed, err := json.Marshal(members)
	require.NoError(t, err)
	return changed
}

// smallBERT is a WordPiece tokenizer.json with a handful of pieces.
const smallBERT = `{"version": "1.0", "truncation": null, "padding": null,
 "added_tokens": [{"id": 1, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
 "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
 "pre_tokenizer": {"type": "BertPreTokenizer"},
 "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
 "decoder": null,
 "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
  "vocab": {"[PAD]": 0, "[CLS]": 1, "[SEP]": 2, "[UNK]": 3, "un": 4, "##aff": 5, "##able": 6, "a": 7, "##b": 8}}}`

// smallCLIP builds a byte-pair tokenizer.json of the 256 bytes and one merge.
func smallCLIP(t testing.TB) []byte {
	t.Helper()
	vocabulary := map[string]int{"ab</w>": 512, "<|startoftext|>": 513, "<|endoftext|>": 514}
	for value, letter := range byteAlphabet() {
		vocabulary[string(letter)], vocabulary[string(letter)+"</w>"] = value, 256+value
	}
	file, err := json.Marshal(map[string]any{
		"version": "1.0", "added_tokens": []any{},
		"normalizer": map[string]any{"type": "NFC"},
		"pre_tokenizer": map[string]any{"type": "Sequence", "pretokenizers": []any{
			map[string]any{"type": "Split", "pattern": map[string]any{"Regex": clipPattern}, "behavior": "Removed", "invert": true},
			map[string]any{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true},
		}},
		"post_processor": map[string]any{
			"type": "RobertaProcessing", "sep": []any{"<|endoftext|>", 514}, "cls": []any{"<|startoftext|>", 513},
			"trim_offsets": false, "add_prefix_space": false,
		},
		"model": map[string]any{"type": "BPE", "end_of_word_suffix": "</w>", "vocab": vocabulary, "merges": []string{"#version: 0.2", "a b</w>"}},
	})
	require.NoError(t, err)
	return file
}

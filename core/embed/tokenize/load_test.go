package tokenize

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// refusal is a change to a file, by its text, and the error it must give.
type refusal struct {
	name, old, new string
	status         errs.Status
	path, says     string
}

func checkRefusals(t *testing.T, file string, refusals []refusal) {
	t.Helper()
	_, err := Load([]byte(file), 77)
	require.NoError(t, err)
	for _, test := range refusals {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, 1, strings.Count(file, test.old), "the file has the part to change once")
			tokenizer, err := Load([]byte(strings.Replace(file, test.old, test.new, 1)), 77)
			require.Error(t, err)
			assert.Nil(t, tokenizer)
			refused := errs.From(err)
			assert.Equal(t, test.status, refused.Status, refused)
			assert.Equal(t, test.path, refused.Path)
			assert.Contains(t, refused.Message, test.says)
		})
	}
}

func TestLoadRefusesInWordPieceFiles(t *testing.T) {
	const none, unsupported = errs.InvalidInput, errs.Unsupported
	checkRefusals(t, smallBERT, []refusal{
		{"version", `"version": "1.0"`, `"version": "2.0"`, unsupported, "$.version", "2.0"},
		{"unknown member", `"decoder": null`, `"decoder": null, "sampler": 1`, unsupported, "$", "sampler"},
		{"wrong case", `"normalizer":`, `"Normalizer":`, unsupported, "$", "Normalizer"},
		{"left truncation", `"truncation": null`, `"truncation": {"direction": "Left", "max_length": 9}`, unsupported, "$.truncation.direction", "Left"},
		{"second text truncation", `"truncation": null`, `"truncation": {"strategy": "OnlySecond"}`, unsupported, "$.truncation.strategy", "OnlySecond"},
		{"left padding", `"padding": null`, `"padding": {"direction": "Left", "pad_id": 0}`, unsupported, "$.padding.direction", "Left"},
		{"pad id", `"padding": null`, `"padding": {"direction": "Right", "pad_id": 99}`, none, "$.padding.pad_id", "99"},
		{"no pad", `"[PAD]": 0, `, ``, none, "$.padding", "[PAD]"},
		{"single word", `"single_word": false`, `"single_word": true`, unsupported, "$.added_tokens[0]", "single_word"},
		{"added token's id", `"id": 1, "content"`, `"id": 5, "content"`, unsupported, "$.added_tokens[0]", "id 5 here and 1"},
		{"added token's content", `"content": "[CLS]"`, `"content": ""`, none, "$.added_tokens[0]", "without content"},
		{"added token's member", `"rstrip": false`, `"rstrip": false, "greedy": true`, unsupported, "$.added_tokens[0]", "greedy"},
		{"normalizer", `"BertNormalizer"`, `"NFKC"`, unsupported, "$.normalizer", "NFKC"},
		{"normalizer's member", `"clean_text"`, `"cleaner_text"`, unsupported, "$.normalizer", "cleaner_text"},
		{"normalizer's type", `"clean_text": true`, `"clean_text": "yes"`, none, "$.normalizer.clean_text", "tokenizer.json"},
		{"pre-tokenizer", `"BertPreTokenizer"`, `"Metaspace"`, unsupported, "$.pre_tokenizer", "Metaspace"},
		{"no pre-tokenizer", `{"type": "BertPreTokenizer"}`, `null`, unsupported, "$.pre_tokenizer", "BertPreTokenizer"},
		{"post-processor", `"BertProcessing"`, `"Other"`, unsupported, "$.post_processor", "Other"},
		{"marker's id", `["[SEP]", 2]`, `["[SEP]", 1000]`, none, "$.post_processor", "1000"},
		{"marker's form", `["[SEP]", 2]`, `["[SEP]", 2.5]`, none, "$.post_processor", "an id"},
		{"marker alone", `["[SEP]", 2]`, `["[SEP]"]`, none, "$.post_processor", "an id"},
		{"model", `"type": "WordPiece"`, `"type": "WordLevel"`, unsupported, "$.model.type", "WordLevel"},
		{"model's member", `"type": "WordPiece"`, `"type": "WordPiece", "trie": 1`, unsupported, "$.model", "trie"},
		{"no prefix", `"##", "max`, `"", "max`, unsupported, "$.model", "continuing_subword_prefix"},
		{"unknown token", `"unk_token": "[UNK]"`, `"unk_token": "<unk>"`, none, "$.model", "<unk>"},
		{"no word length", `"max_input_chars_per_word": 100,`, ``, none, "$.model", "max_input_chars_per_word"},
		{"word length", `"max_input_chars_per_word": 100`, `"max_input_chars_per_word": 100000`, unsupported, "$.model", "100000"},
		{"id twice", `"a": 7`, `"a": 8`, unsupported, "$.model.vocab", "id 8"},
		{"negative id", `"a": 7`, `"a": -7`, none, "$.model.vocab", "-7"},
		{"huge id", `"a": 7`, `"a": 2147483000`, none, "$.model.vocab", "2147483000"},
		{"id past int32", `"a": 7`, `"a": 99999999999`, none, "$.model.vocab", "99999999999"},
	})
}

func TestLoadRefusesInBytePairFiles(t *testing.T) {
	checkRefusals(t, string(smallCLIP(t)), []refusal{
		{"dropout", `"model":{`, `"model":{"dropout":0.1,`, errs.Unsupported, "$.model.dropout", "random"},
		{"prefix", `"model":{`, `"model":{"continuing_subword_prefix":"##",`, errs.Unsupported, "$.model", "##"},
		{"ignore merges", `"model":{`, `"model":{"ignore_merges":true,`, errs.Unsupported, "$.model", "ignore_merges"},
		{"not byte-level", `"Ġ":`, `"Ġx":`, errs.Unsupported, "$.model.vocab", "byte 0x20"},
		{"merge of nothing", `"a b\u003c/w\u003e"`, `"a"`, errs.InvalidInput, "$.model.merges[1]", "two texts"},
		{"merge's text", `"a b\u003c/w\u003e"`, `"a q\u003c/w\u003e"`, errs.InvalidInput, "$.model.merges", "aq</w>"},
		{"merge's type", `"a b\u003c/w\u003e"`, `7`, errs.InvalidInput, "$.model.merges[1]", "two texts"},
		{"pattern", `[\\p{N}]|`, `[\\p{N}]+|`, errs.Unsupported, "$.pre_tokenizer.pretokenizers[0].pattern", "CLIP"},
		{"behavior", `"Removed"`, `"MergedWithNext"`, errs.Unsupported, "$.pre_tokenizer.pretokenizers[0]", "MergedWithNext"},
		{"not inverted", `"invert":true`, `"invert":false`, errs.Unsupported, "$.pre_tokenizer.pretokenizers[0]", "invert false"},
		{"prefix space", `{"add_prefix_space":false,"trim_offsets":true,"type":"ByteLevel"}`, `{"add_prefix_space":true,"type":"ByteLevel"}`,
			errs.Unsupported, "$.pre_tokenizer.pretokenizers[1]", "add_prefix_space"},
		{"second step", `"type":"ByteLevel"`, `"type":"Digits"`, errs.Unsupported, "$.pre_tokenizer.pretokenizers[1]", "Digits"},
		{"normalizer", `"type":"NFC"`, `"type":"NFKC"`, errs.Unsupported, "$.normalizer", "NFKC"},
		{"replace", `{"type":"NFC"}`, `{"type":"Replace","pattern":{"Regex":"a"},"content":" "}`, errs.Unsupported, "$.normalizer.pattern", `\s+`},
		{"no type", `"type":"BPE",`, `"type":"Wordpiece",`, errs.Unsupported, "$.model.type", "Wordpiece"},
		{"nested sequence", `{"type":"NFC"}`, `{"type":"Sequence","normalizers":[{"type":"Sequence","normalizers":[]}]}`,
			errs.Unsupported, "$.normalizer.normalizers[0]", "Sequence"},
	})
}

func TestLoadRefusesWhatIsNoTokenizerFile(t *testing.T) {
	for name, test := range map[string]struct {
		file   string
		status errs.Status
	}{
		"empty":          {"", errs.InvalidInput},
		"not JSON":       {"\x89PNG\r\n\x1a\n", errs.InvalidInput},
		"cut off":        {smallBERT[:len(smallBERT)/2], errs.InvalidInput},
		"a list":         {"[]", errs.InvalidInput},
		"no members":     {"{}", errs.Unsupported},
		"no model":       {`{"version": "1.0"}`, errs.InvalidInput},
		"empty model":    {`{"version": "1.0", "model": {}}`, errs.InvalidInput},
		"no vocabulary":  {`{"version": "1.0", "model": {"type": "BPE"}}`, errs.InvalidInput},
		"list as vocab":  {`{"version": "1.0", "model": {"type": "WordPiece", "vocab": []}}`, errs.InvalidInput},
		"deeply nested":  {`{"version": "1.0", "model": ` + strings.Repeat("[", 100_000), errs.InvalidInput},
		"not UTF-8":      {`{"version": "1.0` + "\xff" + `"}`, errs.InvalidInput},
		"over the limit": {strings.Repeat(" ", maxFileBytes+1), errs.LimitExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			tokenizer, err := Load([]byte(test.file), 77)
			require.Error(t, err)
			assert.Nil(t, tokenizer)
			assert.Equal(t, test.status, errs.StatusOf(err), err)
		})
	}
}

func TestLoadRefusesALengthWithoutRoomForMarkers(t *testing.T) {
	for _, maxTokens := range []int{-1, 0, 1} {
		_, err := Load([]byte(smallBERT), maxTokens)
		assert.Equal(t, errs.InvalidInput, errs.StatusOf(err))
	}
}

func TestLoadWantsMarkersOnBothSides(t *testing.T) {
	for name, postProcessor := range map[string]string{
		"none":      `null`,
		"byteLevel": `{"type": "ByteLevel"}`,
		"one":       `{"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "e", "type_id": 0}}], "special_tokens": {"e": {"ids": [2]}}}`,
		"no text":   `{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "e", "type_id": 0}}], "special_tokens": {"e": {"ids": [2]}}}`,
		"twice":     `{"type": "Sequence", "processors": [{"type": "BertProcessing", "sep": ["", 2], "cls": ["", 1]}, {"type": "BertProcessing", "sep": ["", 2], "cls": ["", 1]}]}`,
		"type id":   `{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "e", "type_id": 1}}], "special_tokens": {"e": {"ids": [2]}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(withMembers(t, []byte(smallBERT), map[string]json.RawMessage{"post_processor": json.RawMessage(postProcessor)}), 77)
			assert.Equal(t, errs.Unsupported, errs.StatusOf(err), err)
		})
	}
}

func TestLoadReadsFormsOfRealFiles(t *testing.T) {
	want := []int64{1, 4, 5, 6, 3, 2}
	for name, change := range map[string][2]string{
		"as it is":          {`"decoder": null`, `"decoder": null`},
		"model has no type": {`"type": "WordPiece", `, ``},
		"sequences": {`{"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]}`,
			`{"type": "Sequence", "processors": [{"type": "ByteLevel"}, {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]}]}`},
		"padding": {`"padding": null`, `"padding": {"strategy": "BatchLongest", "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"}`},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, 1, strings.Count(smallBERT, change[0]))
			tokenizer, err := Load([]byte(strings.Replace(smallBERT, change[0], change[1], 1)), 77)
			require.NoError(t, err)
			assert.Equal(t, want, tokenizer.Encode("Unaffable unab").IDs)
		})
	}
	clip, err := Load(smallCLIP(t), 77)
	require.NoError(t, err)
	assert.Equal(t, []int64{513, 512, 'a', 'b', 256 + 'a', 514}, clip.Encode("ab aba").IDs)
}

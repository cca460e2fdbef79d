package tokenize

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/innerspace/innerspace/core/errs"
)

const (
	siglipFile     = "testdata/tokenize/siglip.json"
	xlmRobertaFile = "testdata/tokenize/xlm_roberta.json"
	siglip2File    = "testdata/tokenize/siglip2.json"
)

// smallUnigram is a unigram tokenizer.json with a handful of pieces.
const smallUnigram = `{"version": "1.0", "normalizer": {"type": "Replace", "pattern": {"Regex": "[!-\\/\\\\]"}, "content": ""},
 "added_tokens": [{"id": 0, "content": "<pad>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
 "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true},
 "post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
  "pair": [], "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}},
 "model": {"type": "Unigram", "unk_id": 2, "byte_fallback": false,
  "vocab": [["<pad>", 0], ["</s>", 0], ["<unk>", 0], ["▁", -2], ["a", -3], ["▁a", -4.5], ["b", -3.5], ["ab", -7]]}}`

// smallCharacterPair is a byte-pair tokenizer.json with byte fallback.
func smallCharacterPair(t testing.TB) string {
	pieces := []string{`"<pad>": 0`, `"<eos>": 1`, `"▁": 2`, `"a": 3`, `"b": 4`, `"ab": 5`, `"▁ab": 6`}
	for value := range 256 {
		pieces = append(pieces, fmt.Sprintf(`"<0x%02X>": %d`, value, 7+value))
	}
	return `{"version": "1.0", "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
 "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": false},
 "post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<eos>", "type_id": 0}}],
  "pair": [], "special_tokens": {"<eos>": {"id": "<eos>", "ids": [1], "tokens": ["<eos>"]}}},
 "model": {"type": "BPE", "byte_fallback": true, "fuse_unk": true, "unk_token": "<unk>", "dropout": null, "ignore_merges": false,
  "vocab": {` + strings.Join(pieces, ", ") + `}, "merges": [["a", "b"], ["▁", "ab"]]}}`
}

func TestUnigram(t *testing.T) {
	tokenizer, err := Load([]byte(smallUnigram), 16)
	require.NoError(t, err)
	assert.Equal(t, FamilyUnigram, tokenizer.Family())
	assert.Equal(t, int64(0), tokenizer.PadID())
	for text, want := range map[string][]int64{
		"":       {1},
		"a":      {5, 1},
		"ab":     {5, 6, 1}, // ▁a + b is -8, ▁ + ab -9
		"!a!b/":  {5, 6, 1},
		"b xy a": {3, 6, 3, 2, 5, 1}, // unknown characters side by side are one unknown
		"xbx":    {3, 2, 6, 2, 1},
	} {
		assert.Equal(t, want, tokenizer.Encode(text).IDs, text)
	}
	padded, err := LoadWith([]byte(smallUnigram), Options{MaxTokens: 4, PadToken: "</s>"})
	require.NoError(t, err)
	assert.Equal(t, int64(1), padded.PadID())
	assert.Equal(t, Encoding{IDs: []int64{5, 6, 3, 1}, Tokens: 6, Truncated: true}, padded.Encode("ab b a"))
	_, err = LoadWith([]byte(smallUnigram), Options{MaxTokens: 4, PadToken: "[PAD]"})
	assert.ErrorContains(t, err, "[PAD]")
}

func TestCharacterPairs(t *testing.T) {
	tokenizer, err := Load([]byte(smallCharacterPair(t)), 16)
	require.NoError(t, err)
	assert.Equal(t, FamilyCharacterPair, tokenizer.Family())
	assert.Equal(t, []int64{3, 6, 2, 7 + 0xC3, 7 + 0xA9, 1}, tokenizer.Encode("a ab é").IDs)
	tab, err := Load([]byte(strings.Replace(smallCharacterPair(t), `"<0x09>"`, `"\t"`, 1)), 16)
	require.NoError(t, err)
	assert.Equal(t, []int64{3, 16, 7 + 0x0A, 1}, tab.Encode("a\t\n").IDs)
	whole, err := Load([]byte(strings.Replace(smallCharacterPair(t), `"ignore_merges": false`, `"ignore_merges": true`, 1)), 16)
	require.NoError(t, err)
	assert.Equal(t, []int64{5, 1}, whole.Encode("ab").IDs)
}

func TestLoadRefusesInUnigramFiles(t *testing.T) {
	const none, unsupported = errs.InvalidInput, errs.Unsupported
	checkRefusals(t, smallUnigram, []refusal{
		{"no unknown", `"unk_id": 2`, `"unk_id": null`, unsupported, "$.model.unk_id", "unk_id"},
		{"unknown's id", `"unk_id": 2`, `"unk_id": 99`, unsupported, "$.model.unk_id", "unk_id"},
		{"no bytes", `"byte_fallback": false`, `"byte_fallback": true`, unsupported, "$.model.vocab", "<0x00>"},
		{"twice", `["b", -3.5]`, `["a", -3.5]`, unsupported, "$.model.vocab", `"a"`},
		{"no score", `["b", -3.5]`, `["b"]`, none, "$.model.vocab[6]", "score"},
		{"score", `["b", -3.5]`, `["b", "x"]`, none, "$.model.vocab[6]", "score"},
		{"empty", `["b", -3.5]`, `["", -3.5]`, none, "$.model.vocab[6]", "piece"},
		{"member", `"byte_fallback": false`, `"sampling": 1`, unsupported, "$.model", "sampling"},
		{"scheme", `"always"`, `"first"`, unsupported, "$.pre_tokenizer.prepend_scheme", "first"},
		{"replacement", `"replacement": "▁"`, `"replacement": "ab"`, none, "$.pre_tokenizer.replacement", "ab"},
		{"pre-tokenizer", `"Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true`, `"Digits"`, unsupported, "$.pre_tokenizer", "Digits"},
		{"regex", `[!-\\/\\\\]`, `[^a]`, unsupported, "$.normalizer.pattern", "[^a]"},
		{"class", `[!-\\/\\\\]`, `[\\s]`, unsupported, "$.normalizer.pattern", "Regex"},
		{"no text", `{"Regex": "[!-\\/\\\\]"}`, `{"String": ""}`, none, "$.normalizer.pattern", "empty"},
		{"no pattern", `{"Regex": "[!-\\/\\\\]"}`, `{}`, none, "$.normalizer.pattern", "String"},
		{"no marker", `, {"SpecialToken": {"id": "</s>", "type_id": 0}}]`, `]`, unsupported, "$.post_processor", "marker"},
		{"no pad", `["<pad>", 0]`, `["<pod>", 0]`, unsupported, "$.added_tokens[0]", "<pad>"},
	})
	checkRefusals(t, smallCharacterPair(t), []refusal{
		{"dropout", `"dropout": null`, `"dropout": 0.5`, unsupported, "$.model.dropout", "random"},
		{"suffix", `"dropout": null`, `"end_of_word_suffix": "</w>"`, unsupported, "$.model", "suffix"},
		{"byte", `"<0xA9>"`, `"<0xa9>"`, unsupported, "$.model.vocab", "<0xA9>"},
		{"merge", `["a", "b"]`, `["a", "c"]`, none, "$.model.merges", `"c"`},
		{"split", `"MergedWithPrevious"`, `"Removed"`, unsupported, "$.pre_tokenizer", "MergedWithPrevious"},
		{"no pad", `"<pad>"`, `"<pod>"`, none, "$.padding", "<pad>"},
	})
}

func TestSetsOfCharacters(t *testing.T) {
	for regex, want := range map[string]string{
		`[abc]`: "abc", `[a-c]`: "abc", `[-a]`: "-a", `[a-]`: "-a", `[\-\]\[]`: "-[]", `[+-.]`: "+,-.", `[!"\#]`: `!"#`,
	} {
		set, ok := readASCIISet(regex)
		require.True(t, ok, regex)
		var got []byte
		for c := range set {
			if set[c] {
				got = append(got, byte(c))
			}
		}
		assert.Equal(t, want, string(got), regex)
	}
	for _, regex := range []string{"", "[", "]", "[]", "a", "[^a]", `[\w]`, "[a&&b]", "[[:punct:]]", "[a-b-c]", "[c-a]", `[a\]`, "[é]", "[a]b]"} {
		_, ok := readASCIISet(regex)
		assert.False(t, ok, regex)
	}
}

// characterMap compiles a map of one ASCII character.
func characterMap(from byte, to string) []byte {
	trie := make([]uint32, 1024)
	trie[0] = 256 << 10
	node := 256 ^ uint32(from)
	trie[node] = uint32(from) | 1<<8 | 512<<10
	data := binary.LittleEndian.AppendUint32(nil, uint32(4*len(trie)))
	for _, unit := range trie {
		data = binary.LittleEndian.AppendUint32(data, unit)
	}
	return append(data, to+"\x00"...)
}

func precompiled(t testing.TB, data []byte) (normalizer, error) {
	raw, err := json.Marshal(map[string]string{"type": "Precompiled", "precompiled_charsmap": base64.StdEncoding.EncodeToString(data)})
	require.NoError(t, err)
	return readNormalizerStep(raw, "$")
}

func TestACharacterMapReplacesWholeClusters(t *testing.T) {
	normalize, err := precompiled(t, characterMap('a', "ZZ"))
	require.NoError(t, err)
	for text, want := range map[string]string{
		"": "", "bab": "bZZb", "a\u0301b": "ZZb", "b\u0301a": "b\u0301ZZ", "a\u0301\u0301\u0301": "ZZ\u0301\u0301\u0301",
		"a\n\u0301": "ZZ\n\u0301", "a\x00": "ZZ\x00", "\x00a\u0301": "\x00ZZ", "\u0600a\u0301": "\u0600ZZ\u0301",
	} {
		assert.Equal(t, want, normalize(text), "%q", text)
	}
}

func TestCharacterMapsThatAreRefused(t *testing.T) {
	whole := characterMap('a', "Z")
	for name, data := range map[string][]byte{
		"empty": {}, "no trie": {0, 0, 0, 0}, "cut off": whole[:2000], "odd": append([]byte{3, 0, 0, 0}, whole[4:]...),
		"not UTF-8": append(append([]byte{}, whole...), 0xff),
	} {
		_, err := precompiled(t, data)
		assert.Equal(t, errs.InvalidInput, errs.StatusOf(err), name)
	}
	_, err := readNormalizerStep([]byte(`{"type": "Precompiled", "precompiled_charsmap": "*"}`), "$")
	assert.ErrorContains(t, err, "base64")
}

// A trie that leads out of its array, or to a replacement that is not there, changes nothing.
func FuzzCharacterMap(f *testing.F) {
	f.Add(characterMap('a', "Z"), "banana a\u0301")
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		normalize, err := precompiled(t, data)
		if err != nil {
			return
		}
		normalize(strings.ToValidUTF8(text, ""))
	})
}

func FuzzUnigram(f *testing.F)       { fuzzMarkedBehind(f, siglipFile) }
func FuzzCharacterPair(f *testing.F) { fuzzMarkedBehind(f, siglip2File) }

// fuzzMarkedBehind is fuzzEncode for texts with a marker behind them only.
func fuzzMarkedBehind(f *testing.F, path string) {
	for _, seed := range fuzzSeeds {
		f.Add(seed)
	}
	whole, short := loadFile(f, path, 1<<30), loadFile(f, path, 8)
	cold := *whole
	f.Fuzz(func(t *testing.T, text string) {
		encoding := whole.Encode(text)
		require.Len(t, encoding.IDs, encoding.Tokens)
		require.EqualValues(t, 1, encoding.IDs[encoding.Tokens-1])
		for _, id := range encoding.IDs {
			require.True(t, 0 <= id && id < int64(whole.VocabularySize()), id)
		}
		cold.cache = newWordCache()
		require.Equal(t, encoding, cold.Encode(text))
		cut := short.Encode(text)
		require.Equal(t, encoding.Tokens, cut.Tokens)
		require.Equal(t, encoding.IDs[:min(7, encoding.Tokens-1)], cut.IDs[:len(cut.IDs)-1])
	})
}

func TestCleaning(t *testing.T) {
	for text, want := range map[string][3]string{ // as it is, lower case, canonical
		"":                         {"", "", ""},
		" A  red_circle,\tplease!": {" A  red_circle,\tplease!", " a  red_circle,\tplease!", "a red circle please"},
		"ΟΔΟΣ İ":                   {"ΟΔΟΣ İ", "οδος i\u0307", "οδος i\u0307"},
		"a\x1cb\u3000c …—":         {"a\x1cb\u3000c …—", "a\x1cb\u3000c …—", "a b c …—"},
	} {
		for cleaning, cleaned := range want {
			assert.Equal(t, cleaned, Cleaning(cleaning).clean(text), "%d %q", cleaning, text)
		}
	}
}

func TestSentencePieceEncodesLongWordsInLinearithmicTime(t *testing.T) {
	for _, path := range []string{siglipFile, xlmRobertaFile, siglip2File} {
		assert.Greater(t, loadFile(t, path, 77).Encode(strings.Repeat("ab", 1<<16)).Tokens, 1000, path)
	}
}

func changed(t testing.TB, file, old, new string) string {
	t.Helper()
	require.Equal(t, 1, strings.Count(file, old), old)
	return strings.Replace(file, old, new, 1)
}

func TestUnigramSpellsInBytes(t *testing.T) {
	pieces := []string{`["ab", -7]`}
	for value := range 256 {
		pieces = append(pieces, fmt.Sprintf(`["<0x%02X>", -9]`, value))
	}
	file := changed(t, changed(t, smallUnigram, `["ab", -7]`, strings.Join(pieces, ", ")), `"byte_fallback": false`, `"byte_fallback": true`)
	tokenizer, err := Load([]byte(file), 16)
	require.NoError(t, err)
	assert.Equal(t, []int64{5, 8 + 0xC3, 8 + 0xA9, 8 + 'x', 6, 1}, tokenizer.Encode("aéxb").IDs)
}

func TestCharactersWithoutBytesAreUnknown(t *testing.T) {
	file := changed(t, smallCharacterPair(t), `{"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": false}`,
		`{"type": "Metaspace", "replacement": "▁", "add_prefix_space": false}`)
	file = changed(t, changed(t, file, `"byte_fallback": true`, `"byte_fallback": false`), `"unk_token": "<unk>"`, `"unk_token": "<pad>"`)
	fused, err := Load([]byte(file), 16)
	require.NoError(t, err)
	assert.Equal(t, []int64{3, 0, 4, 6, 1}, fused.Encode("axyb ab").IDs)
	each, err := Load([]byte(changed(t, file, `"fuse_unk": true`, `"fuse_unk": false`)), 16)
	require.NoError(t, err)
	assert.Equal(t, []int64{3, 0, 0, 4, 6, 1}, each.Encode("axyb ab").IDs)
	_, err = Load([]byte(changed(t, file, `"unk_token": "<pad>"`, `"unk_token": "<?>"`)), 16)
	assert.ErrorContains(t, err, "<?>")
}

func TestPreTokenizersOfSentencePiece(t *testing.T) {
	const metaspace = `{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}`
	for name, test := range map[string]struct {
		preTokenizer string
		words        []string
		says         string // what it is refused with
	}{
		"none":                {`null`, []string{"a  b"}, ""},
		"always":              {metaspace, []string{"▁a", "▁", "▁b"}, ""},
		"never":               {`{"type": "Metaspace", "add_prefix_space": false}`, []string{"a", "▁", "▁b"}, ""},
		"whole":               {`{"type": "Metaspace", "split": false}`, []string{"▁a▁▁b"}, ""},
		"one in a sequence":   {`{"type": "Sequence", "pretokenizers": [` + metaspace + `]}`, []string{"▁a", "▁", "▁b"}, ""},
		"words first":         {`{"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, ` + metaspace + `]}`, []string{"▁a", "▁b"}, ""},
		"after spaces":        {`{"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": false}`, []string{"a ", " ", "b"}, ""},
		"too many":            {`{"type": "Sequence", "pretokenizers": [` + metaspace + `, ` + metaspace + `, ` + metaspace + `]}`, nil, "3 pre-tokenizers"},
		"an unknown one":      {`{"type": "Sequence", "pretokenizers": [{"type": "Punctuation"}]}`, nil, "Punctuation"},
		"a contradiction":     {`{"type": "Metaspace", "add_prefix_space": false, "prepend_scheme": "first"}`, nil, "first"},
		"an unknown member":   {`{"type": "Metaspace", "trim": true}`, nil, "trim"},
		"a member too much":   {`{"type": "WhitespaceSplit", "trim": true}`, nil, "trim"},
		"not an object":       {`7`, nil, "not an object"},
		"a number for a name": {`{"type": 7}`, nil, "tokenizer.json"},
	} {
		t.Run(name, func(t *testing.T) {
			split, err := readSentencePieceSplit([]byte(test.preTokenizer), "$")
			if test.says != "" {
				require.Error(t, err)
				assert.ErrorContains(t, err, test.says)
				return
			}
			require.NoError(t, err)
			var words []string
			split("a  b", func(word string) { words = append(words, word) })
			assert.Equal(t, test.words, words)
			split("", func(string) { t.Error("a word of nothing") })
		})
	}
}

func TestNormalizersOfSentencePiece(t *testing.T) {
	for raw, want := range map[string]string{
		`{"type": "Strip", "strip_left": true, "strip_right": false}`:         "a  b \u3000",
		`{"type": "Strip", "strip_left": false, "strip_right": true}`:         "\t a  b",
		`{"type": "Prepend", "prepend": "▁"}`:                                 "▁\t a  b \u3000",
		`{"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}`:  "\t a▁b \u3000",
		`{"type": "Replace", "pattern": {"String": "a "}, "content": ""}`:     "\t  b \u3000",
		`{"type": "Replace", "pattern": {"Regex": "[a-b]"}, "content": "<>"}`: "\t <>  <> \u3000",
	} {
		normalize, err := readNormalizer([]byte(raw), "$")
		require.NoError(t, err, raw)
		assert.Equal(t, want, normalize("\t a  b \u3000"), raw)
		assert.Empty(t, normalize(""), raw)
	}
	for _, raw := range []string{`{"type": "Strip", "left": true}`, `{"type": "Prepend", "prefix": "a"}`, `{"type": "Precompiled", "map": ""}`} {
		_, err := readNormalizer([]byte(raw), "$")
		assert.Equal(t, errs.Unsupported, errs.StatusOf(err), raw)
	}
}

// Package tokenize turns a text into the token ids a text tower was trained on,
// equal to Hugging Face's tokenizers 0.22.2 for the families that image and
// text models use: CLIP's byte-level byte-pair encoding, BERT's WordPiece, and SentencePiece's
// unigram and byte-pair models.
//
// Load reads a tokenizer.json and refuses, by name, whatever it could not
// reproduce exactly: wrong ids give plausible but wrong vectors, and nobody
// would notice.
package tokenize

import (
	"encoding/json"

	"github.com/innerspace/innerspace/core/errs"
)

// The families Tokenizer.Family tells apart.
const (
	FamilyCLIP          = "clip-bpe"
	FamilyBERT          = "bert-wordpiece"
	FamilyUnigram       = "sentencepiece-unigram" // SigLIP, XLM-RoBERTa
	FamilyCharacterPair = "sentencepiece-bpe"     // Gemma, SigLIP 2
)

// maxFileBytes is far above any real file of these families (CLIP 2 to 4 MB).
const maxFileBytes = 64 << 20

// Encoding is a text as token ids, markers included, cut to the tokenizer's MaxTokens.
type Encoding struct {
	IDs       []int64
	Tokens    int  // tokens of the whole text, markers included
	Truncated bool // Tokens > MaxTokens: IDs holds the beginning of the text, markers kept
}

// Tokenizer encodes texts. It is safe for concurrent use.
type Tokenizer interface {
	// Encode never fails. Bytes that are not UTF-8 read as U+FFFD, one for each run of them.
	Encode(text string) Encoding
	// MaxTokens is the longest Encoding, markers included.
	MaxTokens() int
	// PadID is the id that fills up a batch behind shorter texts.
	PadID() int64
	// VocabularySize is one more than the highest id that Encode can give.
	VocabularySize() int
	// Family is FamilyCLIP, FamilyBERT, FamilyUnigram or FamilyCharacterPair.
	Family() string
}

// Load reads a tokenizer.json of Hugging Face's tokenizers. maxTokens caps the
// length of an encoding, markers included; the file's own truncation length and
// padding are not applied, as a Tokenizer never pads. A malformed file or cap
// is errs.InvalidInput, an oversized file errs.LimitExceeded, and a well-formed
// file with a part that is not reproduced exactly errs.Unsupported.
func Load(tokenizerJSON []byte, maxTokens int) (Tokenizer, error) {
	return LoadWith(tokenizerJSON, Options{MaxTokens: maxTokens})
}

// Options say how a tokenizer.json is used.
type Options struct {
	MaxTokens int      // the longest encoding, markers included
	PadToken  string   // what PadID is the id of; "" is what the file says, or else its family's own
	Cleaning  Cleaning // what is done to a text first
}

// LoadWith is Load with more options.
func LoadWith(tokenizerJSON []byte, options Options) (Tokenizer, error) {
	loaded, err := load(tokenizerJSON, options)
	if err != nil {
		return nil, err
	}
	return loaded, nil
}

func load(tokenizerJSON []byte, options Options) (*pipeline, error) {
	maxTokens := options.MaxTokens
	file, err := readFile(tokenizerJSON)
	if err != nil {
		return nil, err
	}
	loaded := &pipeline{maxTokens: maxTokens, cleaning: options.Cleaning, cache: newWordCache()}
	if loaded.normalize, err = readNormalizer(file.normalizer, "$.normalizer"); err != nil {
		return nil, err
	}
	vocabulary, err := loaded.readModel(file)
	if err != nil {
		return nil, err
	}
	added, err := readAddedTokens(file.addedTokens, vocabulary, loaded.normalize)
	if err != nil {
		return nil, err
	}
	loaded.raw, loaded.normalized, loaded.vocabularySize = added.raw, added.normalized, added.size()
	if loaded.before, loaded.after, err = readMarkers(file.postProcessor, "$.post_processor"); err != nil {
		return nil, err
	}
	for _, id := range append(append([]int64{}, loaded.before...), loaded.after...) {
		if !added.has(id) {
			return nil, errs.New(errs.InvalidInput, "marker id %d is not an id of the vocabulary", id).At("$.post_processor")
		}
	}
	switch loaded.family {
	case FamilyCLIP, FamilyBERT:
		if len(loaded.before) == 0 || len(loaded.after) == 0 {
			return nil, errs.New(errs.Unsupported, "a text needs a marker before and after it, and this file adds none").At("$.post_processor")
		}
	default:
		if len(loaded.before) == 0 && len(loaded.after) == 0 {
			return nil, errs.New(errs.Unsupported, "a text needs a marker before or after it, and this file adds none").At("$.post_processor")
		}
	}
	if markers := len(loaded.before) + len(loaded.after); maxTokens < markers {
		return nil, errs.New(errs.InvalidInput, "a length of %d tokens leaves no room for the %d markers; give a larger one", maxTokens, markers)
	}
	if loaded.padID, err = readPadID(file, options.PadToken, loaded.family, added, loaded.after); err != nil {
		return nil, err
	}
	return loaded, nil
}

// readModel sets family, split and model from the file's model and pre_tokenizer.
func (p *pipeline) readModel(file *tokenizerFile) (vocabulary map[string]int32, err error) {
	kind, err := modelType(file.model)
	if err != nil {
		return nil, err
	}
	switch kind {
	case "Unigram":
		model, vocabulary, err := readUnigram(file.model)
		if err != nil {
			return nil, err
		}
		p.family, p.model = FamilyUnigram, model
		p.split, err = readSentencePieceSplit(file.preTokenizer, "$.pre_tokenizer")
		return vocabulary, err
	case "BPE":
		if file.model.is("byte_fallback") || namesMetaspace(file.preTokenizer) {
			model, vocabulary, err := readCharacterPair(file.model)
			if err != nil {
				return nil, err
			}
			p.family, p.model = FamilyCharacterPair, model
			p.split, err = readSentencePieceSplit(file.preTokenizer, "$.pre_tokenizer")
			return vocabulary, err
		}
		model, vocabulary, err := readBPE(file.model)
		if err != nil {
			return nil, err
		}
		p.family, p.model = FamilyCLIP, model
		p.split, err = readCLIPSplit(file.preTokenizer, "$.pre_tokenizer")
		return vocabulary, err
	case "WordPiece":
		model, vocabulary, err := readWordPiece(file.model)
		if err != nil {
			return nil, err
		}
		p.family, p.model = FamilyBERT, model
		p.split, err = readBERTSplit(file.preTokenizer, "$.pre_tokenizer")
		return vocabulary, err
	}
	return nil, errs.New(errs.Unsupported, "a %q model; BPE (CLIP and SentencePiece), Unigram (SentencePiece) and WordPiece (BERT) are supported", kind).At("$.model.type")
}

// modelType names the model; files from before 2021 name none and are told by their members.
func modelType(model *object) (string, error) {
	var kind string
	if given, err := model.take("type", &kind); given || err != nil {
		return kind, err
	}
	switch {
	case model.has("merges"):
		return "BPE", nil
	case model.has("max_input_chars_per_word"):
		return "WordPiece", nil
	}
	return "", errs.New(errs.InvalidInput, "the model names no type and has neither merges nor max_input_chars_per_word").At("$.model")
}

// readPadID takes the token that is asked for, else the file's own pad id, else the id that the family pads with:
// BERT's [PAD] or the <pad> of MPNet and SentencePiece; CLIP's end marker.
func readPadID(file *tokenizerFile, token, family string, added *addedTokens, after []int64) (int64, error) {
	if token != "" {
		id, ok := added.id(token)
		if !ok {
			return 0, errs.New(errs.InvalidInput, "the pad token %.60q is not in the vocabulary", token).At("$.model.vocab")
		}
		return id, nil
	}
	if file.padID != nil {
		if !added.has(*file.padID) {
			return 0, errs.New(errs.InvalidInput, "pad id %d is not an id of the vocabulary", *file.padID).At("$.padding.pad_id")
		}
		return *file.padID, nil
	}
	if family == FamilyCLIP {
		return after[len(after)-1], nil
	}
	for _, name := range []string{"[PAD]", "<pad>"} {
		if id, ok := added.id(name); ok {
			return id, nil
		}
	}
	return 0, errs.New(errs.InvalidInput, "no pad id is given and the vocabulary has neither [PAD] nor <pad>").At("$.padding")
}

// decode reads raw into destination, with path on its error.
func decode(raw json.RawMessage, path string, destination any) error {
	if err := json.Unmarshal(raw, destination); err != nil {
		return errs.Wrap(err, errs.InvalidInput, "not what a tokenizer.json has there: %v", err).At(path)
	}
	return nil
}

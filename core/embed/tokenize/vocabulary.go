package tokenize

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/innerspace/innerspace/core/errs"
)

// maxVocabulary bounds vocabularies, merges and added tokens; the largest real one has 49,408.
const maxVocabulary = 1 << 20

// readVocabulary takes the vocab member: texts and their ids, each id once.
func readVocabulary(model *object) (map[string]int32, error) {
	var raw json.RawMessage
	path := model.path + ".vocab"
	if _, err := model.take("vocab", &raw); err != nil {
		return nil, err
	}
	scanner := jsonScanner{data: raw}
	if !scanner.open('{') || !scanner.more() {
		return nil, errs.New(errs.InvalidInput, "a model without a vocabulary of texts and ids").At(path)
	}
	vocabulary := make(map[string]int32, min(len(raw)/16, maxVocabulary))
	used := make(map[int32]struct{}, min(len(raw)/16, maxVocabulary))
	for scanner.more() {
		text, number := scanner.key(), scanner.value()
		id, err := strconv.ParseInt(string(number), 10, 32)
		if err != nil || id < 0 || id >= 2*maxVocabulary {
			return nil, errs.New(errs.InvalidInput, "id %.60s of %.60q is not one of a vocabulary", number, text).At(path)
		}
		if len(vocabulary) == maxVocabulary {
			return nil, errs.New(errs.InvalidInput, "a vocabulary of more than %d texts", maxVocabulary).At(path)
		}
		if _, twice := used[int32(id)]; twice {
			return nil, errs.New(errs.Unsupported, "two texts with id %d", id).At(path)
		}
		vocabulary[text] = int32(id)
		used[int32(id)] = struct{}{}
	}
	return vocabulary, nil
}

// readMerges takes the merges member, pairs of texts in order of rank, in either
// form that files have: ["a b", …] or [["a", "b"], …].
func readMerges(model *object) ([][2]string, error) {
	var raw json.RawMessage
	path := model.path + ".merges"
	if _, err := model.take("merges", &raw); err != nil {
		return nil, err
	}
	scanner := jsonScanner{data: raw}
	if !scanner.open('[') {
		return nil, errs.New(errs.InvalidInput, "a byte-pair model without a list of merges").At(path)
	}
	merges := make([][2]string, 0, min(len(raw)/10, maxVocabulary))
	for line := 0; scanner.more(); line++ {
		pair, comment, ok := readMerge(scanner.value())
		switch {
		case comment:
		case !ok:
			return nil, errs.New(errs.InvalidInput, "not a merge, which is two texts").At(path + "[" + strconv.Itoa(line) + "]")
		case len(merges) == maxVocabulary:
			return nil, errs.New(errs.InvalidInput, "more than %d merges", maxVocabulary).At(path)
		default:
			merges = append(merges, pair)
		}
	}
	return merges, nil
}

func readMerge(raw json.RawMessage) (pair [2]string, comment, ok bool) {
	if raw[0] == '"' {
		line := unquote(raw)
		if strings.HasPrefix(line, "#version") {
			return pair, true, false
		}
		pair[0], pair[1], ok = strings.Cut(line, " ")
		return pair, false, ok && pair[0] != "" && pair[1] != "" && !strings.Contains(pair[1], " ")
	}
	scanner := jsonScanner{data: raw}
	if !scanner.open('[') {
		return pair, false, false
	}
	for i := range pair {
		if !scanner.more() {
			return pair, false, false
		}
		text := scanner.value()
		if text[0] != '"' || len(text) == 2 {
			return pair, false, false
		}
		pair[i] = unquote(text)
	}
	return pair, false, !scanner.more()
}

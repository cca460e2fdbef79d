package tokenize

import (
	"github.com/innerspace/innerspace/core/errs"
)

// maxVocabulary bounds vocabularies, merges and added tokens; the largest real one has 49,408.
const maxVocabulary = 1 << 20

// readVocabulary takes the vocab member: texts and their ids, each id once.
func readVocabulary(model *object) (map[string]int32, error) {
	var vocabulary map[string]int32
	path := model.path + ".vocab"
	given, err := model.take("vocab", &vocabulary)
	if err != nil {
		return nil, err
	}
	if !given || len(vocabulary) == 0 {
		return nil, errs.New(errs.InvalidInput, "a model without a vocabulary").At(path)
	}
	if len(vocabulary) > maxVocabulary {
		return nil, errs.New(errs.InvalidInput, "a vocabulary of %d texts; at most %d are read", len(vocabulary), maxVocabulary).At(path)
	}
	used := make(map[int32]struct{}, len(vocabulary))
	for text, id := range vocabulary {
		if id < 0 || id >= 2*maxVocabulary {
			return nil, errs.New(errs.InvalidInput, "id %d of %.60q is not one of a vocabulary", id, text).At(path)
		}
		if _, twice := used[id]; twice {
			return nil, errs.New(errs.Unsupported, "two texts with id %d", id).At(path)
		}
		used[id] = struct{}{}
	}
	return vocabulary, nil
}

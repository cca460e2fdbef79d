package safetensors

import (
	"encoding/json"
	"regexp"
	"slices"

	"github.com/innerspace/innerspace/core/errs"
)

// maxShards is far above any model that a notebook can hold.
const maxShards = 1024

// shardName is a plain file name: no directory, no drive, no leading dot.
var shardName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}\.safetensors$`)

// ShardNames reads model.safetensors.index.json and returns the files that it
// spreads a model over, sorted. A name that could lead out of the index's folder is Forbidden.
func ShardNames(index []byte) ([]string, error) {
	var file struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(index, &file); err != nil {
		return nil, errs.Wrap(err, errs.InvalidInput, "not an index of safetensors files: %v", err)
	}
	if len(file.WeightMap) == 0 {
		return nil, errs.New(errs.InvalidInput, "an index without a weight_map names no files")
	}
	seen := map[string]bool{}
	var names []string
	for tensor, name := range file.WeightMap {
		if seen[name] {
			continue
		}
		if !shardName.MatchString(name) {
			return nil, errs.New(errs.Forbidden, "weight_map puts the tensor %.100q into %.100q; it has to name a .safetensors file beside the index", tensor, name)
		}
		if len(names) == maxShards {
			return nil, errs.New(errs.LimitExceeded, "weight_map names more than %d files", maxShards)
		}
		seen[name] = true
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

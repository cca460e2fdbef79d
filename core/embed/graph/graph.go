// Package graph writes ONNX graphs for towers whose directories hold weights but
// no graph. The weights stay in their safetensors files: a graph refers to them by
// offset, is some ten kilobytes long, and takes a millisecond to write.
//
// It knows the architectures (one file each) and the names that their weights go
// by. It knows nothing of directories, of configuration files or of ONNX Runtime's library.
package graph

import (
	"path/filepath"
	"strings"

	"github.com/innerspace/innerspace/core/embed/safetensors"
	"github.com/innerspace/innerspace/core/errs"
)

// Tower is an architecture with its sizes filled in.
type Tower interface {
	// Graph writes the graph for weights. It fails with InvalidInput where a tensor is missing or has
	// another shape than the sizes ask for, Unsupported where one is of a type that is not read.
	Graph(weights *safetensors.Weights) (Model, error)
}

// TextTower is a Tower for texts.
type TextTower interface {
	Tower
	// VocabularySize is the number of token ids that the tower knows.
	VocabularySize() int
}

// Model is a graph that refers to its weights.
type Model struct {
	Bytes  []byte // an ONNX ModelProto
	Folder string // what the locations of the weights in it are relative to; no symbolic links on the way
}

// The inputs and outputs of the graphs that are written.
const (
	TokenIDs    = "input_ids"    // int64 [batch, tokens]
	Pixels      = "pixel_values" // float32 [batch, 3, height, width]
	TextEmbeds  = "text_embeds"  // float32 [batch, dimension]
	ImageEmbeds = "image_embeds" // float32 [batch, dimension]
)

// Version counts the changes to what the written graphs compute; it is part of a model's fingerprint.
const Version = 1

// folderOf is the deepest folder that holds all files.
func folderOf(paths []string) string {
	folder := ""
	for i, path := range paths {
		dir := filepath.Dir(path)
		if i == 0 {
			folder = dir
		}
		for !within(dir, folder) {
			folder = filepath.Dir(folder)
		}
	}
	return folder
}

func within(path, folder string) bool {
	return path == folder || folder == string(filepath.Separator) || strings.HasPrefix(path, folder+string(filepath.Separator))
}

// checkSizes refuses sizes of which no tower can be made. The largest towers known have 48 layers and are
// 16384 wide inside; the caps keep the arithmetic on sizes far from overflowing.
func checkSizes(sizes ...size) error {
	for _, s := range sizes {
		if s.value < 1 || s.value > s.most {
			return errs.New(errs.InvalidInput, "%s is %d; it has to be between 1 and %d", s.name, s.value, s.most)
		}
	}
	return nil
}

type size struct {
	name        string
	value, most int
}

const (
	mostLayers     = 1 << 10
	mostWidth      = 1 << 16
	mostVocabulary = 1 << 24
	mostPositions  = 1 << 16
	mostPixels     = 1 << 12
)

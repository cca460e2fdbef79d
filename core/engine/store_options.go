package engine

import (
	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/errs"
)

// StoreOptions say where rows are kept. The zero value keeps them in memory.
type StoreOptions struct {
	Path       string // of the store's directory; "": in memory
	Durability Durability
	ReadOnly   bool
	Images     Images
}

// Durability says what a put promises when it returns.
type Durability string

const (
	// FullDurability: the rows survive a power cut.
	FullDurability Durability = "full"
	// FastDurability: the rows survive the end of this process, however it ends. After a power cut the latest may be missing;
	// what is there is whole.
	FastDurability Durability = "fast"
)

// Images says what a store keeps of pictures.
type Images string

const (
	// KeepImages keeps their bytes.
	KeepImages Images = "keep"
	// ReferenceImages keeps where they came from, and their hash.
	ReferenceImages Images = "reference"
)

func readStoreOptions(node document.Node) StoreOptions {
	options := StoreOptions{Durability: FullDurability, Images: KeepImages}
	object := node.Object("path", "durability", "read_only", "images")
	path := object.Need("path")
	if options.Path = path.Text(); options.Path == "" {
		path.Fail("a store needs the path of a directory")
	}
	if durability, ok := object.Get("durability"); ok {
		options.Durability = oneOf(durability, FullDurability, FastDurability)
	}
	if readOnly, ok := object.Get("read_only"); ok {
		options.ReadOnly = readOnly.Bool()
	}
	if images, ok := object.Get("images"); ok {
		options.Images = oneOf(images, KeepImages, ReferenceImages)
	}
	return options
}

// oneOf reads one of two words.
func oneOf[Word ~string](node document.Node, one, other Word) Word {
	given := Word(node.Text())
	if given != one && given != other {
		node.FailWith(errs.New(errs.InvalidInput, "unknown value %q; known are %s and %s", given, one, other))
	}
	return given
}

// Package layout reads what a model directory holds: which graphs, which
// tokenizer, how pictures are prepared and how long a text may be. It looks at
// file names and JSON only. It does not open a graph, never runs anything from
// the directory, and knows nothing of ONNX Runtime.
//
// Every kind of directory is one file of this package that ends in a format
// value; Read asks them in order. To add one, write that file and list its
// format in formats.
package layout

import (
	"path/filepath"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/embed/graph"
	"github.com/innerspace/innerspace/core/embed/tokenize"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
)

// Layout is a model directory, understood.
type Layout struct {
	Format string // which format matched: "innerspace", "transformers.js", "immich", …
	Dir    string // absolute, symbolic links resolved: the directory's identity
	// TextDir is the directory of the text half, as Dir, where that is another one; else "".
	TextDir string
	Name    string // what the directory calls the model; its base name where it does not say

	// Precision is that of the graphs. Where embed.INT8 was asked for and there are no such graphs it is
	// embed.FP32: they are what a quantised model is made of.
	Precision embed.Precision
	wanted    embed.Precision // what was asked for

	Image         Tower
	Text          Tower
	Preprocessing imaging.Preprocessing
	Tokenizer     File
	Merges        File              // merges.txt of a CLIP tokenizer that has no tokenizer.json; Tokenizer is its vocab.json then
	Cleaning      tokenize.Cleaning // what is done to a text before its tokenizer reads it
	MaxTokens     int               // longest text in tokens, markers included
	Padding       Padding
	PadToken      string             // what texts are padded with; "" leaves that to the tokenizer
	Dimension     int                // length of the vectors; 0 where only the graphs know
	Calibration   *embed.Calibration // nil where the directory has none
}

// Padding says what a text tower makes of the places behind a text.
type Padding uint8

const (
	// PaddingUnseen is that of a causal tower and of one that takes a mask: texts need none.
	PaddingUnseen Padding = iota
	// PaddingMasked is that of a tower that makes its mask from the pad token: texts need none, though the graph's signature
	// does not show it.
	PaddingMasked
	// PaddingRead is that of a tower that attends to all places, as SigLIP's: it was trained on texts of MaxTokens and takes
	// no others.
	PaddingRead
)

// Tower is one of the two graphs, or what one is to be written for.
type Tower struct {
	Graph   File   // zero where Written is set
	Weights []File // external data beside the graph, usually none; all there is where Written is set
	Output  string // the output to read; "" leaves the choice to the graph's reader
	// Pooled says that the output pooler_output is the embedding; elsewhere it is a state before the projection.
	Pooled bool
	// Written is the architecture of a tower that comes as weights without a graph, nil of any other.
	Written graph.Tower
}

// Missing says that a model has no such tower: one for texts alone has none for pictures.
func (t Tower) Missing() bool { return t.Written == nil && t.Graph == File{} }

// Size is that of the tower's files in bytes.
func (t Tower) Size() int64 {
	size := t.Graph.Size
	for _, file := range t.Weights {
		size += file.Size
	}
	return size
}

// File is a file of a model directory.
type File struct {
	Name string // as messages call it, relative to the directory, with slashes
	Path string // absolute
	Size int64  // in bytes, when the layout was read
}

// Caps on what is read into memory, checked against the file's size first.
const (
	MaxConfigBytes    = 1 << 20
	MaxTokenizerBytes = 64 << 20
	// MaxGraphBytes is what a protocol buffer, and so an ONNX file, can be at most.
	MaxGraphBytes = 1<<31 - 1
)

// format is one kind of model directory.
type format struct {
	name string
	// files are what makes up such a directory, for messages.
	files []string
	// matches says whether the directory is of this kind, complete or not.
	matches func(*directory) bool
	// read fills the layout in, from a directory that matches.
	read func(*directory, *Layout) error
}

// formats in the order in which they are tried: the first match decides.
var formats = []format{native, transformersJS, pair, immich, sentenceTransformers, transformers, openCLIP}

// Choice is what the user of a directory decides.
type Choice struct {
	// TextDir is the directory of the text half, where the two lie in different ones; else "".
	TextDir string
	// Precision chooses among the graphs of a directory that has several of each tower; "" is embed.FP32.
	Precision embed.Precision
}

// Read says what the model directory holds.
//
// It fails with NotFound where the directory or a file of it is missing, naming
// what was looked for and what is there; InvalidInput where a file is not what its
// name promises; LimitExceeded where one is over its cap; Forbidden where a
// name in a file leads out of the directory; Unsupported where the
// directory asks for something that this engine does not do. A precision that is not there is
// NotFound, with the one that is.
func Read(dir string, choice Choice) (*Layout, error) {
	d, err := openDirectory(dir)
	if err != nil {
		return nil, err
	}
	l := &Layout{Dir: d.path, Name: filepath.Base(d.path), Precision: embed.FP32}
	if l.wanted, err = embed.ParsePrecision(string(choice.Precision)); err != nil {
		return nil, err
	}
	if choice.TextDir != "" {
		text, err := openDirectory(choice.TextDir)
		if err != nil {
			return nil, err
		}
		l.Format, l.TextDir = pair.name, text.path
		if err := readHalves(d, text, l); err != nil {
			return nil, err
		}
		return l, l.checkPrecision()
	}
	for _, format := range formats {
		if !format.matches(d) {
			continue
		}
		l.Format = format.name
		if err := format.read(d, l); err != nil {
			return nil, err
		}
		return l, l.checkPrecision()
	}
	return nil, d.unrecognised()
}

// TokenizerJSON returns the bytes of tokenizer.json, or those that the older files amount to.
func (l *Layout) TokenizerJSON() ([]byte, error) {
	data, err := readCapped(l.Tokenizer.Path, l.Tokenizer.Name, l.Dir, MaxTokenizerBytes)
	if err != nil || l.Merges == (File{}) {
		return data, err
	}
	merges, err := readCapped(l.Merges.Path, l.Merges.Name, l.Dir, MaxTokenizerBytes)
	if err != nil {
		return nil, err
	}
	data, err = clipTokenizerJSON(data, merges)
	if err != nil {
		return nil, errs.From(err).At(l.Tokenizer.Name + " of " + l.Dir)
	}
	return data, nil
}

// checkTokens refuses a context length that no model has.
func checkTokens(n int, where string) error {
	const most = 1 << 16
	if n < 3 || n > most {
		return errs.New(errs.InvalidInput, "%s gives %d as the longest text in tokens; it has to be between 3 and %d", where, n, most)
	}
	return nil
}

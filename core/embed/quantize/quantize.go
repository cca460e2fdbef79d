// Package quantize rewrites the ONNX graph of a tower so that its matrix products are done in bytes: int8
// weights made from the float32 ones, one scale for each output, and uint8 activations. On a CPU with VNNI
// that takes a third of the time.
//
// Activations get a scale for each row, that is for each token or patch, worked out in the graph. The
// operator that others use for this (DynamicQuantizeLinear) takes one scale for a whole tensor: there
// a vector depends on what is embedded beside it. Here it does not, to the last bit, and a token with
// large activations does not make its neighbours coarse.
//
// What is not a product with constant weights stays in float32: attention between tokens, normalisations,
// activations, embeddings, convolutions other than the one that cuts a picture into patches.
//
// It knows nothing of protocol buffers (core/embed/onnxproto), of directories or of
// ONNX Runtime's library.
package quantize

import (
	"math"
	"path/filepath"

	"github.com/innerspace/innerspace/core/errs"
)

// Version counts the changes to what rewritten graphs compute; it is part of a quantised model's fingerprint.
const Version = 1

// Source is a graph to be rewritten.
type Source struct {
	Name   string // what messages call it
	Bytes  []byte // an ONNX ModelProto; the result may point into it
	Folder string // what the locations of weights outside the graph are relative to
}

// Options say how.
type Options struct {
	// WeightBits is 8, or 7 for a processor without VNNI, whose instruction for products of bytes
	// saturates where two products of full range are added.
	WeightBits int
	// Height and Width are those of the pictures that an image tower takes; 0 of a text tower.
	Height, Width int
}

// Result is a rewritten graph.
type Result struct {
	Bytes    []byte // an ONNX ModelProto that holds all its weights
	Products int    // matrix products that are done in bytes
}

// maxModelBytes is what a protocol buffer can be at most.
const maxModelBytes = math.MaxInt32

// Graph rewrites a graph.
//
// It fails with InvalidInput for what is no ONNX graph, Forbidden where weights are said to lie outside the
// folder, NotFound where their file is missing, Unsupported where the result would be over 2 GiB.
func Graph(source Source, options Options) (Result, error) {
	limit := map[int]float32{7: 63, 8: 127}[options.WeightBits]
	if limit == 0 {
		return Result{}, errs.New(errs.Internal, "weights of %d bits; 7 and 8 are known", options.WeightBits)
	}
	files := &weightFiles{folder: source.Folder}
	defer files.close()
	g, err := parseModel(source.Bytes)
	if err != nil {
		return Result{}, errs.Wrap(err, errs.InvalidInput, "%s is not an ONNX graph, or was cut off: %v", source.Name, err)
	}
	r := &rewriter{graph: g, constants: newConstants(g, files.open), limit: limit, options: options, rows: map[rowsKey]scaledRows{}}
	joined, err := r.rewrite()
	if err != nil {
		if errs.StatusOf(err) == errs.Internal { // of the reading of the graph: its own
			err = errs.Wrap(err, errs.InvalidInput, "%s cannot be made int8: %v", source.Name, err)
		}
		return Result{}, err
	}
	return Result{Bytes: joined, Products: r.products}, nil
}

// weightFiles are the files beside a graph that hold its weights, mapped into memory as they are asked for.
type weightFiles struct {
	folder string
	opened map[string]*File
}

func (w *weightFiles) open(location string) ([]byte, error) {
	if file, again := w.opened[location]; again {
		return file.Bytes, nil
	}
	if !filepath.IsLocal(filepath.FromSlash(location)) {
		return nil, errs.New(errs.Forbidden, "the graph says that its weights lie in %q, which is not inside %s", location, w.folder)
	}
	file, err := OpenFile(filepath.Join(w.folder, filepath.FromSlash(location)))
	if err != nil {
		return nil, err
	}
	if w.opened == nil {
		w.opened = map[string]*File{}
	}
	w.opened[location] = file
	return file.Bytes, nil
}

func (w *weightFiles) close() {
	for _, file := range w.opened {
		file.Close()
	}
}

package onnx

import (
	"bytes"
	"os"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/innerspace/innerspace/core/embed/graph"
	"github.com/innerspace/innerspace/core/embed/layout"
	"github.com/innerspace/innerspace/core/embed/safetensors"
	"github.com/innerspace/innerspace/core/errs"
)

// source is where a graph comes from: a file, or weights that it was written for.
type source struct {
	path    string      // of the graph, or of the first file of weights
	written graph.Model // empty where path is a graph
}

// openSource finds a tower's graph and reads what it takes and gives.
func openSource(tower layout.Tower) (source, signature, error) {
	graph, err := sourceOf(tower)
	if err != nil {
		return source{}, signature{}, err
	}
	s, err := graph.signature()
	return graph, s, err
}

// sourceOf finds a tower's graph; where there are only weights it writes one.
func sourceOf(tower layout.Tower) (source, error) {
	if tower.Written == nil {
		return source{path: tower.Graph.Path}, nil
	}
	paths := make([]string, len(tower.Weights))
	for i, file := range tower.Weights {
		paths[i] = file.Path
	}
	weights, err := safetensors.Open(paths...)
	if err != nil {
		return source{}, err
	}
	written, err := tower.Written.Graph(weights)
	if err != nil {
		return source{}, errs.From(err).At(paths[0])
	}
	return source{path: paths[0], written: written}, nil
}

// String names the source in messages.
func (s source) String() string {
	if s.written.Bytes != nil {
		return "the weights " + s.path
	}
	return "the graph " + s.path
}

// signature reads the inputs and outputs of the graph. ONNX Runtime would tell them
// too, but only of a session, and a session made to ask costs as much as the one to keep.
func (s source) signature() (signature, error) {
	if s.written.Bytes != nil {
		return parseSignature(bytes.NewReader(s.written.Bytes), int64(len(s.written.Bytes)))
	}
	var found signature
	err := s.parse(func(file *os.File, size int64) (err error) {
		found, err = parseSignature(file, size)
		return err
	})
	return found, err
}

// content reads what else decides how a graph's file is run, nothing of a graph that was written. ids is the input with
// the token ids, "" of an image tower.
func (s source) content(ids string) (content, error) {
	var found content
	if s.written.Bytes != nil {
		return found, nil
	}
	err := s.parse(func(file *os.File, size int64) (err error) {
		found, err = readContent(file, size, ids)
		return err
	})
	return found, err
}

// parse reads the graph's file.
func (s source) parse(read func(*os.File, int64) error) error {
	file, err := os.Open(s.path)
	if err != nil {
		return errs.Wrap(err, errs.NotFound, "cannot open %s: %v", s, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return errs.Wrap(err, errs.InvalidInput, "cannot read %s: %v", s, err)
	}
	if err := read(file, info.Size()); err != nil {
		return errs.Wrap(err, errs.InvalidInput, "%s is not an ONNX graph, or was cut off: %v", s.path, err)
	}
	return nil
}

// load makes the session. A written graph finds its weights by offset in their files, which ONNX Runtime
// maps into memory; it follows no symbolic link and no name out of the folder.
func (s source) load(inputs []string, output string, options *ort.SessionOptions) (*ort.DynamicAdvancedSession, error) {
	if s.written.Bytes == nil {
		return ort.NewDynamicAdvancedSession(s.path, inputs, []string{output}, options)
	}
	if err := options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", s.written.Folder); err != nil {
		return nil, err
	}
	return ort.NewDynamicAdvancedSessionWithONNXData(s.written.Bytes, inputs, []string{output}, options)
}

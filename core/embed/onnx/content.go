package onnx

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/innerspace/innerspace/core/embed/onnxproto"
)

// content is what a graph's file says beside its signature, as far as it decides whether and how the graph is run.
type content struct {
	external   []externalData
	operators  []string // of domains that ONNX Runtime does not bring: "example.org.Magic"
	quantises  bool     // activations are quantised as they come, one scale for the whole batch
	vocabulary int64    // rows of the table that token ids are looked up in; 0 where that was not found
}

// externalData is where the numbers of a tensor lie outside the graph.
type externalData struct {
	location       string
	offset, length int64 // length 0: to the end of the file
}

const (
	mostGraphsInside  = 16      // of graphs in attributes of nodes
	mostParts         = 1 << 20 // nodes or tensors; a tower has a few thousand
	mostShownOperator = 5
)

// builtin are the domains of ONNX Runtime's own operators.
var builtin = []string{"", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "com.microsoft", "com.microsoft.nchwc"}

// contentReader walks a graph's file once.
type contentReader struct {
	*onnxproto.Reader
	found   content
	parts   int
	defined []string            // domains of the functions that the file brings itself
	foreign map[string][]string // operators by domain that is neither built in nor yet defined
	tokens  map[string]bool     // values that hold token ids
	tables  []string            // what they were looked up in
	rows    map[string]int64    // rows of each initializer that is a matrix
}

// readContent reads the graph's file. ids is the name of the input with the token ids, "" of an image tower.
func readContent(from io.ReaderAt, size int64, ids string) (content, error) {
	r := &contentReader{
		Reader: onnxproto.NewReader(from), foreign: map[string][]string{}, tokens: map[string]bool{ids: ids != ""}, rows: map[string]int64{},
	}
	err := r.Walk(0, size, func(f onnxproto.FileField) error {
		switch {
		case f.Wire != onnxproto.Bytes:
		case f.Number == onnxproto.ModelGraph:
			return r.graph(f, 0)
		case f.Number == onnxproto.ModelFunctions:
			return r.function(f)
		}
		return nil
	})
	if err != nil {
		return content{}, err
	}
	for _, table := range r.tables {
		r.found.vocabulary = max(r.found.vocabulary, r.rows[table])
	}
	for domain, operators := range r.foreign {
		if !slices.Contains(r.defined, domain) {
			for _, operator := range operators {
				r.found.operators = append(r.found.operators, domain+"."+operator)
			}
		}
	}
	slices.Sort(r.found.operators)
	r.found.operators = slices.Compact(r.found.operators)
	return r.found, nil
}

// count bounds the work that a file can ask for.
func (r *contentReader) count() error {
	if r.parts++; r.parts > mostParts {
		return fmt.Errorf("more than %d nodes and tensors", mostParts)
	}
	return nil
}

func (r *contentReader) graph(f onnxproto.FileField, depth int) error {
	if depth > mostGraphsInside {
		return fmt.Errorf("graphs inside graphs, more than %d deep", mostGraphsInside)
	}
	return r.Walk(f.Start, f.End, func(f onnxproto.FileField) error {
		switch {
		case f.Wire != onnxproto.Bytes:
		case f.Number == onnxproto.GraphNode:
			return r.node(f, depth)
		case f.Number == onnxproto.GraphInitializer:
			return r.weights(f, depth == 0)
		case f.Number == onnxproto.GraphSparse:
			return r.sparse(f)
		}
		return nil
	})
}

func (r *contentReader) function(f onnxproto.FileField) error {
	return r.Walk(f.Start, f.End, func(f onnxproto.FileField) error {
		switch {
		case f.Wire != onnxproto.Bytes:
		case f.Number == onnxproto.FunctionNode:
			return r.node(f, 1)
		case f.Number == onnxproto.FunctionDomain:
			domain, err := r.Text(f)
			r.defined = append(r.defined, domain)
			return err
		}
		return nil
	})
}

func (r *contentReader) node(f onnxproto.FileField, depth int) error {
	if err := r.count(); err != nil {
		return err
	}
	var inputs, outputs []string
	var operator, domain string
	err := r.Walk(f.Start, f.End, func(f onnxproto.FileField) (err error) {
		switch f.Number {
		case onnxproto.NodeOperator:
			operator, err = r.Text(f)
		case onnxproto.NodeDomain:
			domain, err = r.Text(f)
		case onnxproto.NodeAttribute:
			err = r.attribute(f, depth)
		case onnxproto.NodeInput, onnxproto.NodeOutput:
			names := &inputs
			if f.Number == onnxproto.NodeOutput {
				names = &outputs
			}
			if len(*names) < 3 { // more never matter here, and a Concat may have many
				var name string
				name, err = r.Text(f)
				*names = append(*names, name)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if !slices.Contains(builtin, domain) && len(r.foreign[domain]) < mostShownOperator && len(r.foreign) < mostShownOperator {
		r.foreign[domain] = append(r.foreign[domain], operator)
	}
	if operator == "DynamicQuantizeLinear" || operator == "DynamicQuantizeMatMul" {
		r.found.quantises = true
	}
	if depth == 0 {
		r.follow(operator, inputs, outputs)
	}
	return nil
}

// follow finds the table that token ids are looked up in. Nodes come in the order in which they run.
func (r *contentReader) follow(operator string, inputs, outputs []string) {
	switch operator {
	case "Cast", "Identity", "Reshape", "Flatten", "Unsqueeze", "Squeeze":
		if len(inputs) > 0 && len(outputs) > 0 && r.tokens[inputs[0]] {
			r.tokens[outputs[0]] = true
		}
	case "Gather":
		if len(inputs) == 2 && r.tokens[inputs[1]] {
			r.tables = append(r.tables, inputs[0])
		}
	}
}

func (r *contentReader) attribute(f onnxproto.FileField, depth int) error {
	if f.Wire != onnxproto.Bytes {
		return nil
	}
	return r.Walk(f.Start, f.End, func(f onnxproto.FileField) error {
		if f.Wire != onnxproto.Bytes {
			return nil
		}
		switch f.Number {
		case onnxproto.AttributeTensor, onnxproto.AttributeTensors:
			return r.weights(f, false)
		case onnxproto.AttributeGraph, onnxproto.AttributeGraphs:
			return r.graph(f, depth+1)
		case onnxproto.AttributeSparse, onnxproto.AttributeSparses:
			return r.sparse(f)
		}
		return nil
	})
}

func (r *contentReader) sparse(f onnxproto.FileField) error {
	return r.Walk(f.Start, f.End, func(f onnxproto.FileField) error {
		if f.Wire == onnxproto.Bytes && (f.Number == onnxproto.SparseValues || f.Number == onnxproto.SparseIndices) {
			return r.weights(f, false)
		}
		return nil
	})
}

// weights reads a tensor but for its numbers.
func (r *contentReader) weights(f onnxproto.FileField, remember bool) error {
	if err := r.count(); err != nil {
		return err
	}
	var name string
	var shape []int64
	data := externalData{}
	external := false
	err := r.Walk(f.Start, f.End, func(f onnxproto.FileField) (err error) {
		switch {
		case f.Number == onnxproto.TensorName && remember:
			name, err = r.Text(f)
		case f.Number == onnxproto.TensorLength && f.Wire == onnxproto.Varint && len(shape) < 3:
			shape = append(shape, int64(f.Value))
		case f.Number == onnxproto.TensorLength && f.Wire == onnxproto.Bytes: // packed
			for at := f.Start; err == nil && at < f.End && len(shape) < 3; {
				var length uint64
				length, at, err = r.Varint(at, f.End)
				shape = append(shape, int64(length))
			}
		case f.Number == onnxproto.TensorExternal:
			external = true
			err = r.externalEntry(f, &data)
		}
		return err
	})
	if err != nil {
		return err
	}
	if external {
		r.found.external = append(r.found.external, data)
	}
	if remember && len(shape) == 2 {
		r.rows[name] = shape[0]
	}
	return nil
}

func (r *contentReader) externalEntry(f onnxproto.FileField, data *externalData) error {
	if f.Wire != onnxproto.Bytes {
		return errors.New("an entry of external data that is a number")
	}
	var key, value string
	err := r.Walk(f.Start, f.End, func(f onnxproto.FileField) (err error) {
		switch f.Number {
		case onnxproto.ExternalKey:
			key, err = r.Text(f)
		case onnxproto.ExternalValue:
			value, err = r.Text(f)
		}
		return err
	})
	if err != nil {
		return err
	}
	switch key {
	case "location":
		data.location = value
	case "offset":
		data.offset, err = strconv.ParseInt(value, 10, 64)
	case "length":
		data.length, err = strconv.ParseInt(value, 10, 64)
	}
	if err != nil || data.offset < 0 || data.length < 0 {
		return fmt.Errorf("external data with the %s %.40q", key, value)
	}
	return nil
}

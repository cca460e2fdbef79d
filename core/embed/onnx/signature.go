package onnx

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/innerspace/innerspace/core/embed/onnxproto"
)

var elementNames = map[int]string{
	onnxproto.Float32: "float32", onnxproto.Uint8: "uint8", onnxproto.Int32: "int32", onnxproto.Int64: "int64", onnxproto.Float16: "float16",
}

// anyLength stands for a dimension that the graph leaves open.
const anyLength = -1

// value is an input or an output of a graph.
type value struct {
	name    string
	element int     // onnxproto.Float32, …; 0 for what is not a tensor
	shape   []int64 // anyLength where open
}

func (v value) String() string {
	element, known := elementNames[v.element]
	if !known {
		element = fmt.Sprintf("type %d", v.element)
	}
	return v.name + " " + element + lengths(v.shape)
}

func lengths(shape []int64) string {
	texts := make([]string, len(shape))
	for i, n := range shape {
		if texts[i] = fmt.Sprint(n); n == anyLength {
			texts[i] = "any"
		}
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// signature is what a graph takes and gives.
type signature struct{ inputs, outputs []value }

func (s signature) String() string {
	return fmt.Sprintf("inputs %s; outputs %s", list(s.inputs), list(s.outputs))
}

func list(values []value) string {
	if len(values) == 0 {
		return "none"
	}
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = v.String()
	}
	return strings.Join(names, ", ")
}

// signatureReader walks the inputs and outputs of a graph.
type signatureReader struct{ *onnxproto.Reader }

func parseSignature(from io.ReaderAt, size int64) (signature, error) {
	var s signature
	found := false
	r := signatureReader{onnxproto.NewReader(from)}
	err := r.Walk(0, size, func(f onnxproto.FileField) error {
		if f.Number != onnxproto.ModelGraph || f.Wire != onnxproto.Bytes {
			return nil
		}
		found = true
		return r.Walk(f.Start, f.End, func(f onnxproto.FileField) error {
			if f.Wire != onnxproto.Bytes {
				return nil
			}
			switch f.Number {
			case onnxproto.GraphInput:
				return r.appendValue(&s.inputs, f)
			case onnxproto.GraphOutput:
				return r.appendValue(&s.outputs, f)
			}
			return nil
		})
	})
	switch {
	case err != nil:
		return signature{}, err
	case !found:
		return signature{}, errors.New("it holds no graph")
	}
	return s, nil
}

func (r signatureReader) appendValue(to *[]value, f onnxproto.FileField) error {
	const most = 1000 // a graph of thousands of outputs is no tower
	if len(*to) == most {
		return fmt.Errorf("more than %d inputs or outputs", most)
	}
	v, err := r.value(f)
	*to = append(*to, v)
	return err
}

func (r signatureReader) value(f onnxproto.FileField) (value, error) {
	var v value
	err := r.Walk(f.Start, f.End, func(f onnxproto.FileField) (err error) {
		switch f.Number {
		case onnxproto.ValueName:
			v.name, err = r.Text(f)
		case onnxproto.ValueType:
			err = r.Walk(f.Start, f.End, func(f onnxproto.FileField) error {
				if f.Number != onnxproto.TypeTensor {
					return nil
				}
				return r.tensor(f, &v)
			})
		}
		return err
	})
	return v, err
}

func (r signatureReader) tensor(f onnxproto.FileField, v *value) error {
	return r.Walk(f.Start, f.End, func(f onnxproto.FileField) error {
		switch f.Number {
		case onnxproto.TypeElement:
			v.element = int(min(f.Value, 1<<16))
		case onnxproto.TypeShape:
			return r.Walk(f.Start, f.End, func(f onnxproto.FileField) error {
				if f.Number != onnxproto.ShapeDimension {
					return nil
				}
				return r.dimension(f, v)
			})
		}
		return nil
	})
}

func (r signatureReader) dimension(f onnxproto.FileField, v *value) error {
	const most = 16
	if len(v.shape) == most {
		return fmt.Errorf("a tensor of more than %d dimensions", most)
	}
	length := int64(anyLength)
	err := r.Walk(f.Start, f.End, func(f onnxproto.FileField) error {
		if f.Number == onnxproto.DimensionLength && f.Wire == onnxproto.Varint && int64(f.Value) > 0 {
			length = int64(f.Value)
		}
		return nil
	})
	v.shape = append(v.shape, length)
	return err
}

package space

import (
	"context"
	"math"

	"github.com/innerspace/innerspace/core/document"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// customSpace compares vectors that the user brings.
//
// At ingest a vector v becomes v/|v|; zeros stay zeros, and a row without a vector has zeros. At query each input
// is brought to length 1, they are added by weight, and the sum is brought to length 1.
type customSpace struct {
	single
	length int
}

func readCustomSpace(node document.Node, schemas Schemas) Definition {
	object := node.Object(append(singleKeys, "length", "description")...)
	s := &customSpace{single: readSingle(object, schemas, "vector", []schema.Type{schema.FloatList}, nil, nil)}
	s.needField(object, "CustomSpace")
	s.length = int(object.Need("length").Integer(1, MaxDimension))
	if description, ok := object.Get("description"); ok && !description.IsNull() {
		_ = description.Text() // for people, and for models that write queries; it makes no vector
	}
	return s
}

func (s *customSpace) Identity() string { return s.identity("custom_space", s.length) }

// IdentityFor leaves the fields of other schemas out.
func (s *customSpace) IdentityFor(schema string) string {
	restricted := *s
	restricted.fields = only(s.fields, schema)
	return restricted.Identity()
}

func (s *customSpace) Build(Embedder, embed.Info) (Space, error) { return s, nil }

func (s *customSpace) Dimension() int { return s.length }

func (s *customSpace) Missing() vector.Vector { return vector.Plain(make([]float32, s.length)) }

func (s *customSpace) Protected([]float32) []bool { return nil }

func (s *customSpace) Target(name string) (Target, error) {
	return s.oneTarget("custom space", name, NumbersValue)
}

func (s *customSpace) Encode(_ context.Context, schema string, rows Rows, progress func(int)) (*Encoding, error) {
	field := s.fields[schema]
	return encodeEach(rows, field, s.Missing(), progress, func(row int) (vector.Vector, bool, error) {
		numbers, ok := rows.Numbers(row, field)
		if !ok {
			return vector.Vector{}, false, nil
		}
		if len(numbers) != s.length {
			return vector.Vector{}, true, errs.New(errs.InvalidInput,
				"OnlineCustomVectorEmbeddingNode can only process `Vector` inputs of size %d, got %d", s.length, len(numbers))
		}
		return vector.Plain(unit(numbers)), true, nil
	}), nil
}

func (s *customSpace) Query(_ context.Context, inputs []Input, _ int64) (*QueryVector, error) {
	terms := make([]vector.Weighted, len(inputs))
	for i, input := range inputs {
		terms[i].Weight = input.Weight
		if input.Stored != nil {
			terms[i].Vector = *input.Stored
			continue
		}
		if len(input.Numbers) != s.length {
			return nil, &InputError{Input: i, Err: errs.New(errs.InvalidInput,
				"Wrong dimension of input, expected %d, got %d", s.length, len(input.Numbers))}
		}
		terms[i].Vector = vector.Plain(unit(input.Numbers))
	}
	return sumOfUnits(s.length, terms)
}

// unit brings finite numbers, however large or small, to length 1; zeros stay zeros.
func unit(numbers []float64) []float32 {
	values := make([]float32, len(numbers))
	largest := 0.0
	for _, x := range numbers {
		largest = max(largest, math.Abs(x))
	}
	if largest == 0 {
		return values
	}
	squares := 0.0
	for _, x := range numbers {
		squares += x / largest * (x / largest)
	}
	length := math.Sqrt(squares)
	for i, x := range numbers {
		values[i] = float32(x / largest / length)
	}
	return values
}

// Package space turns the values of fields into vectors, at ingest and at query: one file a kind
// of space. It composes the vectors of several spaces into those of an index. It knows
// nothing of stores, of how a query is written, or of where values come from.
package space

import (
	"context"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/vector"
)

// Definition is a space as it was defined, before its model is loaded.
type Definition interface {
	// Name is unique within an engine.
	Name() string
	// Identity is equal for two definitions that would make the same vectors; it leaves the name out.
	Identity() string
	// IdentityFor is equal for two definitions that would make the same vectors of the rows of a schema.
	IdentityFor(schema string) string
	// Uses lists what the space reads of a schema; nothing where the schema has no part in it.
	Uses(schema string) []Use
	// Model names the model it needs; false for a space that needs none.
	Model() (ModelReference, bool)
	// Build makes the space. The embedder is that of its model, which info describes; nil where it needs none.
	Build(embedder Embedder, info embed.Info) (Space, error)
}

// Use is a field that a space reads.
type Use struct {
	Field string
	// Required: a row without it is refused where the schema does not call the field optional.
	Required bool
}

// Embedder turns texts and images into raw model output; *embed.Embedder is one.
type Embedder interface {
	Texts(ctx context.Context, texts []string, progress func(n int)) ([]embed.Outcome, error)
	Images(ctx context.Context, images []blob.Content, progress func(n int)) ([]embed.Outcome, error)
}

// Space makes vectors. Implementations are safe for concurrent use.
type Space interface {
	Definition
	Dimension() int
	// Missing is the vector part of a row of a schema that has no part in the space.
	Missing() vector.Vector
	// Encode makes one vector a row. A value that it cannot use is a Failure and counts as absent. progress, which may
	// be nil, is told of each value that is done.
	// An error is for the whole call: cancelled, or a model that does not work.
	Encode(ctx context.Context, schema string, rows Rows, progress func(items int)) (*Encoding, error)
	// Target returns what a `.similar` clause on the named field set takes; InvalidInput for a name it does not know.
	Target(name string) (Target, error)
	// Query makes the query vector of a space from the active inputs, of which there may be none. now is the moment
	// that counts as the present, in unix seconds. An input that it cannot use is an *InputError.
	Query(ctx context.Context, inputs []Input, now int64) (*QueryVector, error)
	// Combine adds vectors that the space made, or that came of this, by weight, as events do; now as in Query.
	// Normalized, the result is like one that Encode made, else it keeps the size that the weights give it. Terms of weight 0 do not
	// count, and without any the result is what a query without inputs asks for, mostly Missing.
	Combine(terms []vector.Weighted, now int64, normalized bool) (vector.Vector, error)
	// Protected says which entries of a vector that Encode made are protected, from its values alone; nil for none.
	Protected(values []float32) []bool
}

// Rows gives a space the values of a batch of rows.
type Rows interface {
	Len() int
	// Text returns a string value; false where the row has none.
	Text(row int, field string) (string, bool)
	// Texts returns the strings of a list, or a string as a list of one; false where the row has none.
	Texts(row int, field string) ([]string, bool)
	// Number returns an integer, a float or a timestamp (unix seconds), always finite; false where the row has none.
	Number(row int, field string) (float64, bool)
	// Numbers returns a list of numbers, all finite; false where the row has none.
	Numbers(row int, field string) ([]float64, bool)
	// Image returns an image; false where the row has none.
	Image(row int, field string) (blob.Content, bool)
	// Now is the moment that counts as the present, in unix seconds.
	Now() int64
}

// Encoding is the outcome of Encode.
type Encoding struct {
	Vectors   []vector.Vector // one a row
	Chunks    []Chunk         // by row
	Failures  []Failure
	Truncated []Truncation
}

// Chunk is the vector of a piece of a row's value, which is to be found like a row of its own.
type Chunk struct {
	Row    int
	Vector vector.Vector
}

// Failure is a value that a space could not use.
type Failure struct {
	Row   int
	Field string
	Err   error
}

// Truncation is a text of which only the beginning was embedded.
type Truncation struct {
	Row           int
	Field         string
	Tokens, Limit int
}

// Target is a field set of a space, as named in a `.similar` clause.
type Target struct {
	Name string
	Kind ValueKind
}

// ValueKind says what value a clause takes.
type ValueKind uint8

const (
	// TextValue is a string.
	TextValue ValueKind = iota
	// ImageValue is a blob.Content.
	ImageValue
	// NumberValue is a finite float64.
	NumberValue
	// CategoriesValue is a list of strings.
	CategoriesValue
	// NumbersValue is a list of finite numbers.
	NumbersValue
)

// Input is one active clause of a query on a space: its weight is not 0, save that a Stored one may weigh 0.
type Input struct {
	Target     string
	Text       string       // TextValue
	Image      blob.Content // ImageValue
	Number     float64      // NumberValue
	Categories []string     // CategoriesValue
	Numbers    []float64    // NumbersValue
	// Stored, where set, stands in place of a value: the vector that the space made of a stored row (Index.Stored).
	Stored *vector.Vector
	Weight float64
}

// QueryVector is the query vector of one space.
type QueryVector struct {
	Vector vector.Vector
	// Shares has one vector an input; they add up to Vector but for what a space asks for by itself (the present, the
	// largest number). Nil for a space that cannot tell them apart.
	Shares    [][]float32
	Truncated []InputTruncation
}

// InputTruncation is a query text of which only the beginning was embedded.
type InputTruncation struct{ Input, Tokens, Limit int }

// InputError is an input of a query that a space could not use.
type InputError struct {
	Input int // position in the inputs
	Err   error
}

func (e *InputError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *InputError) Unwrap() error { return e.Err }

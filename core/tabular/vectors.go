package tabular

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/innerspace/innerspace/core/engine"
)

// NewVectors makes the record batches of stored vectors: "id" (utf8) and "vector" (list<float32>). All memory comes
// from mem; the caller releases the reader.
func NewVectors(vectors []engine.StoredVector, mem memory.Allocator) (array.RecordReader, error) {
	return newRecords([]outColumn{
		textColumn(arrow.Field{Name: "id"}, func(i int) (string, bool) { return vectors[i].ID, true }),
		vectorColumn(arrow.Field{Name: "vector"}, func(i int) []float32 { return vectors[i].Vector }),
	}, len(vectors), arrow.Metadata{}, mem)
}

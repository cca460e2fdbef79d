package tabular

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
)

// NewOutcomes makes the record batches of embedded rows: "vector" (list<float32>, null where the row failed), "tokens"
// (int64, null for images and failed rows) and "error" (utf8, null where the row did not fail). All memory comes from
// mem; the caller releases the reader.
func NewOutcomes(outcomes []embed.Outcome, mem memory.Allocator) (array.RecordReader, error) {
	return newRecords([]outColumn{
		vectorColumn(arrow.Field{Name: "vector", Nullable: true}, func(i int) []float32 {
			if outcomes[i].Err != nil {
				return nil
			}
			return outcomes[i].Vector
		}),
		integerColumn(arrow.Field{Name: "tokens", Nullable: true}, func(i int) (int64, bool) {
			return int64(outcomes[i].Tokens), outcomes[i].Err == nil && outcomes[i].Tokens > 0
		}),
		textColumn(arrow.Field{Name: "error", Nullable: true}, func(i int) (string, bool) {
			if outcomes[i].Err == nil {
				return "", false
			}
			return errs.From(outcomes[i].Err).Error(), true
		}),
	}, len(outcomes), arrow.Metadata{}, mem)
}

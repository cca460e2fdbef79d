package tabular

import (
	"encoding/json"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/innerspace/innerspace/core/engine"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// Keys of the metadata of a result.
const (
	roleKey   = "innerspace.role"
	typeKey   = "innerspace.type"
	resultKey = "innerspace.result"
)

// NewResult makes the record batches of a query's result, at most 64 MiB each but for a single larger row: the
// selected fields, id, similarity_score, rank, and the optional columns that the result says it has. An empty result
// has the full schema and no batch. All memory comes from mem; the caller releases the reader.
func NewResult(r *engine.Result, mem memory.Allocator) (array.RecordReader, error) {
	info, err := json.Marshal(r.Info)
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "the result's description could not be written: %v", err)
	}
	columns, err := resultColumns(r)
	if err != nil {
		return nil, err
	}
	return newRecords(columns, len(r.Rows), arrow.NewMetadata([]string{resultKey}, []string{string(info)}), mem)
}

func resultColumns(r *engine.Result) ([]outColumn, error) {
	for i := range r.Rows {
		if len(r.Rows[i].Values) != len(r.Fields) {
			return nil, errs.New(errs.Internal, "row %d of the result has %d values for %d fields", i, len(r.Rows[i].Values), len(r.Fields))
		}
	}
	names := newColumnNames(r.Fields)
	var columns []outColumn
	for position, field := range r.Fields {
		columns = append(columns, fieldColumn(r, position, field))
	}
	columns = append(columns,
		textColumn(names.field("id", "id", false), func(i int) (string, bool) { return r.Rows[i].ID, true }),
		scoreColumn(names.field("similarity_score", "score", false), func(i int) float64 { return r.Rows[i].Score }),
		integerColumn(names.field("rank", "rank", false), func(i int) (int64, bool) { return int64(i), true }))
	if r.HasOrigins {
		columns = append(columns, textColumn(names.field("origin", "origin", true), func(i int) (string, bool) {
			return r.Rows[i].Origin, r.Rows[i].Origin != ""
		}))
	}
	if r.HasPartialScores {
		columns = append(columns, scoresColumn(names.field("partial_scores", "partial_scores", true),
			func(i int) []float64 { return r.Rows[i].PartialScores }))
	}
	if len(r.Info.CalibratedSpaces) > 0 {
		columns = append(columns, scoresColumn(names.field("calibrated_scores", "calibrated_scores", true),
			func(i int) []float64 { return r.Rows[i].CalibratedScores }))
	}
	if r.HasVectorParts {
		columns = append(columns, vectorsColumn(names.field("vector_parts", "vector_parts", true),
			func(i int) [][]float32 { return r.Rows[i].VectorParts }))
	}
	if r.HasContributions {
		columns = append(columns, scoresColumn(names.field("contributions", "contributions", true),
			func(i int) []float64 { return r.Rows[i].Contributions }))
	}
	return columns, nil
}

// columnNames gives our columns names that no field has.
type columnNames map[string]bool

func newColumnNames(fields []schema.Field) columnNames {
	taken := columnNames{}
	for _, field := range fields {
		taken[field.Name] = true
	}
	return taken
}

// field is a column of ours; where a field has its name, superlinked_ is put before it, as the reference does.
func (taken columnNames) field(name, role string, nullable bool) arrow.Field {
	for taken[name] {
		name = "superlinked_" + name
	}
	taken[name] = true
	return arrow.Field{Name: name, Nullable: nullable, Metadata: arrow.NewMetadata([]string{roleKey}, []string{role})}
}

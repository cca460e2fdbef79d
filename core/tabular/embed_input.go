package tabular

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// EmbedRows is what to embed, and the rows that could not be read.
// At most one of Texts and Images is set; both have only the rows that could be read, in order.
type EmbedRows struct {
	Texts  []string
	Images []blob.Value

	rows     []int // in the stream, one a text or image
	failures map[int]*errs.Error
	count    int
}

// ReadEmbedInput reads a stream with one column: "image", in any form that a blob field takes, or "text", in any form
// that a string field takes. A value that is null or cannot be used does not fail the call: see Outcomes. It reads
// the stream to its end but does not release it.
func ReadEmbedInput(ctx context.Context, reader array.RecordReader) (*EmbedRows, error) {
	s, err := embedSchema(reader)
	if err != nil {
		return nil, err
	}
	batches := NewBatches(reader, s)
	defer batches.Release()
	result := &EmbedRows{failures: map[int]*errs.Error{}}
	for {
		batch, bad, err := batches.Next(ctx)
		if errors.Is(err, io.EOF) {
			return result, nil
		}
		if err != nil {
			return nil, err
		}
		for _, failure := range bad {
			result.failures[result.count+failure.Row] = errs.New(failure.Status, "%s", failure.Reason)
		}
		result.add(&batch.Columns[0], batch.Rows)
	}
}

func embedSchema(reader array.RecordReader) (*schema.Schema, error) {
	fields := reader.Schema().Fields()
	if len(fields) == 1 {
		switch fields[0].Name {
		case "image":
			return &schema.Schema{Fields: []schema.Field{{Name: "image", Type: schema.Blob}}}, nil
		case "text":
			return &schema.Schema{Fields: []schema.Field{{Name: "text", Type: schema.String}}}, nil
		}
	}
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = field.Name
	}
	return nil, errs.New(errs.InvalidInput, "what to embed is one column named \"image\" or \"text\"; the stream has %q", names)
}

func (r *EmbedRows) add(column *schema.Column, rows int) {
	for i := range rows {
		row := r.count + i
		switch {
		case r.failures[row] != nil:
			continue
		case column.Null[i]:
			r.failures[row] = errs.New(errs.InvalidInput, "there is no value")
			continue
		case column.Texts != nil:
			r.Texts = append(r.Texts, column.Texts[i])
		default:
			r.Images = append(r.Images, column.Blobs[i])
		}
		r.rows = append(r.rows, row)
	}
	r.count += rows
}

// Outcomes puts the outcomes of Texts or Images, one each, back to the rows of the stream, beside the failures of the
// rows that could not be read.
func (r *EmbedRows) Outcomes(embedded []embed.Outcome) ([]embed.Outcome, error) {
	if len(embedded) != len(r.rows) {
		return nil, errs.New(errs.Internal, "%d outcomes for %d inputs", len(embedded), len(r.rows))
	}
	outcomes := make([]embed.Outcome, r.count)
	for row, failure := range r.failures {
		outcomes[row].Err = failure
	}
	for i, row := range r.rows {
		outcomes[row] = embedded[i]
	}
	return outcomes, nil
}

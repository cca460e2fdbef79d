package tabular

import (
	"errors"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// ReadImages reads the parameters of a query that are images: a stream of one row with a column a parameter, in any
// form that a blob field takes. A null is a parameter that is not given, and left out. It reads the stream to its end
// but does not release it. Anything but one row is InvalidInput, except for a stream without columns.
func ReadImages(reader array.RecordReader) (map[string]blob.Value, error) {
	var images map[string]blob.Value
	err := guarded(func() (err error) {
		images, err = readImages(reader)
		return err
	})
	if err != nil {
		return nil, errs.From(err)
	}
	return images, nil
}

func readImages(reader array.RecordReader) (map[string]blob.Value, error) {
	fields := reader.Schema().Fields()
	images := make(map[string]blob.Value, len(fields))
	seen := map[string]bool{}
	for _, field := range fields {
		if err := checkType(field.Name, field.Type, schema.Blob); err != nil {
			return nil, err
		}
		if seen[field.Name] {
			return nil, errs.New(errs.InvalidInput, "the image parameter %q is there twice", field.Name)
		}
		seen[field.Name] = true
	}
	rows := int64(0)
	for reader.Next() {
		record := reader.Record()
		if rows += record.NumRows(); rows > 1 {
			return nil, errs.New(errs.InvalidInput, "the image parameters have %d rows or more; give one row", rows)
		}
		if record.NumRows() == 0 {
			continue
		}
		for i, field := range fields {
			values, err := columnCells(record, i, schema.Blob)
			if err != nil {
				return nil, errs.From(err).At(field.Name)
			}
			value, err := values(0)
			if err != nil {
				return nil, cellError(err).At(field.Name)
			}
			if value.present {
				images[strings.Clone(field.Name)] = value.image
			}
		}
	}
	if err := readerError(reader); err != nil {
		return nil, err
	}
	if rows == 0 && len(fields) > 0 {
		return nil, errs.New(errs.InvalidInput, "the image parameters have no rows; give one row")
	}
	return images, nil
}

// cellError is the error of a cell where a bad value cannot be told from a bad stream by a RowError.
func cellError(err error) *errs.Error {
	var bad badValue
	if errors.As(err, &bad) {
		return errs.New(errs.InvalidInput, "%s", bad.reason)
	}
	return errs.From(err)
}

package tabular

import (
	"errors"
	"fmt"
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
	images, err := readImageRows(reader, 1, func(_ int, param string) string { return param })
	if err != nil {
		return nil, err
	}
	return images[0], nil
}

// ReadImagesOfRuns is ReadImages for several runs of a query, with a row for each. A mistake names the run as "params[3].name".
func ReadImagesOfRuns(reader array.RecordReader, runs int) ([]map[string]blob.Value, error) {
	return readImageRows(reader, runs, func(run int, param string) string { return fmt.Sprintf("params[%d].%s", run, param) })
}

func readImageRows(reader array.RecordReader, rows int, place func(row int, param string) string) ([]map[string]blob.Value, error) {
	var images []map[string]blob.Value
	err := guarded(func() (err error) {
		images, err = readImages(reader, rows, place)
		return err
	})
	if err != nil {
		return nil, errs.From(err)
	}
	return images, nil
}

func readImages(reader array.RecordReader, wanted int, place func(row int, param string) string) ([]map[string]blob.Value, error) {
	fields := reader.Schema().Fields()
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
	images := make([]map[string]blob.Value, wanted)
	for i := range images {
		images[i] = map[string]blob.Value{}
	}
	rows := 0
	for reader.Next() {
		record := reader.Record()
		first := rows
		if rows += int(record.NumRows()); rows > wanted {
			return nil, errs.New(errs.InvalidInput, "the image parameters have %d rows or more; give %s", rows, rowsOf(wanted))
		}
		if record.NumRows() == 0 {
			continue
		}
		for i, field := range fields {
			values, err := columnCells(record, i, schema.Blob)
			if err != nil {
				return nil, errs.From(err).At(field.Name)
			}
			for row := first; row < rows; row++ {
				value, err := values(row - first)
				if err != nil {
					return nil, cellError(err).At(place(row, field.Name))
				}
				if value.present {
					images[row][strings.Clone(field.Name)] = value.image
				}
			}
		}
	}
	if err := readerError(reader); err != nil {
		return nil, err
	}
	if rows < wanted && len(fields) > 0 {
		if rows == 0 {
			return nil, errs.New(errs.InvalidInput, "the image parameters have no rows; give %s", rowsOf(wanted))
		}
		return nil, errs.New(errs.InvalidInput, "the image parameters have %s; give %s", rowsOf(rows), rowsOf(wanted))
	}
	return images, nil
}

func rowsOf(n int) string {
	if n == 1 {
		return "one row"
	}
	return fmt.Sprintf("%d rows", n)
}

// cellError is the error of a cell where a bad value cannot be told from a bad stream by a RowError.
func cellError(err error) *errs.Error {
	var bad badValue
	if errors.As(err, &bad) {
		return errs.New(errs.InvalidInput, "%s", bad.reason)
	}
	return errs.From(err)
}

package tabular

import (
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// column says where in a stream the values of a field are.
type column struct {
	field    schema.Field
	position int // in the stream
}

// matchColumns finds the columns of a schema's fields by name. ignored are the names of the others. Every column that
// cannot be used is in the error.
func matchColumns(stream *arrow.Schema, s *schema.Schema) (columns []column, ignored []string, err error) {
	fields := map[string]schema.Field{}
	for _, field := range s.Fields {
		fields[field.Name] = field
	}
	seen := map[string]bool{}
	var problems []string
	for i, streamField := range stream.Fields() {
		name := strings.ToValidUTF8(streamField.Name, "\uFFFD")
		field, known := fields[name]
		switch {
		case seen[name]:
			if known {
				problems = append(problems, errs.New(errs.InvalidInput, "the column %q is there twice", name).Message)
			}
			continue
		case !known:
			ignored = append(ignored, name)
		default:
			if err := checkType(name, streamField.Type, field.Type); err != nil && !mayBeMissing(streamField.Type) {
				problems = append(problems, errs.From(err).Message)
			}
			columns = append(columns, column{field: field, position: i})
		}
		seen[name] = true
	}
	if len(problems) > 0 {
		return nil, nil, errs.New(errs.InvalidInput, "the rows cannot be read: %s", strings.Join(problems, "; "))
	}
	return columns, ignored, nil
}

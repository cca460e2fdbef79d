package schema

import (
	"fmt"
	"strings"

	"github.com/innerspace/innerspace/core/errs"
)

// MaxNameLength caps the names of schemas, fields, spaces, indices and parameters, in bytes.
const MaxNameLength = 512

// CheckName refuses a name that nothing can be called: empty, too long, or with a character that
// stands between names ("." and ":") or is not printable.
func CheckName(name string) error {
	switch {
	case name == "":
		return errs.New(errs.InvalidInput, "a name must not be empty")
	case len(name) > MaxNameLength:
		return errs.New(errs.LimitExceeded, "the name has %d bytes; at most %d are allowed", len(name), MaxNameLength)
	case strings.ContainsAny(name, ".:"):
		return errs.New(errs.InvalidInput, "the name %q must not contain '.' or ':'", name)
	}
	for _, r := range name {
		if r < ' ' || r == 0x7f {
			return errs.New(errs.InvalidInput, "the name %q contains a control character", name)
		}
	}
	return nil
}

// Validate checks names and types, that names differ and that there is exactly one id.
func (s *Schema) Validate() error {
	if err := CheckName(s.Name); err != nil {
		return errs.From(err).At("name")
	}
	seen := map[string]bool{}
	var ids []string
	for i, field := range s.Fields {
		at := fmt.Sprintf("fields[%d]", i)
		if err := CheckName(field.Name); err != nil {
			return errs.From(err).At(at + ".name")
		}
		if seen[field.Name] {
			return errs.New(errs.InvalidInput, "the schema %s has two fields named %q", s.Name, field.Name).At(at + ".name")
		}
		seen[field.Name] = true
		switch field.Type {
		case ID:
			ids = append(ids, "'"+field.Name+"'")
		case String, Blob:
			if field.Name == "id" {
				return errs.New(errs.InvalidInput, "A schema cannot have a non-IdField named 'id'.").At(at)
			}
		default:
			return errs.New(errs.InvalidInput, "unknown field type %q; known are %s, %s, %s", field.Type, ID, String, Blob).At(at + ".type")
		}
	}
	if len(ids) != 1 {
		return errs.New(errs.InvalidInput, "A schema must have exactly 1 id, got %d ([%s]).", len(ids), strings.Join(ids, ", ")).At("fields")
	}
	return nil
}

// Position returns the place of a field in Fields, or -1.
func (s *Schema) Position(field string) int {
	for i := range s.Fields {
		if s.Fields[i].Name == field {
			return i
		}
	}
	return -1
}

// IDPosition returns the place of the id field of a validated schema.
func (s *Schema) IDPosition() int {
	for i := range s.Fields {
		if s.Fields[i].Type == ID {
			return i
		}
	}
	return -1
}

// Selectable returns the positions of all fields but the id, in order.
func (s *Schema) Selectable() []int {
	positions := make([]int, 0, len(s.Fields))
	for i := range s.Fields {
		if s.Fields[i].Type != ID {
			positions = append(positions, i)
		}
	}
	return positions
}

// Check verifies that a batch is whole: every column has a value or a null for each row, in the form its
// field's type asks for, and no column is there twice. Columns that the schema does not know are allowed.
func (b *Batch) Check(s *Schema) error {
	if b.Rows < 0 {
		return errs.New(errs.InvalidInput, "a batch cannot have %d rows", b.Rows)
	}
	seen := map[string]bool{}
	for i := range b.Columns {
		column := &b.Columns[i]
		if seen[column.Name] {
			return errs.New(errs.InvalidInput, "the column %q is given twice", column.Name)
		}
		seen[column.Name] = true
		position := s.Position(column.Name)
		if position < 0 {
			continue
		}
		values, form := len(column.Texts), "texts"
		if s.Fields[position].Type == Blob {
			values, form = len(column.Blobs), "images"
		}
		if len(column.Null) != b.Rows || values != b.Rows {
			return errs.New(errs.InvalidInput, "the column %q of a batch of %d rows has %d %s and %d null marks; it needs %d of each",
				column.Name, b.Rows, values, form, len(column.Null), b.Rows)
		}
	}
	return nil
}

package schema

import "github.com/innerspace/innerspace/core/errs"

// Len returns how many values a column has for a field of the type, and what they are called in messages.
func (c *Column) Len(t Type) (n int, form string) {
	switch t.Form() {
	case Blob:
		return len(c.Blobs), "images"
	case Integer, Timestamp:
		return len(c.Integers), "whole numbers"
	case Float:
		return len(c.Floats), "numbers"
	case Boolean:
		return len(c.Booleans), "truth values"
	case StringList:
		return len(c.TextLists), "lists of texts"
	case FloatList:
		return len(c.FloatLists), "lists of numbers"
	}
	return len(c.Texts), "texts"
}

// Value returns the value of a row for a field of the type, any but Blob, whose images are yet to be resolved.
// Lists are kept, not copied.
func (c *Column) Value(t Type, row int) Value {
	if c.Null[row] {
		return Value{}
	}
	switch t.Form() {
	case Integer, Timestamp:
		return IntegerValue(c.Integers[row])
	case Float:
		return FloatValue(c.Floats[row])
	case Boolean:
		return BooleanValue(c.Booleans[row])
	case StringList:
		return TextListValue(c.TextLists[row])
	case FloatList:
		return FloatListValue(c.FloatLists[row])
	}
	return TextValue(c.Texts[row])
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
		values, form := column.Len(s.Fields[position].Type)
		if len(column.Null) != b.Rows || values != b.Rows {
			return errs.New(errs.InvalidInput, "the column %q of a batch of %d rows has %d %s and %d null marks; it needs %d of each",
				column.Name, b.Rows, values, form, len(column.Null), b.Rows)
		}
	}
	return nil
}

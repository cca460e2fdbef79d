// Package column lays the values of one field of all rows of a table out side by side, for what reads one field of many
// rows: filters, and counts of values. It knows nothing of operators, of queries, or of where rows are kept.
package column

import (
	"iter"
	"slices"

	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// Column has the values of a field by row number. Rows past its end have no value. It may be read by many goroutines at the
// same time, but not while Set runs.
//
// A number takes 8 bytes a row and a truth value 1 bit. A text takes 4 bytes, or 1 bit for each distinct text where these are
// few; beyond that each distinct text takes some 120 bytes, and its letters are those of the rows.
type Column struct {
	kind    schema.Type
	present vector.Bitmap
	numbers []int64            // Integer, Timestamp, Float (as Ordered has it); as long as present has bits
	truths  vector.Bitmap      // Boolean; as long as present
	texts   map[string]*RowSet // String, StringList
	// remembered is set where changes are told without what was before.
	remembered *remembered
}

// Has says whether there are columns of fields of a type. There are none of pictures and vectors, of which nobody asks what they are
// equal to, nor of ids, which a store finds by itself.
func Has(kind schema.Type) bool {
	switch kind {
	case schema.String, schema.StringList, schema.Integer, schema.Timestamp, schema.Float, schema.Boolean:
		return true
	}
	return false
}

// New makes the empty column of a field of a type that has columns.
func New(kind schema.Type) *Column {
	c := &Column{kind: kind}
	if kind == schema.String || kind == schema.StringList {
		c.texts = map[string]*RowSet{}
	}
	return c
}

// Set takes note that a row's value has changed; the zero Value is none. A value before that the column was not told of
// must be an absent one.
func (c *Column) Set(row int, before, after schema.Value) {
	if !before.Present && !after.Present {
		return
	}
	c.grow(row)
	word, bit := row/64, uint64(1)<<(row%64)
	c.present[word] &^= bit
	if after.Present {
		c.present[word] |= bit
	}
	switch c.kind {
	case schema.Integer, schema.Timestamp:
		c.numbers[row] = after.Integer()
	case schema.Float:
		c.numbers[row] = Ordered(after.Float())
	case schema.Boolean:
		c.truths[word] &^= bit
		if after.Boolean() {
			c.truths[word] |= bit
		}
	case schema.String:
		c.setText(row, before, after)
	case schema.StringList:
		if !slices.Equal(before.Texts(), after.Texts()) {
			c.remove(row, before.Texts()...)
			c.add(row, after.Texts()...)
		}
	}
}

func (c *Column) setText(row int, before, after schema.Value) {
	if before.Present == after.Present && before.Text == after.Text {
		return
	}
	if before.Present {
		c.remove(row, before.Text)
	}
	if after.Present {
		c.add(row, after.Text)
	}
}

// grow makes place for a row, and for those up to the next multiple of 64, so that words are always whole.
func (c *Column) grow(row int) {
	words := row/64 + 1
	if words <= len(c.present) {
		return
	}
	c.present = extended(c.present, words)
	switch c.kind {
	case schema.Integer, schema.Timestamp, schema.Float:
		c.numbers = extended(c.numbers, words*64)
	case schema.Boolean:
		c.truths = extended(c.truths, words)
	}
}

// extended gives a slice a length; what is new is zero.
func extended[S ~[]T, T any](list S, length int) S {
	return append(list, make(S, length-len(list))...)
}

func (c *Column) add(row int, texts ...string) {
	for _, text := range texts {
		rows := c.texts[text]
		if rows == nil {
			rows = new(RowSet)
			if c.remembered != nil {
				rows.number = c.remembered.number(text)
			}
			c.texts[text] = rows
		}
		rows.add(row)
	}
}

func (c *Column) remove(row int, texts ...string) {
	for _, text := range texts {
		if rows := c.texts[text]; rows != nil {
			rows.remove(row)
			if rows.count == 0 {
				delete(c.texts, text)
				if c.remembered != nil {
					c.remembered.forget(rows.number)
				}
			}
		}
	}
}

// Kind is the type of the field.
func (c *Column) Kind() schema.Type { return c.kind }

// Present has the rows with a value. It must not be changed, and neither may what the others return.
func (c *Column) Present() vector.Bitmap { return c.present }

// Numbers are the values of an Integer or a Timestamp by row, and those of a Float as Ordered gives them; 0 where there is none. There are 64 for
// each word of Present.
func (c *Column) Numbers() []int64 { return c.numbers }

// Truths has the rows whose Boolean is true; as long as Present.
func (c *Column) Truths() vector.Bitmap { return c.truths }

// Rows are those whose String is the text, or whose StringList has it; nil where there are none.
func (c *Column) Rows(text string) *RowSet { return c.texts[text] }

// Texts yields the distinct texts of a String or StringList with their rows, in no order.
func (c *Column) Texts() iter.Seq2[string, *RowSet] {
	return func(yield func(string, *RowSet) bool) {
		for text, rows := range c.texts {
			if !yield(text, rows) {
				return
			}
		}
	}
}

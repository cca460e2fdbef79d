package column

import (
	"slices"

	"github.com/innerspace/innerspace/core/schema"
)

// remembered is which texts each row of a column has, so that a change need not say what was there before. Texts are told by numbers, so that it
// is copied as it lies: 4 bytes a row of a String.
type remembered struct {
	one   []uint32   // String: by row the number of its text, from 1 on; 0: none
	many  [][]uint32 // StringList: the same of all its texts
	texts []string   // by number - 1
	free  []uint32   // numbers whose texts no row has any more
}

// NewRemembering makes an empty column that is changed by Replace alone.
func NewRemembering(kind schema.Type) *Column {
	c := New(kind)
	c.remembered = new(remembered)
	return c
}

// Replace takes note that a row has another value than before, or with the zero Value none, in a column that remembers.
func (c *Column) Replace(row int, value schema.Value) {
	before := c.before(row)
	c.Set(row, before, value)
	if !before.Present && !value.Present {
		return
	}
	switch c.kind {
	case schema.String:
		c.remembered.one = longEnough(c.remembered.one, row, len(c.present)*64)
		c.remembered.one[row] = 0
		if value.Present {
			c.remembered.one[row] = c.texts[value.Text].number
		}
	case schema.StringList:
		c.remembered.many = longEnough(c.remembered.many, row, len(c.present)*64)
		c.remembered.many[row] = nil
		for _, text := range value.Texts() {
			c.remembered.many[row] = append(c.remembered.many[row], c.texts[text].number)
		}
	}
}

func longEnough[S ~[]T, T any](list S, row, length int) S {
	if row < len(list) {
		return list
	}
	return extended(list, length)
}

// before is the value of a row, of a number only whether it has one.
func (c *Column) before(row int) schema.Value {
	if row/64 >= len(c.present) || !c.present.Has(row) {
		return schema.Value{}
	}
	switch c.kind {
	case schema.String:
		return schema.TextValue(c.remembered.texts[c.remembered.one[row]-1])
	case schema.StringList:
		texts := make([]string, len(c.remembered.many[row]))
		for i, number := range c.remembered.many[row] {
			texts[i] = c.remembered.texts[number-1]
		}
		return schema.TextListValue(texts)
	}
	return schema.Value{Present: true}
}

// number gives a text that is new to the column a number.
func (r *remembered) number(text string) uint32 {
	if last := len(r.free) - 1; last >= 0 {
		number := r.free[last]
		r.free = r.free[:last]
		r.texts[number-1] = text
		return number
	}
	r.texts = append(r.texts, text)
	return uint32(len(r.texts))
}

// forget takes the number of a text back.
func (r *remembered) forget(number uint32) {
	r.texts[number-1] = ""
	r.free = append(r.free, number)
}

// Clone copies a column: to change the one does not change the other.
func (c *Column) Clone() *Column {
	made := &Column{kind: c.kind, present: slices.Clone(c.present), numbers: slices.Clone(c.numbers), truths: slices.Clone(c.truths)}
	if c.texts != nil {
		made.texts = cloneTexts(c.texts)
	}
	if r := c.remembered; r != nil {
		// The numbers of a row are replaced and never written to, so that they can be shared.
		made.remembered = &remembered{one: slices.Clone(r.one), many: slices.Clone(r.many), texts: slices.Clone(r.texts), free: slices.Clone(r.free)}
	}
	return made
}

// cloneTexts copies sets into memory that is taken in one piece: there may be as many as there are rows.
func cloneTexts(texts map[string]*RowSet) map[string]*RowSet {
	all := 0
	for _, s := range texts {
		all += len(s.rows)
	}
	made, sets, rows := make(map[string]*RowSet, len(texts)), make([]RowSet, len(texts)), make([]uint32, 0, all)
	for text, s := range texts {
		from := len(rows)
		rows = append(rows, s.rows...)
		sets[0] = RowSet{rows: rows[from:len(rows):len(rows)], bits: slices.Clone(s.bits), count: s.count, number: s.number}
		made[text], sets = &sets[0], sets[1:]
	}
	return made
}

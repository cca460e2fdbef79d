// Package facet says which values fields have among rows, and how often: what a shop shows beside its results to narrow them down. It knows nothing
// of queries or of how rows were chosen.
package facet

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/vector"
)

// Facet is what the rows have in one field. Texts, lists of texts and truth values are counted, of numbers and times the range is told.
type Facet struct {
	Field string      `json:"field"`
	Type  schema.Type `json:"type"`
	// Rows is the number of rows that have a value.
	Rows int `json:"rows"`
	// Distinct is the number of values that are counted, of which Values has the most frequent ones; equally frequent ones in order.
	Distinct int     `json:"distinct"`
	Values   []Count `json:"values"`
	// Min and Max are the least and the greatest number, int64 or float64; nil where there is none.
	Min any `json:"min"`
	Max any `json:"max"`
}

// Count is in how many rows a value is.
type Count struct {
	Value any `json:"value"` // string or bool
	Count int `json:"count"`
}

// Check refuses a field of a type that has no facet.
func Check(field schema.Field) error {
	if !column.Has(field.Type) {
		return errs.New(errs.InvalidInput, "the field %s of type %s has no facet; texts, lists of texts, truth values, numbers and times have one",
			field.Name, field.Type)
	}
	return nil
}

// Of describes a field that Check lets pass, with at most limit counts. Within are the rows that are asked for; nil: all that the column knows.
func Of(field schema.Field, c *column.Column, within vector.Bitmap, limit int) Facet {
	rows := slices.Clone(c.Present())
	for at := range rows {
		if within != nil {
			rows[at] &= word(within, at)
		}
	}
	f := Facet{Field: field.Name, Type: field.Type, Rows: rows.Count(), Values: []Count{}}
	switch field.Type {
	case schema.String, schema.StringList:
		f.countTexts(c, within, limit)
	case schema.Boolean:
		f.countTruths(c, rows, limit)
	default:
		f.measure(c, rows)
	}
	return f
}

// word is a word of a bitmap that may end before it.
func word(of vector.Bitmap, at int) uint64 {
	if at < len(of) {
		return of[at]
	}
	return 0
}

func (f *Facet) countTexts(c *column.Column, within vector.Bitmap, limit int) {
	type count struct {
		text string
		rows int
	}
	moreFrequent := func(a, b count) int {
		return cmp.Or(cmp.Compare(b.rows, a.rows), cmp.Compare(a.text, b.text))
	}
	// Twice the limit are collected before the worse half is dropped, and from then on only what is better than the best half's last.
	var most []count
	var last *count
	for text, rows := range c.Texts() {
		n := rows.Count()
		if within != nil {
			n = rows.CountIn(within)
		}
		if n == 0 {
			continue
		}
		f.Distinct++
		found := count{text, n}
		if last != nil && moreFrequent(found, *last) > 0 {
			continue
		}
		if most = append(most, found); len(most) == 2*limit {
			slices.SortFunc(most, moreFrequent)
			most = most[:limit]
			last = &count{most[limit-1].text, most[limit-1].rows}
		}
	}
	slices.SortFunc(most, moreFrequent)
	for _, found := range most[:min(limit, len(most))] {
		f.Values = append(f.Values, Count{found.text, found.rows})
	}
}

func (f *Facet) countTruths(c *column.Column, rows vector.Bitmap, limit int) {
	truths := c.Truths()
	yes := 0
	for at := range rows {
		yes += bits.OnesCount64(rows[at] & truths[at])
	}
	no := f.Rows - yes
	counts := []Count{{false, no}, {true, yes}}
	if yes > no {
		slices.Reverse(counts)
	}
	f.Values = slices.DeleteFunc(counts, func(c Count) bool { return c.Count == 0 })
	f.Distinct = len(f.Values)
	f.Values = f.Values[:min(limit, f.Distinct)]
}

func (f *Facet) measure(c *column.Column, rows vector.Bitmap) {
	if f.Rows == 0 {
		return
	}
	numbers, first := c.Numbers(), true
	var least, greatest int64
	for row := range rows.All() {
		number := numbers[row]
		if first {
			least, greatest, first = number, number, false
		}
		least, greatest = min(least, number), max(greatest, number)
	}
	f.Min, f.Max = any(least), any(greatest)
	if f.Type == schema.Float {
		f.Min, f.Max = column.Float(least), column.Float(greatest)
	}
}

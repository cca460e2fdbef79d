package engine

import (
	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
)

// stagedRow is a row of a put on its way to the store.
type stagedRow struct {
	position int // in the put
	id       string
	// given are the values of the message by field position; values that cannot be used are taken out.
	given []schema.Value
	// contents are the images of the message by field position.
	contents []blob.Content
	// stored are the values that the stored row adds where a put merges; nil otherwise.
	stored  []schema.Value
	version uint64 // of the stored row; 0: none
	vectors map[string][]float32
	chunks  []store.Chunk
	history history // of events, which vectors then hold too
	refused bool
}

// value returns the value of a field: the message's, else the stored one, else an absent one.
func (r *stagedRow) value(position int) schema.Value {
	if !r.given[position].Present && r.stored != nil {
		return r.stored[position]
	}
	return r.given[position]
}

// image returns the content of a blob field: the message's, else the stored bytes.
func (r *stagedRow) image(position int) (blob.Content, bool) {
	if r.given[position].Present {
		return r.contents[position], true
	}
	if r.stored != nil && r.stored[position].Present {
		return blob.Content{Encoded: r.stored[position].Blob, Origin: "the stored image"}, true
	}
	return blob.Content{}, false
}

// has says whether a field has a value, given or stored.
func (r *stagedRow) has(position int) bool { return r.value(position).Present }

// take removes a value that cannot be used: the message's, behind which the stored one may stand, else the stored one.
func (r *stagedRow) take(position int) {
	switch {
	case r.given[position].Present:
		r.given[position] = schema.Value{}
	case r.stored != nil:
		r.stored[position] = schema.Value{}
	}
}

// rowSet gives spaces the values of staged rows.
type rowSet struct {
	schema *schema.Schema
	rows   []*stagedRow
	now    int64
}

func (s rowSet) Len() int { return len(s.rows) }

func (s rowSet) Now() int64 { return s.now }

func (s rowSet) value(row int, field string) (schema.Value, schema.Type) {
	position := s.schema.Position(field)
	return s.rows[row].value(position), s.schema.Fields[position].Type
}

func (s rowSet) Text(row int, field string) (string, bool) {
	value, _ := s.value(row, field)
	return value.Text, value.Present
}

func (s rowSet) Texts(row int, field string) ([]string, bool) {
	value, kind := s.value(row, field)
	if value.Present && kind == schema.String {
		return []string{value.Text}, true
	}
	return value.Texts(), value.Present
}

func (s rowSet) Number(row int, field string) (float64, bool) {
	value, kind := s.value(row, field)
	return value.Number(kind)
}

func (s rowSet) Numbers(row int, field string) ([]float64, bool) {
	value, _ := s.value(row, field)
	return value.Floats(), value.Present
}

func (s rowSet) Image(row int, field string) (blob.Content, bool) {
	return s.rows[row].image(s.schema.Position(field))
}

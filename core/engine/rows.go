package engine

import (
	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/schema"
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
	refused bool
}

// text returns the value of a text field: the message's, else the stored one.
func (r *stagedRow) text(position int) (string, bool) {
	if r.given[position].Present {
		return r.given[position].Text, true
	}
	if r.stored != nil && r.stored[position].Present {
		return r.stored[position].Text, true
	}
	return "", false
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
func (r *stagedRow) has(position int) bool {
	return r.given[position].Present || r.stored != nil && r.stored[position].Present
}

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
}

func (s rowSet) Len() int { return len(s.rows) }

func (s rowSet) Text(row int, field string) (string, bool) {
	return s.rows[row].text(s.schema.Position(field))
}

func (s rowSet) Image(row int, field string) (blob.Content, bool) {
	return s.rows[row].image(s.schema.Position(field))
}

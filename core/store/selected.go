package store

import "github.com/innerspace/innerspace/core/schema"

// Selective is a Snapshot that can read some values of a row, where all of them would cost more: pictures lie on the disk.
type Selective interface {
	// Selected returns the values of the fields at the given positions of a row, by its number in the blocks.
	Selected(row int, fields []int) []schema.Value
}

// Selected returns the values of some fields of a row. The slice is the caller's own.
func Selected(snapshot Snapshot, row int, fields []int) []schema.Value {
	if selective, ok := snapshot.(Selective); ok {
		return selective.Selected(row, fields)
	}
	selected := make([]schema.Value, len(fields))
	if len(fields) == 0 {
		return selected
	}
	values := snapshot.Values(row)
	for i, position := range fields {
		selected[i] = values[position]
	}
	return selected
}

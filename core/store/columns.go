package store

import (
	"github.com/innerspace/innerspace/core/column"
	"github.com/innerspace/innerspace/core/schema"
)

// Column implements Snapshot: columns are made under the read lock and changed under the write lock of the table.
func (s memorySnapshot) Column(field int, kind schema.Type) *column.Column {
	if !column.Has(kind) {
		return nil
	}
	return s.table.columns.Get(field, kind, s)
}

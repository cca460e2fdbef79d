package disk

import (
	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store/disk/record"
)

// storedRow is a row as the catalogue has it. Pictures are named, not read.
type storedRow struct {
	id      string
	number  int
	version int64
	origin  string
	values  []record.Value
	history []byte
}

// find reads a row by its id.
func (c *connection) find(t *tableState, id string) (row storedRow, found bool, err error) {
	var bytes []byte
	row.id = id
	found, err = c.one(t.sql.find, []any{id}, func(s *sqlite3.Stmt) {
		row.number, row.version, row.origin = s.ColumnInt(0), s.ColumnInt64(1), s.ColumnText(2)
		bytes = s.ColumnBlob(3, []byte{})
		if s.ColumnType(4) != sqlite3.NULL {
			row.history = s.ColumnBlob(4, []byte{})
		}
	})
	if err == nil && found {
		err = record.CheckHistory(bytes, row.history)
	}
	if err != nil || !found {
		return storedRow{}, false, err
	}
	if row.number < 0 || row.number > maxNumber || row.version <= 0 {
		return storedRow{}, false, damagedCatalogue("the row %q with the number %d and the version %d", id, row.number, row.version)
	}
	row.values, err = record.Read(bytes, t.fields)
	return row, err == nil, err
}

// fetch turns the values of a record into those of a row, pictures and all.
func (c *connection) fetch(values []record.Value) ([]schema.Value, error) {
	fetched := make([]schema.Value, len(values))
	for i := range values {
		fetched[i] = values[i].Value
		blob := values[i].Blob
		if blob == nil {
			continue
		}
		bytes := []byte{}
		if blob.Size > 0 {
			var err error
			if bytes, err = c.bytes("SELECT bytes FROM blobs WHERE id=?", blob.ID); err != nil {
				return nil, err
			}
			if len(bytes) != blob.Size {
				return nil, damagedCatalogue("a picture of %d bytes where there should be %d", len(bytes), blob.Size)
			}
			if blob.Sum != 0 && record.Sum(bytes) != blob.Sum {
				return nil, damagedCatalogue("a picture of %d bytes that does not have its checksum", len(bytes))
			}
		}
		fetched[i].Blob = bytes
	}
	return fetched, nil
}

// places turns the values of a record into values that say of pictures only whether there is one: one byte stands for theirs.
func places(values []record.Value) []schema.Value {
	had := make([]schema.Value, len(values))
	for i := range values {
		had[i] = values[i].Value
		if blob := values[i].Blob; blob != nil {
			had[i].Blob = make([]byte, min(blob.Size, 1))
		}
	}
	return had
}

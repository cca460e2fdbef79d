package disk

import (
	"fmt"

	"github.com/innerspace/innerspace/core/errs"
)

// Names in a store's directory.
const (
	catalogueName = "catalogue.sqlite"
	lockName      = "lock"
	segmentsName  = "segments"
)

// formatVersion is the version of the layout that docs/store.md describes. A store of another one is refused.
const formatVersion = 1

// applicationID marks the catalogue's file (PRAGMA application_id).
const applicationID = 0x696e7370 // "insp"

// catalogueSchema makes an empty catalogue. docs/store.md says what the columns mean.
const catalogueSchema = `
CREATE TABLE store(only_row INTEGER PRIMARY KEY CHECK(only_row=1), uuid BLOB NOT NULL, generation INTEGER NOT NULL) STRICT;
CREATE TABLE metadata(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE tables(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, fields INTEGER NOT NULL, versions INTEGER NOT NULL,
	rows INTEGER NOT NULL, chunks INTEGER NOT NULL, generation INTEGER NOT NULL) STRICT;
CREATE TABLE indices(id INTEGER PRIMARY KEY AUTOINCREMENT, table_id INTEGER NOT NULL, name TEXT NOT NULL, dimension INTEGER NOT NULL,
	UNIQUE(table_id, name)) STRICT;
CREATE TABLE spans(id INTEGER PRIMARY KEY AUTOINCREMENT, table_id INTEGER NOT NULL, first INTEGER NOT NULL, capacity INTEGER NOT NULL,
	used INTEGER NOT NULL, synced INTEGER NOT NULL) STRICT;
CREATE TABLE segments(id INTEGER PRIMARY KEY AUTOINCREMENT, span_id INTEGER NOT NULL, index_id INTEGER NOT NULL, used INTEGER NOT NULL,
	UNIQUE(span_id, index_id)) STRICT;
CREATE TABLE bits(table_id INTEGER NOT NULL, index_id INTEGER NOT NULL, page INTEGER NOT NULL, generation INTEGER NOT NULL, bits BLOB NOT NULL,
	PRIMARY KEY(table_id, index_id, page)) STRICT, WITHOUT ROWID;
CREATE TABLE blobs(id INTEGER PRIMARY KEY AUTOINCREMENT, bytes BLOB NOT NULL) STRICT;
`

// tableSchema makes what the catalogue has for each table.
func tableSchema(table int64) string {
	return fmt.Sprintf(`
CREATE TABLE rows_%[1]d(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, origin TEXT, record BLOB NOT NULL,
	history BLOB) STRICT;
CREATE INDEX versions_%[1]d ON rows_%[1]d(version);
CREATE INDEX origins_%[1]d ON rows_%[1]d(origin) WHERE origin IS NOT NULL;
`, table)
}

// bitsPage is the number of rows whose bits lie in one row of the catalogue.
const (
	bitsPage      = 8192
	bitsPageWords = bitsPage / 64
)

// within runs work in a transaction that is committed where it succeeds.
func (c *connection) within(begin string, work func() error) (err error) {
	if err := c.exec(begin); err != nil {
		return err
	}
	defer func() {
		if cause := recover(); cause != nil {
			err = errs.New(errs.Internal, "a change of the store failed: %v", cause)
		}
		if err != nil {
			c.rollback()
		}
	}()
	if err := work(); err != nil {
		return err
	}
	return c.exec("COMMIT")
}

// rollback ends a transaction that may have ended already.
func (c *connection) rollback() {
	if !c.sqlite.GetAutocommit() {
		_ = c.exec("ROLLBACK")
	}
}

// statements are those that read and write the rows of a table.
type statements struct {
	find, number, id, origin, originOf, record, ids, records, since, between, all, chunks string
	insert, update, move, remove, drop                                                    string
}

func statementsOf(table int64) statements {
	of := func(format string) string { return fmt.Sprintf(format, table) }
	return statements{
		find:     of("SELECT number, version, origin, record, history FROM rows_%d WHERE id=?"),
		number:   of("SELECT number FROM rows_%d WHERE id=?"),
		id:       of("SELECT id FROM rows_%d WHERE number=?"),
		origin:   of("SELECT origin FROM rows_%d WHERE number=?"),
		originOf: of("SELECT origin FROM rows_%d WHERE id=?"),
		record:   of("SELECT record FROM rows_%d WHERE number=?"),
		ids:      of("SELECT number, id FROM rows_%d WHERE number>? ORDER BY number LIMIT ?"),
		records:  of("SELECT number, record FROM rows_%d"),
		since:    of("SELECT number FROM rows_%d WHERE version>?"),
		between:  of("SELECT number, record FROM rows_%d WHERE number BETWEEN ? AND ?"),
		all:      of("SELECT number, id, record, history FROM rows_%d ORDER BY number"),
		chunks:   of("SELECT number FROM rows_%d WHERE origin=?"),
		insert:   of("INSERT INTO rows_%d(number, id, version, origin, record, history) VALUES(?, ?, ?, ?, ?, ?)"),
		update:   of("UPDATE rows_%d SET version=?, origin=NULL, record=?, history=? WHERE number=?"),
		drop:     of("DROP TABLE rows_%d"),
		move:     of("UPDATE rows_%d SET number=? WHERE number=?"),
		remove:   of("DELETE FROM rows_%d WHERE number=?"),
	}
}

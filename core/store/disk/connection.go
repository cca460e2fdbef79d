package disk

import (
	"errors"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/errs"
)

// busyTimeout is how long SQLite waits for another process in the moments in which even readers wait: recovery of the log, checkpoints.
const busyTimeout = 30 * time.Second

// connection is a connection to the catalogue with the statements that it has prepared. It is used by one goroutine at a time.
type connection struct {
	sqlite     *sqlite3.Conn
	statements map[string]*sqlite3.Stmt
}

// connect opens the catalogue.
func connect(path, vfs string, flags sqlite3.OpenFlag, pragmas ...string) (*connection, error) {
	uri := "file:" + escape(path) + "?vfs=" + vfs
	if flags&immutable != 0 {
		uri += "&immutable=1"
	}
	sqlite, err := sqlite3.OpenFlags(uri, flags&^immutable|sqlite3.OPEN_URI)
	if err != nil {
		return nil, err
	}
	c := &connection{sqlite: sqlite, statements: map[string]*sqlite3.Stmt{}}
	err = sqlite.BusyTimeout(busyTimeout)
	for _, pragma := range append([]string{"temp_store=MEMORY", "trusted_schema=OFF"}, pragmas...) {
		if err == nil {
			err = sqlite.Exec("PRAGMA " + pragma)
		}
	}
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// immutable is a flag of our own: the catalogue cannot change, nor can files be made beside it.
const immutable sqlite3.OpenFlag = 1 << 30

// escape makes a path part of a URI.
func escape(path string) string {
	escaped := make([]byte, 0, len(path))
	for i := range len(path) {
		switch c := path[i]; c {
		case '%', '?', '#':
			const digits = "0123456789ABCDEF"
			escaped = append(escaped, '%', digits[c>>4], digits[c&15])
		default:
			escaped = append(escaped, c)
		}
	}
	return string(escaped)
}

func (c *connection) close() error {
	for _, statement := range c.statements {
		_ = statement.Close()
	}
	return c.sqlite.Close()
}

// statement returns a statement with values bound to it: int, int64, uint64, string, []byte, nil.
func (c *connection) statement(sql string, values ...any) (*sqlite3.Stmt, error) {
	statement := c.statements[sql]
	if statement == nil {
		var err error
		statement, _, err = c.sqlite.PrepareFlags(sql, sqlite3.PREPARE_PERSISTENT)
		if err != nil {
			return nil, err
		}
		c.statements[sql] = statement
	}
	for i, value := range values {
		var err error
		switch value := value.(type) {
		case int:
			err = statement.BindInt64(i+1, int64(value))
		case int64:
			err = statement.BindInt64(i+1, value)
		case uint64:
			err = statement.BindInt64(i+1, int64(value))
		case string:
			err = statement.BindText(i+1, value)
		case []byte:
			err = statement.BindBlob(i+1, value)
		case nil:
			err = statement.BindNull(i + 1)
		default:
			err = errs.New(errs.Internal, "a %T cannot be bound to a statement", value)
		}
		if err != nil {
			return nil, err
		}
	}
	return statement, nil
}

// exec runs a statement that returns nothing.
func (c *connection) exec(sql string, values ...any) error {
	statement, err := c.statement(sql, values...)
	if err != nil {
		return err
	}
	return statement.Exec()
}

// query calls row for each row of a statement's answer until it returns an error.
func (c *connection) query(sql string, values []any, row func(*sqlite3.Stmt) error) error {
	statement, err := c.statement(sql, values...)
	if err != nil {
		return err
	}
	for err == nil && statement.Step() {
		err = row(statement)
	}
	return errors.Join(err, statement.Err(), statement.Reset())
}

// one reads the first row of a statement's answer; false where there is none.
func (c *connection) one(sql string, values []any, row func(*sqlite3.Stmt)) (bool, error) {
	statement, err := c.statement(sql, values...)
	if err != nil {
		return false, err
	}
	found := statement.Step()
	if found {
		row(statement)
	}
	return found, errors.Join(statement.Err(), statement.Reset())
}

// number reads a single number; 0 where there is none.
func (c *connection) number(sql string, values ...any) (n int64, err error) {
	_, err = c.one(sql, values, func(row *sqlite3.Stmt) { n = row.ColumnInt64(0) })
	return n, err
}

// bytes reads a single value; nil where there is none.
func (c *connection) bytes(sql string, values ...any) (value []byte, err error) {
	_, err = c.one(sql, values, func(row *sqlite3.Stmt) { value = row.ColumnBlob(0, []byte{}) })
	return value, err
}

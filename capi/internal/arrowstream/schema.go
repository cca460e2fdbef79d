package arrowstream

import (
	"strconv"
	"unicode/utf8"

	"github.com/innerspace/innerspace/core/errs"
)

const (
	maxDepth  = 64      // of nested types; more is a cycle or an attack
	maxNodes  = 1 << 16 // columns and their children
	maxFormat = 4096    // bytes
	maxName   = 1 << 20 // bytes
)

// schemaReader turns a C schema into a layout. Metadata is not read: its
// encoding gives no length to check against, and nothing here needs it.
type schemaReader struct{ nodes int }

// readSchema reads the schema of a stream of record batches.
func readSchema(schema *cSchema) (*layout, error) {
	format, _ := cString(schema.format, maxFormat)
	if format != "+s" || isAddress(schema.dictionary) {
		return nil, invalid("the stream holds arrays of the Arrow format %q; give a table or record batches, which are structs (\"+s\")", format)
	}
	return new(schemaReader).read(schema, 0)
}

func (r *schemaReader) read(schema *cSchema, depth int) (*layout, error) {
	if r.nodes++; r.nodes > maxNodes {
		return nil, errs.New(errs.LimitExceeded, "the Arrow schema has more than %d columns", maxNodes)
	}
	if depth > maxDepth {
		return nil, errs.New(errs.LimitExceeded, "the Arrow schema is nested more than %d deep", maxDepth)
	}
	name, ok := cString(schema.name, maxName)
	if !ok || !utf8.ValidString(name) {
		return nil, invalid("a column's name is longer than %d bytes or not UTF-8", maxName)
	}
	format, ok := cString(schema.format, maxFormat)
	if !ok || !utf8.ValidString(format) || format == "" {
		return nil, at(invalid("the Arrow format string is missing, too long or not UTF-8"), name)
	}
	l := &layout{name: name, nullable: schema.flags&2 != 0}
	if err := r.readChildren(l, schema, depth); err != nil {
		return nil, err
	}
	if err := l.resolve(format); err != nil {
		return nil, at(err, name)
	}
	if !isAddress(schema.dictionary) {
		return l, nil
	}
	values, err := r.read((*cSchema)(pointer(schema.dictionary)), depth+1)
	if err != nil {
		return nil, at(err, name)
	}
	if err := l.resolveDictionary(values); err != nil {
		return nil, at(err, name)
	}
	return l, nil
}

func (r *schemaReader) readChildren(l *layout, schema *cSchema, depth int) error {
	children, err := pointers("children of the Arrow schema", schema.child, schema.children, maxNodes)
	if err != nil {
		return at(err, l.name)
	}
	for i, p := range children {
		if !isAddress(p) {
			return at(invalid("child %d of the Arrow schema is null", i), l.name)
		}
		child, err := r.read((*cSchema)(pointer(p)), depth+1)
		if err != nil {
			return at(err, l.name)
		}
		l.children = append(l.children, child)
	}
	return nil
}

// pointers views an array of n pointers.
func pointers(what string, p uintptr, n, limit int64) ([]uintptr, error) {
	switch {
	case n < 0:
		return nil, invalid("the number of %s is negative (%d)", what, n)
	case n > limit:
		return nil, errs.New(errs.LimitExceeded, "there are %d %s; at most %d are read", n, what, limit)
	case n > 0 && !isAddress(p):
		return nil, invalid("there should be %d %s, but the pointer to them is null", n, what)
	}
	return values[uintptr](p, n), nil
}

// at puts a column's name before an error's path. The root has none.
func at(err error, column string) error {
	if column == "" {
		return err
	}
	return errs.From(err).At("columns[" + strconv.Quote(column) + "]")
}

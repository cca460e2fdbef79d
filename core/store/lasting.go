package store

import "io"

// Span is a run of row numbers. Within a span of one ID a number stands for one vector of an index, for as long as there is one; a later
// span may have the same numbers, and has a higher ID.
type Span struct {
	ID          int64
	First, Rows int
}

// Lasting is a Snapshot of a store that outlives the process, so that what is made of its vectors can be kept too.
type Lasting interface {
	// Generation grows with each commit, of any process and to any table.
	Generation() int64
	// Spans are those of the table, by First.
	Spans() []Span
}

// SpansOf returns the generation and the spans of a snapshot; 0 and none of a store that ends with the process.
func SpansOf(snapshot Snapshot) (generation int64, spans []Span) {
	if lasting, ok := snapshot.(Lasting); ok {
		return lasting.Generation(), lasting.Spans()
	}
	return 0, nil
}

// GraphKeeper is a Store that keeps with an index what was made of its vectors in order to search them: bytes that mean nothing to it, of which
// nothing is lost when they are.
type GraphKeeper interface {
	// ReadOnly says that nothing can be kept: another process may do so.
	ReadOnly() bool
	// KeepGraph keeps what write writes in the place of what was kept before. When it returns, that survives a power cut, and with it
	// all that was committed before.
	KeepGraph(schema, index string, write func(io.Writer) error) error
	// ReadGraph shows what was kept last, unless that is what known names, and returns its name; 0 where nothing was kept. The error is for
	// what cannot be read or is not what was written, and comes with the name.
	ReadGraph(schema, index string, known uint64, read func(content io.Reader, size int64) error) (name uint64, err error)
}

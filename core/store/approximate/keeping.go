package approximate

import (
	"encoding/binary"
	"io"
	"math"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/packed"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector/graph"
)

// A graph is written again once one in keptOneIn of its rows has changed: all that is written while an index grows is some eight times the
// graph. What a process leaves for the next to link is one in leftOneIn at most.
const (
	keptOneIn = 8
	leftOneIn = 64
)

// What is kept is the length of a preface (4 bytes), the preface, and the graph as core/vector/graph writes it. The preface has a format byte,
// the spans that rows of the graph are of, and the widths.
const (
	prefaceFormat = 1
	maxPreface    = 64 << 20
)

// keep keeps the graph, where its store can.
func (f *follower) keep(c *current) {
	if f.keeper == nil || f.readOnly() || c.graph.Len() == 0 {
		return
	}
	// What fails, for want of room, is tried again when as much has changed.
	c.changes = 0
	_ = errs.Contain("keeping a graph", func() error {
		return f.keeper.KeepGraph(f.index.Schema, f.index.Name, func(w io.Writer) error {
			preface := appendPreface(nil, c.numbers.all(), c.widths.Load())
			if _, err := w.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(len(preface))), preface...)); err != nil {
				return err
			}
			_, err := c.graph.WriteTo(w)
			return err
		})
	})
}

// keepAtLast keeps the graph before the process ends, unless little has changed.
func (f *follower) keepAtLast(c *current) {
	if c.changes*leftOneIn > c.graph.Len() {
		f.keep(c)
	}
}

// load reads the graph that was kept last: a process that writes when it begins, others whenever there is a later one. What cannot
// be read counts as not there, for it is made of the rows.
func (f *follower) load() {
	if f.keeper == nil || f.looked && !f.readOnly() {
		return
	}
	f.looked = true
	var read *current
	name, err := f.keeper.ReadGraph(f.index.Schema, f.index.Name, f.known, func(content io.Reader, size int64) (err error) {
		read, err = f.read(content, size)
		return err
	})
	if name != 0 {
		f.known = name
	}
	if read == nil {
		return
	}
	if err != nil || !f.fits(read) || !f.right(read) {
		read.graph.Close()
		return
	}
	before := f.current.Swap(read)
	before.graph.Close() // searches that have it still score all rows
}

// fits says whether a graph is as the index asks for. A process that cannot make another takes what there is.
func (f *follower) fits(read *current) bool {
	dimension := 0
	for _, part := range f.index.Parts {
		dimension += part
	}
	return read.graph.Dimension() == dimension && (f.readOnly() || read.graph.MadeWith(f.index.Graph))
}

// right looks at some rows: a graph that is not of their vectors, as where files of several copies of a store were mixed, would find others.
func (f *follower) right(read *current) bool {
	const some = 64
	var rows []int
	source := f.vectors(read) // takes note of the spans of now, so that what remains should be right
	err := source(func(func(int) []float32) error { return nil })
	if err != nil {
		return false
	}
	err = f.store.Read(f.index.Schema, func(snapshot store.Snapshot) error {
		rows = draw(read.graph.Linked(graph.LiveRows(snapshot.Blocks(f.index.Name))), some, 3)
		return nil
	})
	if err != nil {
		return false
	}
	stale, err := read.graph.Stale(rows, source)
	return err == nil && len(stale) == 0
}

func (f *follower) read(content io.Reader, size int64) (*current, error) {
	if size < 4 {
		return nil, errs.New(errs.InvalidInput, "a graph has no preface")
	}
	length := make([]byte, 4)
	if _, err := io.ReadFull(content, length); err != nil {
		return nil, errs.From(err)
	}
	bytes := int64(binary.LittleEndian.Uint32(length))
	if bytes > min(maxPreface, size-4) {
		return nil, errs.New(errs.InvalidInput, "a graph has a preface of %d bytes", bytes)
	}
	preface := make([]byte, bytes)
	if _, err := io.ReadFull(content, preface); err != nil {
		return nil, errs.From(err)
	}
	spans, measured, err := readPreface(preface)
	if err != nil {
		return nil, err
	}
	rows := 0
	for _, span := range spans {
		rows = max(rows, span.First+span.Rows)
	}
	made, err := graph.ReadFrom(content, size-4-bytes, rows, f.index.Graph.Workers)
	if err != nil {
		return nil, err
	}
	c := &current{graph: made, numbers: numbers{spans: spans}}
	c.widths.Store(measured)
	return c, nil
}

func appendPreface(into []byte, spans []store.Span, measured *widths) []byte {
	into = binary.AppendUvarint(append(into, prefaceFormat), uint64(len(spans)))
	for _, span := range spans {
		into = binary.AppendUvarint(into, uint64(span.ID))
		into = binary.AppendUvarint(into, uint64(span.First))
		into = binary.AppendUvarint(into, uint64(span.Rows))
	}
	if measured == nil {
		return append(into, 0)
	}
	into = binary.AppendUvarint(append(into, 1), uint64(measured.rows))
	into = binary.LittleEndian.AppendUint64(into, math.Float64bits(measured.recall))
	into = binary.AppendUvarint(into, uint64(measured.even))
	into = binary.AppendUvarint(into, uint64(len(measured.alone)))
	for _, width := range measured.alone {
		into = binary.AppendUvarint(into, uint64(width))
	}
	return into
}

// readPreface reads what appendPreface wrote, whatever else it may be.
func readPreface(preface []byte) (spans []store.Span, measured *widths, err error) {
	r := packed.NewReader(preface)
	if r.Byte() != prefaceFormat {
		return nil, nil, errs.New(errs.Unsupported, "a graph has a preface of another format")
	}
	spans = make([]store.Span, r.Count(3))
	until := uint64(0)
	for i := range spans {
		id, first, rows := r.Unsigned(math.MaxInt64), r.Unsigned(math.MaxUint32), r.Unsigned(math.MaxUint32)
		if first < until {
			r.Fail()
		}
		until = first + rows
		spans[i] = store.Span{ID: int64(id), First: int(first), Rows: int(rows)}
	}
	if r.Byte() == 1 {
		measured = &widths{rows: int(r.Unsigned(math.MaxUint32)), recall: math.Float64frombits(r.Word()), even: int(r.Unsigned(math.MaxInt32))}
		measured.alone = make([]int, r.Count(1))
		for i := range measured.alone {
			measured.alone[i] = int(r.Unsigned(math.MaxInt32))
		}
	}
	if !r.Ended() {
		return nil, nil, errs.New(errs.InvalidInput, "a graph has a preface that is damaged")
	}
	return spans, measured, nil
}

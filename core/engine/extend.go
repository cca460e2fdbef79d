package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/space"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/vector"
)

// extendBatch is how many rows are read, embedded and committed at a time.
const extendBatch = 256

// extending makes vectors for the rows of a schema that are stored already. Every commit leaves vectors that are whole, so that
// an attempt that ends early is gone on with.
type extending struct {
	engine *Engine
	inner  store.Store // with the vectors to be made beside the earlier ones
	table  *table
	stored described
	was    *tableLayout
	made   *arrangement // of the definition
	builds []vectorsBuild

	meter    *meter
	encoded  []space.Space       // that have to embed values
	chunked  map[string][]string // ids of chunks by that of their row
	failures []RowError
}

// run makes the vectors. What cannot be embedded is an error that names it, and then nothing changes for the store's readers.
func (x *extending) run(ctx context.Context, progress Progress) error {
	ids, err := x.missing()
	if err != nil || len(ids) == 0 {
		return err
	}
	for _, b := range x.builds {
		index := x.engine.indices[b.index]
		for i, part := range b.parts {
			if s := index.Spaces[i]; part.vectors == nil && len(s.Uses(x.table.schema.Name)) > 0 && !slices.Contains(x.encoded, s) {
				x.encoded = append(x.encoded, s)
			}
		}
	}
	x.meter = newMeter(progress, len(ids))
	for batch := range slices.Chunk(ids, extendBatch) {
		if err := ctx.Err(); err != nil {
			return err
		}
		x.meter.begin(len(batch), len(batch)*len(x.encoded))
		if err := x.extend(ctx, batch); err != nil {
			return err
		}
		x.meter.end()
	}
	return x.refusal()
}

// missing gives the ids of rows without one of the vectors, and notes chunks.
func (x *extending) missing() (ids []string, err error) {
	x.chunked = map[string][]string{}
	err = x.inner.Read(x.table.schema.Name, func(snapshot store.Snapshot) error {
		var done []vector.Bitmap
		for _, b := range x.builds {
			done = append(done, rowsOf(snapshot.Blocks(b.name), len(snapshot.Live())))
		}
		for id := range snapshot.IDs() {
			number, ok := snapshot.Number(id)
			if !ok {
				continue
			}
			if origin := snapshot.Origin(number); origin != "" {
				x.chunked[origin] = append(x.chunked[origin], id)
				continue
			}
			if slices.ContainsFunc(done, func(rows vector.Bitmap) bool { return !rows.Has(number) }) {
				ids = append(ids, id)
			}
		}
		return nil
	})
	slices.Sort(ids)
	for _, chunks := range x.chunked {
		slices.Sort(chunks)
	}
	return ids, err
}

// rowsOf gives the rows that have a vector in blocks.
func rowsOf(blocks []vector.Block, words int) vector.Bitmap {
	rows := make(vector.Bitmap, words)
	for _, block := range blocks {
		for i := range block.Rows {
			if block.Live == nil || vector.Bitmap(block.Live).Has(i) {
				rows.Add(block.First + i)
			}
		}
	}
	return rows
}

// extendedRow is a stored row on its way.
type extendedRow struct {
	staged  *stagedRow
	parts   map[*vectorsLayout][]float32 // stored vectors, by where they lie
	history storedHistory
	chunks  []storedChunk
}

// storedChunk is a chunk with its vectors by their names.
type storedChunk struct {
	id      string
	vectors map[string][]float32
}

func (x *extending) extend(ctx context.Context, ids []string) error {
	rows, err := x.read(ids)
	if err != nil {
		return err
	}
	if rows, err = x.fetch(ctx, rows); err != nil {
		return err
	}
	encodings := map[space.Space]*space.Encoding{}
	staged := make([]*stagedRow, len(rows))
	for i, row := range rows {
		staged[i] = row.staged
	}
	now := x.engine.now()
	for _, s := range x.encoded {
		encodings[s], err = s.Encode(ctx, x.table.schema.Name, rowSet{x.table.schema, staged, now}, x.meter.step)
		if err != nil {
			return err
		}
		for _, failure := range encodings[s].Failures {
			x.fail(rows[failure.Row], failure.Field, failure.Err)
		}
	}
	var changes []store.Change
	for i, row := range rows {
		if row.staged.refused {
			continue
		}
		change, err := x.change(i, row, encodings, now)
		if err != nil {
			return err
		}
		changes = append(changes, change)
	}
	_, err = x.inner.Commit(x.table.schema.Name, changes)
	return err
}

func (x *extending) fail(row *extendedRow, field string, err error) {
	reason := errs.From(err)
	x.failures = append(x.failures, RowError{ID: row.staged.id, Field: field, Status: reason.Status, Reason: reason.Error()})
	row.staged.refused = true
}

// change makes the vectors of a row.
func (x *extending) change(i int, row *extendedRow, encodings map[space.Space]*space.Encoding, now int64) (store.Change, error) {
	change := store.Change{ID: row.staged.id, Values: make([]schema.Value, x.made.places), Vectors: map[string][]float32{}, KeepChunks: true}
	change.Values[x.made.fields[x.table.schema.IDPosition()]] = schema.TextValue(row.staged.id)
	history := row.history
	for _, b := range x.builds {
		index := x.engine.indices[b.index]
		parts := x.parts(b, i, row, encodings)
		values := make([]float32, index.Dimension())
		index.Compose(parts, values)
		x.extendChunks(b, i, row, parts, encodings)
		if past := row.history[b.inherits]; b.inherits != "" && past != nil {
			moved := &storedIndexHistory{own: map[int]vector.Vector{}, pasts: past.pasts}
			for position, own := range past.own {
				moved.own[b.moved[position]] = own
			}
			if history == nil {
				history = storedHistory{}
			}
			history[b.name] = moved
			if err := x.writeEvents(b, history, values, now); err != nil {
				return store.Change{}, err
			}
		}
		change.Vectors[b.name] = values
	}
	if history != nil {
		change.History = appendHistory(nil, history)
	}
	if row.chunks != nil {
		change.KeepChunks = false
		for _, chunk := range row.chunks {
			change.Chunks = append(change.Chunks, store.Chunk{ID: chunk.id, Vectors: chunk.vectors})
		}
	}
	return change, nil
}

// refusal is the error for rows that could not be embedded.
func (x *extending) refusal() error {
	if len(x.failures) == 0 {
		return nil
	}
	const most = 5
	lines := make([]string, 0, most+1)
	for _, failure := range x.failures[:min(most, len(x.failures))] {
		lines = append(lines, fmt.Sprintf("%q, field %s: %s", failure.ID, failure.Field, failure.Reason))
	}
	if more := len(x.failures) - most; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return errs.New(x.failures[0].Status, "%d %s of %s cannot be embedded for what the definition adds: %s. The store is as it was; the other rows are ready. Make those pictures reachable, or delete these rows with the earlier definition, then open the store again",
		len(x.failures), plural(len(x.failures), "value", "values"), x.table.schema.Name, strings.Join(lines, "; "))
}

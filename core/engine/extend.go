package engine

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/blob"
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

// read takes rows out of the store.
func (x *extending) read(ids []string) (rows []*extendedRow, err error) {
	err = x.inner.Read(x.table.schema.Name, func(snapshot store.Snapshot) error {
		for _, id := range ids {
			found, ok := snapshot.Find(id)
			number, _ := snapshot.Number(id)
			if !ok {
				continue
			}
			row := &extendedRow{parts: map[*vectorsLayout][]float32{}}
			row.staged = &stagedRow{id: id, given: slices.Clone(x.made.values(found.Values)), contents: make([]blob.Content, len(x.table.schema.Fields))}
			if len(row.staged.given) < len(x.table.schema.Fields) {
				row.staged.given = append(row.staged.given, make([]schema.Value, len(x.table.schema.Fields)-len(row.staged.given))...)
			}
			if kept, _ := found.History.([]byte); len(kept) > 0 {
				if row.history, err = readHistory(kept); err != nil {
					return err
				}
			}
			for i := range x.was.Vectors {
				layout := &x.was.Vectors[i]
				row.parts[layout] = slices.Clone(snapshot.Vector(layout.Name, number))
			}
			for _, chunk := range x.chunked[id] {
				row.chunks = append(row.chunks, x.readChunk(snapshot, chunk))
			}
			rows = append(rows, row)
		}
		return nil
	})
	return rows, err
}

// readChunk takes a chunk with the vectors that it has.
func (x *extending) readChunk(snapshot store.Snapshot, id string) storedChunk {
	chunk := storedChunk{id: id, vectors: map[string][]float32{}}
	number, ok := snapshot.Number(id)
	if !ok {
		return chunk
	}
	for i := range x.was.Vectors {
		name := x.was.Vectors[i].Name
		if has(snapshot.Blocks(name), number) {
			chunk.vectors[name] = slices.Clone(snapshot.Vector(name, number))
		}
	}
	return chunk
}

func has(blocks []vector.Block, row int) bool {
	for _, block := range blocks {
		if i := row - block.First; i >= 0 && i < block.Rows {
			return block.Live == nil || vector.Bitmap(block.Live).Has(i)
		}
	}
	return false
}

// fetch gets the pictures that the spaces embed, and leaves out rows whose pictures cannot be had.
func (x *extending) fetch(ctx context.Context, rows []*extendedRow) ([]*extendedRow, error) {
	read := map[string]bool{}
	for _, s := range x.encoded {
		for _, use := range s.Uses(x.table.schema.Name) {
			read[use.Field] = true
		}
	}
	var pictures []elsewhere
	for position, field := range x.table.schema.Fields {
		for _, row := range rows {
			if value := &row.staged.given[position]; read[field.Name] && isElsewhere(*value, field.Type) {
				pictures = append(pictures, elsewhere{value, func(err error) { x.fail(row, field.Name, err) }})
			}
		}
	}
	if err := x.engine.fetchAll(ctx, pictures); err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(row *extendedRow) bool { return row.staged.refused })
	for position, field := range x.table.schema.Fields {
		if field.Type != schema.Blob {
			continue
		}
		for _, row := range rows {
			row.staged.contents[position] = blob.Content{Encoded: row.staged.given[position].Blob, Origin: "the stored picture"}
		}
	}
	return rows, nil
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

// parts are the row's own vectors in the spaces of an index.
func (x *extending) parts(b vectorsBuild, i int, row *extendedRow, encodings map[space.Space]*space.Encoding) []vector.Vector {
	spaces := x.engine.indices[b.index].Spaces
	parts := make([]vector.Vector, len(spaces))
	for position, s := range spaces {
		source := b.parts[position]
		switch {
		case source.vectors != nil:
			parts[position] = x.storedPart(row.parts[source.vectors], source, s)
			if past := row.history[source.vectors.Name]; past != nil {
				if own, ok := past.own[source.space]; ok {
					parts[position] = own
				}
			}
		case encodings[s] != nil:
			parts[position] = encodings[s].Vectors[i]
		default:
			parts[position] = s.Missing()
		}
	}
	return parts
}

// storedPart turns the part of a stored vector back into the vector that the space made, as space.Index.Stored does.
func (x *extending) storedPart(values []float32, source partSource, s space.Space) vector.Vector {
	part := slices.Clone(source.vectors.part(values, source.space))
	stored := vector.Vector{Values: part, Protected: s.Protected(part)}
	if n := len(source.vectors.Parts); n > 1 {
		stored = stored.Scale(math.Sqrt(float64(n)))
	}
	return stored
}

// writeEvents puts the events of a row into its new vector.
func (x *extending) writeEvents(b vectorsBuild, history storedHistory, values []float32, now int64) error {
	kept, err := x.made.history(appendHistory(nil, history))
	if err != nil {
		return err
	}
	index := x.engine.indices[b.index]
	for i := range x.engine.effects {
		if in := &x.engine.effects[i]; in.index == index && kept[index.Name] != nil {
			return kept[index.Name].write(in, values, now)
		}
	}
	return nil
}

// extendChunks gives the chunks of a row their vectors in an index, and adds those of texts that were cut just now.
func (x *extending) extendChunks(b vectorsBuild, i int, row *extendedRow, parts []vector.Vector, encodings map[space.Space]*space.Encoding) {
	index := x.engine.indices[b.index]
	compose := func(position int, part vector.Vector) []float32 {
		own := slices.Clone(parts)
		own[position] = part
		values := make([]float32, index.Dimension())
		index.Compose(own, values)
		return values
	}
	for _, chunk := range row.chunks {
		for position, source := range b.parts {
			values := chunk.vectors[nameOf(source)]
			if values == nil || !x.cuts(source) {
				continue
			}
			part := x.storedPart(values, source, index.Spaces[position])
			if !slices.Equal(part.Values, parts[position].Values) || x.cutting(source.vectors) == 1 {
				chunk.vectors[b.name] = compose(position, part)
			}
		}
	}
	for position, s := range index.Spaces {
		if encodings[s] == nil || b.parts[position].vectors != nil {
			continue
		}
		number := 0
		for _, piece := range encodings[s].Chunks {
			if piece.Row != i {
				continue
			}
			id := chunkID(x.table.schema.Name, fmt.Sprintf("%s\x00%s", row.staged.id, s.Name()), number)
			number++
			at := slices.IndexFunc(row.chunks, func(chunk storedChunk) bool { return chunk.id == id })
			if at < 0 {
				at = len(row.chunks)
				row.chunks = append(row.chunks, storedChunk{id: id, vectors: map[string][]float32{}})
			}
			row.chunks[at].vectors[b.name] = compose(position, piece.Vector)
		}
	}
}

func nameOf(source partSource) string {
	if source.vectors == nil {
		return ""
	}
	return source.vectors.Name
}

// cuts says whether the stored space of a part cuts the texts of the schema.
func (x *extending) cuts(source partSource) bool {
	i := x.stored.indexPosition(source.vectors.Index)
	position := x.stored.indices[i].spaces[source.space]
	entry, _ := entryOf(x.stored.space(position)["fields"], x.table.schema.Name).(map[string]any)
	return entry["chunk"] != nil
}

// cutting counts the spaces of stored vectors that cut texts.
func (x *extending) cutting(vectors *vectorsLayout) (n int) {
	for position := range vectors.Parts {
		if x.cuts(partSource{vectors, position}) {
			n++
		}
	}
	return n
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

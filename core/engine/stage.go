package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/imaging"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/space"
	"github.com/innerspace/innerspace/core/store"
)

const (
	missingID = "The mandatory id field has missing or has invalid type values in the input object."
	// resolving images is mostly waiting for files and servers; each may hold max_blob_bytes
	resolveWorkers = 8
)

// read takes rows, ids and texts out of a batch, and merges what the caller and the stream could not read.
func (p *putting) read(batch *schema.Batch, refused []RowError) []*stagedRow {
	fields := p.table.schema.Fields
	rows := make([]*stagedRow, batch.Rows)
	for i := range rows {
		rows[i] = &stagedRow{
			position: p.position + i, given: make([]schema.Value, len(fields)), contents: make([]blob.Content, len(fields)),
		}
	}
	p.position += batch.Rows
	p.found.report.Rows = p.position
	for _, name := range batch.Ignored {
		p.found.ignored[name] = true
	}
	for c := range batch.Columns {
		column := &batch.Columns[c]
		position := p.table.schema.Position(column.Name)
		switch {
		case position < 0:
			p.found.ignored[column.Name] = true
		case fields[position].Type != schema.Blob:
			for i, row := range rows {
				row.given[position] = column.Value(fields[position].Type, i)
			}
		}
	}
	unread := map[int][]RowError{}
	for _, failure := range refused {
		unread[failure.Row] = append(unread[failure.Row], failure)
	}
	idPosition := p.table.schema.IDPosition()
	for i, row := range rows {
		row.id = row.given[idPosition].Text
		for _, reject := range p.rejects[row.position] {
			p.refuse(row, reject.Field, reject.Status, reject.Reason)
		}
		for _, failure := range unread[i] {
			p.refuse(row, failure.Field, failure.Status, failure.Reason)
		}
		if strings.TrimSpace(row.id) == "" {
			row.id = ""
			p.refuse(row, fields[idPosition].Name, errs.InvalidInput, missingID)
		}
		for position, field := range fields {
			if x, bad := row.given[position].NotFinite(field.Type); bad {
				p.refuse(row, field.Name, errs.InvalidInput, fmt.Sprintf("the value %v is not a finite number; leave it out where there is none", x))
			}
		}
	}
	return rows
}

// refuse reports a bad value and takes it out of its row. The row itself is lost too, unless nulls were
// asked for and it still has an id.
func (p *putting) refuse(row *stagedRow, field string, status errs.Status, reason string) {
	p.found.refuse(RowError{Row: row.position, ID: row.id, Field: field, Status: status, Reason: reason})
	position := p.table.schema.Position(field)
	if position >= 0 {
		row.take(position)
	}
	if p.options.OnError != Null || position == p.table.schema.IDPosition() {
		row.refused = true
	}
}

// resolve fetches the images of a batch, a few at the same time.
func (p *putting) resolve(ctx context.Context, batch *schema.Batch, rows []*stagedRow) error {
	type task struct{ row, position, column int }
	type failure struct {
		task
		err error
	}
	tasks := make(chan task)
	var failures []failure
	var mu sync.Mutex
	var group sync.WaitGroup
	for range min(resolveWorkers, len(rows)) {
		group.Go(func() {
			for t := range tasks {
				var content blob.Content
				var value schema.Value
				err := errs.Contain("reading the picture", func() (err error) {
					content, value, err = p.content(ctx, batch.Columns[t.column].Blobs[t.row], t.position)
					return err
				})
				if err != nil {
					mu.Lock()
					failures = append(failures, failure{t, err})
					mu.Unlock()
				} else {
					rows[t.row].given[t.position] = value
					rows[t.row].contents[t.position] = content
				}
				p.meter.step(1)
			}
		})
	}
	for c, column := range batch.Columns {
		position := p.table.schema.Position(column.Name)
		if position < 0 || p.table.schema.Fields[position].Type != schema.Blob {
			continue
		}
		for i := range rows {
			if column.Null[i] || p.found.seen[place{rows[i].position, column.Name}] {
				continue
			}
			if ctx.Err() != nil {
				break
			}
			tasks <- task{i, position, c}
		}
	}
	close(tasks)
	group.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, f := range failures {
		reason := errs.From(f.err)
		p.refuse(rows[f.row], batch.Columns[f.column].Name, reason.Status, reason.Error())
	}
	return nil
}

// content resolves an image, and gives what is to be kept: the original bytes, a PNG where there never were any, or where the image lies.
func (p *putting) content(ctx context.Context, given blob.Value, position int) (blob.Content, schema.Value, error) {
	content, err := p.engine.resolver.Resolve(ctx, given)
	switch {
	case err != nil:
		return content, schema.Value{}, err
	case p.engine.options.Store.Images == ReferenceImages && !slices.Contains(p.table.unstored, position):
		value, err := referenceTo(content)
		return content, value, err
	case content.Pixels == nil:
		return content, schema.BlobValue(content.Encoded), nil
	}
	pixels := content.Pixels
	encoded, err := imaging.EncodePNG(pixels.Mode, pixels.Width, pixels.Height, pixels.Data)
	return content, schema.BlobValue(encoded), err
}

// fill adds the stored values of rows that are put again.
func (p *putting) fill(ctx context.Context, rows []*stagedRow) error {
	err := p.engine.store.Read(p.table.schema.Name, func(snapshot store.Snapshot) error {
		for _, row := range rows {
			row.stored, row.version = nil, 0
			if found, ok := snapshot.Find(row.id); ok {
				row.stored, row.version = append([]schema.Value(nil), found.Values...), found.Version
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.fetchStored(ctx, rows)
}

// demand refuses rows without a value that they must have.
func (p *putting) demand(rows []*stagedRow) {
	for position, field := range p.table.schema.Fields {
		needed, indexed := p.table.needs[field.Name], p.table.indexed[field.Name]
		if field.Optional || field.Type == schema.ID || !needed && !indexed {
			continue
		}
		for _, row := range rows {
			switch {
			case row.has(position) || row.id == "":
			case needed:
				p.refuse(row, field.Name, errs.InvalidInput, "The SchemaField "+p.table.schema.Name+"."+field.Name+" was not supplied in "+
					"the input data. If you want to ingest missing data for this field, make it optional.")
			default:
				p.refuse(row, field.Name, errs.InvalidInput, "Message with id '"+row.id+"' is missing mandatory index fields: "+field.Name+".")
			}
		}
	}
}

// encode makes the vectors of rows. Values that a space cannot use are taken out of their rows, and the rows that
// are kept nevertheless are encoded again without them, in every space.
func (p *putting) encode(ctx context.Context, rows []*stagedRow) error {
	for len(rows) > 0 {
		set := rowSet{p.table.schema, rows, p.now}
		encodings := make([]*space.Encoding, len(p.table.spaces))
		again := map[*stagedRow]bool{}
		for i, s := range p.table.spaces {
			encoding, err := s.Encode(ctx, p.table.schema.Name, set, p.meter.step)
			if err != nil {
				return err
			}
			encodings[i] = encoding
		}
		for _, encoding := range encodings {
			for _, failure := range encoding.Failures {
				row, reason := rows[failure.Row], errs.From(failure.Err)
				p.refuse(row, failure.Field, reason.Status, reason.Error())
				again[row] = true
			}
			for _, cut := range encoding.Truncated {
				row := rows[cut.Row]
				p.found.report.Truncated = append(p.found.report.Truncated,
					TruncatedText{Row: row.position, ID: row.id, Field: cut.Field, Tokens: cut.Tokens, Limit: cut.Limit})
			}
		}
		p.compose(rows, encodings)
		var left []*stagedRow
		for _, row := range rows {
			if again[row] && !row.refused {
				left = append(left, row)
			}
		}
		rows = left
	}
	return nil
}

package engine

import (
	"context"
	"slices"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
)

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

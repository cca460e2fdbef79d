package engine

import (
	"slices"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/space"
)

// leaveOut finds the fields that need not be kept: every index that can be searched for the schema leaves them
// out, and none lists them for filters.
func (t *table) leaveOut(d *definition) {
	for position, field := range t.schema.Fields {
		excluded := len(t.indices) > 0 && field.Type != schema.ID
		for _, definition := range d.indices {
			if !slices.ContainsFunc(t.indices, func(index *space.Index) bool { return index.Name == definition.name }) {
				continue
			}
			if !definition.excluded[t.schema.Name][field.Name] || definition.fields[t.schema.Name][field.Name] {
				excluded = false
			}
		}
		if excluded {
			t.unstored = append(t.unstored, position)
		}
	}
}

// kept are the values of a row that are to be stored.
func (t *table) kept(values []schema.Value) []schema.Value {
	if t.unstored == nil {
		return values
	}
	kept := slices.Clone(values)
	for _, position := range t.unstored {
		kept[position] = schema.Value{}
	}
	return kept
}

// demandUnstored refuses to merge rows without a value that a space reads and that is not stored.
func (p *putting) demandUnstored(rows []*stagedRow) {
	for _, position := range p.table.unstored {
		field := p.table.schema.Fields[position]
		if !p.table.uses[field.Name] {
			continue
		}
		for _, row := range rows {
			if row.version != 0 && !row.given[position].Present {
				p.refuse(row, field.Name, errs.InvalidInput,
					"the field is not stored, so it cannot be merged; give its value, or put the row with partial reset")
			}
		}
	}
}

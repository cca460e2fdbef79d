package engine

import (
	"slices"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
)

// leaveOut finds the fields that need not be kept.
func (t *table) leaveOut(d *definition) {
	names := make([]string, len(t.indices))
	for i, index := range t.indices {
		names[i] = index.Name
	}
	t.unstored = d.leftOut(t.schema, names)
}

// leftOut are the positions of the fields of a schema that every index that can be searched for it leaves out, and none lists for filters.
func (d *definition) leftOut(of *schema.Schema, searched []string) (positions []int) {
	for position, field := range of.Fields {
		excluded := len(searched) > 0 && field.Type != schema.ID
		for _, definition := range d.indices {
			if !slices.Contains(searched, definition.name) {
				continue
			}
			if !definition.excluded[of.Name][field.Name] || definition.fields[of.Name][field.Name] {
				excluded = false
			}
		}
		if excluded {
			positions = append(positions, position)
		}
	}
	return positions
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

package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/schema"
)

// plan leads from what a store has to what a definition wants.
type plan struct {
	target *manifest // the definition's, with its tables
	builds []vectorsBuild
	// removed names vectors that nobody wants any more, by schema.
	removed map[string][]string
	// added and dropped say in words what will have changed.
	added, dropped []string
	// parts are the lengths of the parts of the vectors of the indices of the definition.
	parts [][]int
}

// vectorsBuild is vectors to be made for the rows that are there.
type vectorsBuild struct {
	schema string
	index  int    // position in the definition
	name   string // of the vectors in the store
	parts  []partSource
	// inherits names the stored vectors in which events changed rows, as they do in these; "" for none.
	inherits string
	moved    map[int]int // position of a space here by that in the vectors inherited from
}

// partSource says where the part of a space comes from: from stored vectors, else from the values of the row.
type partSource struct {
	vectors *vectorsLayout // nil for none
	space   int            // position in their index
}

// planFor finds what leads from a stored definition to one that checkSame allows, the vectors of whose indices have parts of the given
// lengths.
func planFor(stored, given described, parts [][]int) *plan {
	target := *given.manifest
	target.Vectors, target.Tables, target.Pending, target.Lost = stored.Vectors, nil, nil, stored.Lost
	p := &plan{target: &target, removed: map[string][]string{}, parts: parts}
	var pending *described
	if stored.Pending != nil {
		target.Vectors = max(target.Vectors, stored.Pending.Vectors)
		// One that was written by another version is started anew.
		if d, err := stored.Pending.describe(); err == nil {
			pending = &d
		}
	}
	for _, s := range given.schemas {
		target.Tables = append(target.Tables, p.table(stored, given, pending, s))
	}
	return p
}

// table lays out the rows of a schema.
func (p *plan) table(stored, given described, pending *described, of *schema.Schema) tableLayout {
	layout := tableLayout{Schema: of.Name, Fields: []string{}, Vectors: []vectorsLayout{}}
	was := stored.table(of.Name)
	if was == nil {
		was = &tableLayout{}
		if stored.Tables != nil {
			p.added = append(p.added, "the schema "+of.Name+" was added")
		}
	}
	layout.Fields = append(layout.Fields, was.Fields...)
	for _, field := range of.Fields {
		if !slices.Contains(layout.Fields, field.Name) {
			layout.Fields = append(layout.Fields, field.Name)
			if len(was.Fields) > 0 {
				p.added = append(p.added, fmt.Sprintf("the field %s.%s was added: rows put before have no value", of.Name, field.Name))
			}
		}
	}
	taken := map[string]bool{}
	for i, index := range given.indices {
		if !given.searches(of.Name, i) {
			continue
		}
		vectors := vectorsLayout{Index: index.name, Parts: p.parts[i]}
		if same := matching(stored, given, was, taken, of.Name, i); same != "" {
			vectors.Name, taken[same] = same, true
		} else if was.Fields == nil {
			vectors.Name = p.newName()
		} else {
			vectors.Name = p.build(stored, given, pending, was, of.Name, i)
		}
		layout.Vectors = append(layout.Vectors, vectors)
	}
	for _, vectors := range was.Vectors {
		if taken[vectors.Name] {
			continue
		}
		p.removed[of.Name] = append(p.removed[of.Name], vectors.Name)
		if i := stored.indexPosition(vectors.Index); i >= 0 && !given.covers(stored.parts(of.Name, i), of.Name) {
			p.dropped = append(p.dropped, fmt.Sprintf("the index %s was removed from the rows of %s, since the definition does not have it", vectors.Index, of.Name))
		}
	}
	return layout
}

func (p *plan) newName() string {
	p.target.Vectors++
	return fmt.Sprintf("vectors-%d", p.target.Vectors)
}

// matching finds stored vectors that are just what an index of the definition wants, first those under its name.
func matching(stored, given described, was *tableLayout, taken map[string]bool, of string, index int) string {
	found := ""
	for _, vectors := range was.Vectors {
		i := stored.indexPosition(vectors.Index)
		if i < 0 || taken[vectors.Name] || !slices.Equal(stored.parts(of, i), given.parts(of, index)) {
			continue
		}
		if effects := stored.effectsOn(of, i); effects != "" && effects != given.effectsOn(of, index) {
			continue
		}
		if vectors.Index == given.indices[index].name {
			return vectors.Name
		}
		if found == "" {
			found = vectors.Name
		}
	}
	return found
}

// build plans the vectors of an index that the store does not have, or only in part.
func (p *plan) build(stored, given described, pending *described, was *tableLayout, of string, index int) string {
	made := vectorsBuild{schema: of, index: index, parts: make([]partSource, len(given.indices[index].spaces))}
	var embedded []string
	for i, part := range given.parts(of, index) {
		made.parts[i] = sourceOf(stored, was, of, part)
		if s := given.spaceOf(index, i); made.parts[i].vectors == nil && len(s.Uses(of)) > 0 {
			embedded = append(embedded, s.Name())
		}
	}
	made.inherit(stored, given, was)
	if pending != nil {
		made.name = begun(*pending, given, was, of, index)
	}
	if made.name == "" {
		made.name = p.newName()
	}
	p.builds = append(p.builds, made)
	change := fmt.Sprintf("the index %s was made for the rows of %s, from stored vectors", given.indices[index].name, of)
	if embedded != nil {
		change = fmt.Sprintf("the index %s was made for the rows of %s; embedded anew: %s", given.indices[index].name, of, strings.Join(embedded, ", "))
	}
	p.added = append(p.added, change)
	return made.name
}

// inherit finds the vectors whose events go on in these.
func (b *vectorsBuild) inherit(stored, given described, was *tableLayout) {
	parts := given.parts(b.schema, b.index)
	for _, vectors := range was.Vectors {
		i := stored.indexPosition(vectors.Index)
		if i < 0 || stored.effectsOn(b.schema, i) == "" || heir(stored, given, i, b.schema) != b.index {
			continue
		}
		b.inherits, b.moved = vectors.Name, map[int]int{}
		for position, part := range stored.parts(b.schema, i) {
			b.moved[position] = slices.Index(parts, part)
		}
		return
	}
}

// sourceOf finds stored vectors that have the part of a space, best those of an index of this space alone: they are as they were made,
// while those of several spaces were divided by the root of their number.
func sourceOf(stored described, was *tableLayout, of, part string) (source partSource) {
	fewest := 0
	for v := range was.Vectors {
		vectors := &was.Vectors[v]
		i := stored.indexPosition(vectors.Index)
		if i < 0 {
			continue
		}
		parts := stored.parts(of, i)
		if at := slices.Index(parts, part); at >= 0 && (fewest == 0 || len(parts) < fewest) {
			source, fewest = partSource{vectors, at}, len(parts)
		}
	}
	return source
}

// begun finds vectors of an earlier attempt that are what an index wants.
func begun(pending, given described, was *tableLayout, of string, index int) string {
	table := pending.table(of)
	if table == nil {
		return ""
	}
	for _, vectors := range table.Vectors {
		i := pending.indexPosition(vectors.Index)
		stored := slices.ContainsFunc(was.Vectors, func(other vectorsLayout) bool { return other.Name == vectors.Name })
		if i < 0 || stored || !slices.Equal(pending.parts(of, i), given.parts(of, index)) || pending.effectsOn(of, i) != given.effectsOn(of, index) {
			continue
		}
		return vectors.Name
	}
	return ""
}

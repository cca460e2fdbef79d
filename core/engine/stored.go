package engine

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/disk"
)

// manifestName is where a store keeps its manifest.
const manifestName = "definition"

// openStore makes an empty store in memory, or opens the one that the options name, which is made where there is none. A store that was made with
// another definition is extended, or refused with InvalidInput and in words (checkSame).
func (e *Engine) openStore(ctx context.Context, text []byte, d *definition, made *parts) error {
	options := d.options.Store
	if options.Path == "" {
		var tables []store.Table
		for _, t := range e.tables {
			description := store.Table{Schema: t.schema.Name, Fields: len(t.schema.Fields), Index: map[string]int{}}
			for _, index := range t.indices {
				description.Index[index.Name] = index.Dimension()
			}
			tables = append(tables, description)
		}
		e.store = store.NewMemory(tables)
		return nil
	}
	opened, err := disk.Open(options.Path, disk.Options{
		ReadOnly: options.ReadOnly, Durability: disk.Durability(options.Durability), History: historyBytes{}, FileSystem: made.files,
	})
	if err != nil {
		return err
	}
	o := opening{engine: e, disk: opened, readOnly: options.ReadOnly, progress: made.progress}
	if err := o.run(ctx, text, d); err != nil {
		_ = opened.Close() // why the store cannot be used matters more
		return err
	}
	return nil
}

// historyBytes are histories as they are: bytes, which the arranged store makes and reads.
type historyBytes struct{}

// Encode implements disk.Codec.
func (historyBytes) Encode(history any) ([]byte, error) {
	text, _ := history.([]byte)
	return text, nil
}

// Decode implements disk.Codec.
func (historyBytes) Decode(data []byte) (any, error) { return data, nil }

// durable is the store on disk of an engine.
type durable struct {
	*disk.Store
	added, removed []string // by opening it, in words
}

// opening is the opening of a store on disk.
type opening struct {
	engine        *Engine
	disk          *disk.Store
	readOnly      bool
	progress      Progress
	stored, given described
	text          []byte // the manifest that is stored; nil for a new store
}

func (o *opening) run(ctx context.Context, text []byte, d *definition) (err error) {
	if err := o.compare(text, d); err != nil {
		return err
	}
	parts := make([][]int, len(o.engine.indices))
	for i, index := range o.engine.indices {
		for _, s := range index.Spaces {
			parts[i] = append(parts[i], s.Dimension())
		}
	}
	p := planFor(o.stored, o.given, parts)
	if o.readOnly {
		if len(p.added) > 0 {
			return errs.New(errs.InvalidState, "the store %s is open for reading only, and the definition adds to it: %s. Open it once for writing with this definition",
				o.disk.Path(), strings.Join(p.added, "; "))
		}
	} else if err := o.extend(ctx, p); err != nil {
		return err
	}
	arranged := &arrangedStore{Store: o.disk, graphs: o.disk, tables: map[string]*arrangement{}}
	for _, s := range o.given.schemas {
		arranged.tables[s.Name] = o.arrange(p.target, s)
	}
	o.engine.store, o.engine.durable = arranged, &durable{Store: o.disk, added: p.added}
	if o.readOnly {
		return nil
	}
	o.engine.durable.removed = p.dropped
	return o.remake(ctx, p.target)
}

// extend makes the store what the definition wants. Until the last step, one commit, it is what it was.
func (o *opening) extend(ctx context.Context, p *plan) error {
	if len(p.builds) > 0 {
		if err := o.checkKept(p); err != nil {
			return err
		}
		pending := *o.stored.manifest
		pending.Pending = p.target
		if err := o.define(&pending, p.target.Tables, o.stored.Tables); err != nil {
			return err
		}
		for _, s := range o.given.schemas {
			if err := o.build(ctx, p, s); err != nil {
				return err
			}
		}
	}
	written, err := p.target.write()
	if err != nil || bytes.Equal(written, o.text) {
		return err
	}
	if err := o.define(p.target, p.target.Tables); err != nil {
		return err
	}
	if len(p.removed) == 0 && o.stored.Pending == nil {
		return nil
	}
	return o.removeOrphans()
}

// define makes the tables of the store those of layouts, all indices of which they have, and stores a manifest, as one commit.
func (o *opening) define(m *manifest, layouts ...[]tableLayout) error {
	text, err := m.write()
	if err != nil {
		return err
	}
	var tables []store.Table
	for _, layout := range slices.Concat(layouts...) {
		at := slices.IndexFunc(tables, func(t store.Table) bool { return t.Schema == layout.Schema })
		if at < 0 {
			at = len(tables)
			tables = append(tables, store.Table{Schema: layout.Schema, Index: map[string]int{}})
		}
		tables[at].Fields = max(tables[at].Fields, len(layout.Fields))
		for _, vectors := range layout.Vectors {
			tables[at].Index[vectors.Name] = vectors.dimension()
		}
	}
	return o.disk.Define(tables, map[string][]byte{manifestName: text})
}

// build makes the vectors that a plan adds to the rows of a schema.
func (o *opening) build(ctx context.Context, p *plan, of *schema.Schema) error {
	t, err := o.engine.table(of.Name)
	if err != nil {
		return err
	}
	x := extending{engine: o.engine, inner: o.disk, table: t, stored: o.stored, was: o.stored.table(of.Name), made: o.arrange(p.target, of)}
	for _, b := range p.builds {
		if b.schema == of.Name {
			x.builds = append(x.builds, b)
		}
	}
	if x.builds == nil {
		return nil
	}
	return x.run(ctx, o.progress)
}

// checkKept refuses to embed fields that the store was told not to keep.
func (o *opening) checkKept(p *plan) error {
	for _, b := range p.builds {
		of, ok := o.stored.schema(b.schema)
		if !ok {
			continue
		}
		for i, part := range b.parts {
			if part.vectors != nil {
				continue
			}
			s := o.given.spaceOf(b.index, i)
			for _, use := range s.Uses(b.schema) {
				if position := of.Position(use.Field); position >= 0 && slices.Contains(o.stored.unstored(of), position) {
					return errs.New(errs.InvalidInput, "the space %s cannot be added: it reads %s.%s, which the store was told not to keep (fields_to_exclude). Put the rows into a new store",
						s.Name(), b.schema, use.Field)
				}
			}
		}
	}
	return nil
}

// removeOrphans deletes chunks that can be found in no index any more.
func (o *opening) removeOrphans() error {
	tables, err := o.disk.Tables()
	if err != nil {
		return err
	}
	for _, t := range tables {
		var orphans []string
		err := o.disk.Read(t.Schema, func(snapshot store.Snapshot) error {
			if snapshot.Chunks() == 0 {
				return nil
			}
			for id := range snapshot.IDs() {
				number, ok := snapshot.Number(id)
				if !ok || snapshot.Origin(number) == "" {
					continue
				}
				found := false
				for name := range t.Index {
					found = found || has(snapshot.Blocks(name), number)
				}
				if !found {
					orphans = append(orphans, id)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if orphans == nil {
			continue
		}
		if _, _, err := o.disk.Delete(t.Schema, orphans); err != nil {
			return err
		}
	}
	return nil
}

// arrange says where the rows of a schema lie.
func (o *opening) arrange(m *manifest, of *schema.Schema) *arrangement {
	layout := m.table(of.Name)
	a := newArrangement(of, layout)
	for _, vectors := range layout.Vectors {
		i := o.given.indexPosition(vectors.Index)
		if groups := o.given.groupsOn(of.Name, i); len(groups) > 0 {
			history := historyArrangement{index: vectors.Index, name: vectors.Name, groups: groups, all: len(o.given.indices[i].effects.groups), parts: vectors.Parts}
			for _, group := range groups {
				history.spaces = append(history.spaces, o.given.indices[i].effects.groups[group].Space)
			}
			a.histories = append(a.histories, history)
		}
	}
	return a
}

func (e *Engine) describeStore() *StoreDescription {
	if e.durable == nil {
		return nil
	}
	options := e.options.Store
	described := &StoreDescription{
		Path: e.durable.Path(), Durability: options.Durability, ReadOnly: options.ReadOnly, Images: options.Images,
		Added: []string{}, Removed: []string{},
	}
	described.Added = append(described.Added, e.durable.added...)
	described.Removed = append(described.Removed, e.durable.removed...)
	return described
}

// checkWritable refuses to change a store that was opened for reading only.
func (e *Engine) checkWritable() error {
	if e.durable != nil && e.options.Store.ReadOnly {
		return errs.New(errs.InvalidState, "the store %s was opened for reading only; open it without read_only to change it", e.durable.Path())
	}
	return nil
}

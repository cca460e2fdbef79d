package engine

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/innerspace/innerspace/core/blob"
	"github.com/innerspace/innerspace/core/embed"
	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/query"
	"github.com/innerspace/innerspace/core/schema"
	"github.com/innerspace/innerspace/core/space"
	"github.com/innerspace/innerspace/core/store"
	"github.com/innerspace/innerspace/core/store/approximate"
)

// Engine holds rows and answers queries. Its methods may be called from many goroutines at the same
// time; after Close they return InvalidState.
type Engine struct {
	options  Options
	resolver Resolver
	clock    func() time.Time
	models   map[ModelReference]embed.Model
	// embedders has one a model; spaces with the same model share it.
	embedders map[ModelReference]*embed.Embedder
	cache     *embed.Cache // nil: off
	spaces    []space.Space
	indices   []*space.Index
	searched  []query.Searched // the indices as queries see them
	tables    []*table
	effects   []indexEffects // of the indices that have any
	histories sync.Mutex     // held while rows that events affect are changed
	store     store.Store
	graphs    *approximate.Store // the store, where it has indices that are searched approximately; else nil
	durable   *durable           // nil: rows are in memory
	calls     *calls
}

// table is what putting rows of one schema and searching them takes.
type table struct {
	schema  *schema.Schema
	spaces  []space.Space          // those that read fields of the schema in some index
	uses    map[string]bool        // fields that such a space reads
	needs   map[string]bool        // fields that such a space requires
	indexed map[string]bool        // fields that an index lists
	indices []*space.Index         // those that can be searched for the schema
	parts   map[*space.Index][]int // for each space of an index its position in spaces, or -1
	// unstored are the positions of fields that are embedded but not kept: all indices leave them out.
	unstored []int
	// affected says that events change rows of the schema.
	affected bool
}

// Open reads a JSON definition (docs/architecture.md), loads its models, all at the same time, and
// makes an empty engine, or with a store in the options one that has what is in it. A mistake in the definition is InvalidInput (LimitExceeded for one that is too large)
// with the path of the place; models fail with the statuses of core/embed/onnx.
func Open(ctx context.Context, document []byte, options ...Option) (*Engine, error) {
	d, err := readDefinition(document)
	if err != nil {
		return nil, err
	}
	made := parts{load: loadONNX, clock: time.Now}
	for _, option := range options {
		option(&made)
	}
	if made.resolver == nil {
		made.resolver = blob.NewResolver(blob.Options{
			MaxBytes: d.options.MaxBlobBytes, MaxRawBytes: 4 * d.options.MaxPixels,
			Timeout: d.options.URLTimeout, AllowPrivate: d.options.AllowPrivateAddresses,
		})
	}
	models, err := loadModels(ctx, d, made.load)
	if err != nil {
		return nil, errs.From(err)
	}
	e := &Engine{
		options: d.options, resolver: made.resolver, clock: made.clock, models: models, embedders: map[ModelReference]*embed.Embedder{},
		cache: sharedCache(d.options.EmbeddingCacheBytes), calls: newCalls(),
	}
	for reference, model := range models {
		e.embedders[reference] = e.newEmbedder(model)
	}
	err = e.build(d)
	if err == nil {
		err = e.openStore(ctx, document, d, &made)
	}
	if err == nil {
		if err = e.approximate(d); err != nil {
			_ = e.store.Close()
		}
	}
	if err != nil {
		_ = closeModels(models)
		return nil, errs.From(err)
	}
	return e, nil
}

// build makes spaces, indices and tables of a definition whose models are loaded.
func (e *Engine) build(d *definition) error {
	for i, s := range d.spaces {
		var embedder space.Embedder
		var info embed.Info
		if reference, ok := s.Model(); ok {
			embedder, info = e.embedders[reference], e.models[reference].Info()
		}
		built, err := s.Build(embedder, info)
		if err != nil {
			return errs.From(err).At(itemPath("$.spaces", i))
		}
		e.spaces = append(e.spaces, built)
	}
	for i, definition := range d.indices {
		spaces := make([]space.Space, len(definition.spaces))
		for j, position := range definition.spaces {
			spaces[j] = e.spaces[position]
		}
		index, err := space.NewIndex(definition.name, spaces)
		if err != nil {
			return errs.From(err).At(itemPath("$.indices", i))
		}
		e.indices = append(e.indices, index)
	}
	for _, s := range d.schemas {
		t := newTable(s, e.indices)
		for _, definition := range d.indices {
			for field := range definition.fields[s.Name] {
				t.indexed[field] = true
			}
		}
		e.tables = append(e.tables, t)
	}
	for _, t := range e.tables {
		t.leaveOut(d)
	}
	for i, index := range e.indices {
		searched := query.Searched{Index: index, Listed: d.indices[i].fields, Excluded: d.indices[i].excluded}
		for _, t := range e.tables {
			if t.parts[index] != nil {
				searched.Schemas = append(searched.Schemas, t.schema)
			}
		}
		e.searched = append(e.searched, searched)
	}
	return e.buildEffects(d)
}

func newTable(s *schema.Schema, indices []*space.Index) *table {
	t := &table{schema: s, uses: map[string]bool{}, needs: map[string]bool{}, indexed: map[string]bool{}, parts: map[*space.Index][]int{}}
	for _, index := range indices {
		if !slices.ContainsFunc(index.Spaces, func(sp space.Space) bool { return len(sp.Uses(s.Name)) > 0 }) {
			continue
		}
		t.indices = append(t.indices, index)
		for _, sp := range index.Spaces {
			t.parts[index] = append(t.parts[index], t.add(sp))
		}
	}
	return t
}

// add takes note of a space and returns its position in spaces, -1 where it reads nothing of the schema.
func (t *table) add(sp space.Space) int {
	uses := sp.Uses(t.schema.Name)
	if len(uses) == 0 {
		return -1
	}
	for _, use := range uses {
		t.uses[use.Field] = true
		if use.Required {
			t.needs[use.Field] = true
		}
	}
	if i := slices.Index(t.spaces, sp); i >= 0 {
		return i
	}
	t.spaces = append(t.spaces, sp)
	return len(t.spaces) - 1
}

func (e *Engine) table(name string) (*table, error) {
	for _, t := range e.tables {
		if t.schema.Name == name {
			return t, nil
		}
	}
	return nil, errs.New(errs.NotFound, "there is no schema %q; the engine has %s", name, quoted(e.schemaNames()))
}

func (e *Engine) schemaNames() []string {
	names := make([]string, len(e.tables))
	for i, t := range e.tables {
		names[i] = t.schema.Name
	}
	return names
}

// Schema returns a schema of the definition, which must not be changed; NotFound for a name that it does not have.
func (e *Engine) Schema(name string) (*schema.Schema, error) {
	t, err := e.table(name)
	if err != nil {
		return nil, err
	}
	return t.schema, nil
}

// Delete removes rows by id and returns how many there were and the ids that were not there. A
// query running at the same time sees all of it or nothing.
func (e *Engine) Delete(ctx context.Context, schema string, ids []string) (deleted int, missing []string, err error) {
	if err := e.calls.enter(); err != nil {
		return 0, nil, err
	}
	defer e.calls.leave()
	if _, err := e.table(schema); err != nil {
		return 0, nil, err
	}
	if err := ctx.Err(); err != nil {
		return 0, nil, errs.From(err)
	}
	if err := e.checkWritable(); err != nil {
		return 0, nil, err
	}
	e.histories.Lock() // events that are being applied have read the rows
	defer e.histories.Unlock()
	return e.store.Delete(schema, ids)
}

// Close waits for the calls in flight and gives everything back. Closing again does nothing.
func (e *Engine) Close() error {
	if !e.calls.close() {
		return nil
	}
	err := closeModels(e.models)
	if closed := e.store.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return errs.From(err)
	}
	return nil
}

// workers is how many goroutines may compute for one call.
func (e *Engine) workers() int {
	if e.options.Threads > 0 {
		return e.options.Threads
	}
	return runtime.GOMAXPROCS(0)
}

// now is the moment that counts as the present, in unix seconds.
func (e *Engine) now() int64 {
	if e.options.Now != 0 {
		return e.options.Now
	}
	return e.clock().Unix()
}

func itemPath(list string, position int) string { return fmt.Sprintf("%s[%d]", list, position) }

func quoted(names []string) string { return fmt.Sprintf("%q", names) }

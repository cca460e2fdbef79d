package disk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ncruces/go-sqlite3"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store/disk/record"
)

// Report is what Verify and Repair found.
type Report struct {
	Generation int64 // of the catalogue: the number of commits
	Tables     int
	Rows       int // chunks too
	Segments   int
	Bytes      int64 // of segments, holes included
	Damage     []Damage
	// Dropped are the ids of the rows that Repair deleted, by table: those that could not be had whole. Chunks go with their row.
	Dropped map[string][]string
	// Lost are the ids of the rows that Repair kept without some of their vectors, by table (Options.Lost).
	Lost map[string][]string
	// Unnamed is how many rows, chunks among them, Repair found to be gone whose ids nothing tells, by table.
	Unnamed map[string]int
	// Kept is where Repair left the catalogue that it replaced; "" where it replaced none.
	Kept string
}

// Damage is one thing that is not as it should be.
type Damage struct {
	Kind    string   // "catalogue", "segment", "vectors", "codes", "graph" or "row"
	Table   string   // ""
	Index   string   // "": not of an index
	File    string   // ""
	IDs     []string // rows concerned that can be named
	Message string
}

// Verify reads a whole store, also one that another process has open, and reports what is damaged: it checks the catalogue, every
// record and picture, every vector and all codes against their checksums. The error is for a store that cannot be read at all.
func Verify(ctx context.Context, path string, options Options) (Report, error) {
	options.ReadOnly = true
	s, err := openTolerantly(path, options)
	if err != nil {
		return Report{}, err
	}
	x, err := s.examine(ctx)
	return x.report, explain(errors.Join(err, s.Close()), s.path)
}

// Repair removes what Verify finds damaged from a store that no process has open for writing: rows that cannot be had whole are deleted, and
// segments that are damaged written anew. What is right stays. A catalogue with damaged pages is replaced by one of what lies on the others, and kept
// beside it; InvalidInput, where what is needed to know what rows mean is lost.
func Repair(ctx context.Context, path string, options Options) (Report, error) {
	options.ReadOnly = false
	first, replaced, err := salvageCatalogue(path, options, false)
	if err != nil {
		return first, err
	}
	report, damaged, err := repair(ctx, path, options)
	if damaged && !replaced { // whose pages are whole
		found := Damage{Kind: "catalogue", File: catalogueName, Message: err.Error()}
		if first, replaced, err = salvageCatalogue(path, options, true); err == nil {
			first.Damage = []Damage{found}
			report, _, err = repair(ctx, path, options)
		}
	}
	if err == nil && replaced {
		report.add(first)
	}
	return report, err
}

// repair removes what is damaged. It says whether that is the catalogue, which is then as it was.
func repair(ctx context.Context, path string, options Options) (report Report, catalogue bool, err error) {
	s, err := openTolerantly(path, options)
	if err != nil {
		return Report{}, isDamage(err), err
	}
	report, err = s.repair(ctx)
	catalogue = isDamage(err) || errors.Is(err, errCatalogue)
	return report, catalogue, explain(errors.Join(err, s.Close()), s.path)
}

// add puts what an earlier repair found before the rest.
func (r *Report) add(earlier Report) {
	r.Damage, r.Kept, r.Unnamed = append(earlier.Damage, r.Damage...), earlier.Kept, earlier.Unnamed
	for into, from := range map[*map[string][]string]map[string][]string{&r.Dropped: earlier.Dropped, &r.Lost: earlier.Lost} {
		if *into == nil {
			*into = map[string][]string{}
		}
		for table, ids := range from {
			all := append((*into)[table], ids...)
			slices.Sort(all)
			(*into)[table] = slices.Compact(all)
		}
	}
}

func openTolerantly(path string, options Options) (*Store, error) {
	return openStore(path, options, map[uint64]error{})
}

// examination is a store being looked at.
type examination struct {
	store   *Store
	reading reading
	report  Report
	rows    map[int64]map[int]bool // numbers of rows that are not whole, by table
	lost    map[int64]map[int]bool // by index: numbers of rows whose vectors are damaged, where these rows are kept
	spans   map[int64]bool         // that have damaged segments
	graphs  []int64                // indices of which the graph is damaged
}

// examine looks at everything.
func (s *Store) examine(ctx context.Context) (*examination, error) {
	x := &examination{store: s, rows: map[int64]map[int]bool{}, lost: map[int64]map[int]bool{}, spans: map[int64]bool{}}
	reading, err := s.begin()
	if err != nil {
		return x, err
	}
	defer s.end(reading)
	x.reading = reading
	x.report = Report{Generation: reading.state.generation, Tables: len(reading.state.tables)}
	if err := x.catalogue(); err != nil {
		return x, err
	}
	for _, table := range reading.state.describe() {
		t := reading.state.tables[table.Schema]
		x.rows[t.id] = map[int]bool{}
		x.report.Rows += t.rows
		if err := x.records(ctx, t); err != nil {
			return x, err
		}
		for _, name := range sortedNames(t.indices) {
			if err := x.vectors(ctx, t, name); err != nil {
				return x, err
			}
			if err := x.graph(t, name); err != nil {
				return x, err
			}
		}
	}
	return x, nil
}

func sortedNames[T any](named map[string]T) []string {
	names := make([]string, 0, len(named))
	for name := range named {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (x *examination) found(damage Damage) { x.report.Damage = append(x.report.Damage, damage) }

// catalogue has SQLite check its own file, and compares metadata with their checksums.
func (x *examination) catalogue() error {
	if _, err := x.reading.connection.metadata(); err != nil {
		if errs.StatusOf(err) != errs.InvalidInput && !isDamage(err) {
			return err
		}
		x.found(Damage{Kind: "catalogue", File: catalogueName, Message: err.Error()})
	}
	err := x.reading.connection.query("PRAGMA integrity_check", nil, func(row *sqlite3.Stmt) error {
		if text := row.ColumnText(0); text != "ok" {
			x.found(Damage{Kind: "catalogue", File: catalogueName, Message: text})
		}
		return nil
	})
	if err != nil && isDamage(err) {
		x.found(Damage{Kind: "catalogue", File: catalogueName, Message: err.Error()})
		return nil
	}
	return err
}

// records reads every record, its pictures and its history, and compares the numbers with the bitmap.
func (x *examination) records(ctx context.Context, t *tableState) error {
	seen := 0
	err := x.reading.connection.query(t.sql.all, nil, func(row *sqlite3.Stmt) error {
		seen++
		number, id := row.ColumnInt(0), row.ColumnText(1)
		message := x.record(t, number, row)
		if message != "" {
			x.rows[t.id][number] = true
			x.found(Damage{Kind: "row", Table: t.name, IDs: []string{id}, Message: message})
		}
		if seen%1024 == 0 {
			return ctx.Err()
		}
		return nil
	})
	if err != nil && isDamage(err) {
		x.found(Damage{Kind: "catalogue", Table: t.name, File: catalogueName, Message: err.Error()})
		return nil
	}
	if err == nil && seen != t.rows {
		x.found(Damage{Kind: "catalogue", Table: t.name, File: catalogueName, Message: fmt.Sprintf("there are %d rows where %d are counted", seen, t.rows)})
	}
	return err
}

// record says what is wrong with a row of the catalogue.
func (x *examination) record(t *tableState, number int, row *sqlite3.Stmt) string {
	if number < 0 || !t.live.Has(number) {
		return "it is not in the bitmap of its table"
	}
	values, err := record.Read(row.ColumnRawBlob(2), t.fields)
	if err != nil {
		return err.Error()
	}
	if _, err := x.reading.connection.fetch(values); err != nil {
		return err.Error()
	}
	var history []byte
	if row.ColumnType(3) != sqlite3.NULL {
		history = row.ColumnBlob(3, []byte{})
	}
	if err := record.CheckHistory(row.ColumnRawBlob(2), history); err != nil {
		return err.Error()
	}
	if codec := x.store.options.History; codec != nil && history != nil {
		if _, err := codec.Decode(history); err != nil {
			return "its history cannot be read: " + err.Error()
		}
	}
	return ""
}

// vectors checks the segments of an index.
func (x *examination) vectors(ctx context.Context, t *tableState, name string) error {
	i := t.indices[name]
	for at, sp := range t.spans {
		if err := ctx.Err(); err != nil {
			return errs.From(err)
		}
		set := wordsOf(i.present, sp.first, sp.capacity)
		opened := i.segments[at]
		if opened == nil {
			if number := i.broken[at]; number != 0 {
				x.spans[sp.id] = true
				x.found(Damage{
					Kind: "segment", Table: t.name, Index: name, File: x.store.segments.path(number),
					IDs: x.lose(t, i, sp, slices.Collect(set.All())), Message: x.store.broken[number].Error(),
				})
			}
			continue
		}
		x.report.Segments++
		x.report.Bytes += int64(opened.Bytes())
		damaged, badCodes, err := opened.Check(set, i.used[at])
		if err != nil {
			damaged = slices.Collect(set.All())
		}
		if len(damaged) > 0 {
			x.spans[sp.id] = true
			message := fmt.Sprintf("%d vectors do not have their checksum", len(damaged))
			if err != nil {
				message = err.Error()
			}
			x.found(Damage{Kind: "vectors", Table: t.name, Index: name, File: opened.Path(), IDs: x.lose(t, i, sp, damaged), Message: message})
		}
		if len(badCodes) > 0 {
			x.spans[sp.id] = true
			x.found(Damage{Kind: "codes", Table: t.name, Index: name, File: opened.Path(), Message: fmt.Sprintf("the codes of %d times 64 rows do not have their checksum; they are made from the vectors", len(badCodes))})
		}
	}
	return nil
}

// graph checks the graph of an index.
func (x *examination) graph(t *tableState, name string) error {
	index := t.indices[name].id
	graph, err := x.reading.connection.graph(index)
	if err != nil || graph == 0 {
		return err
	}
	if err := x.store.showGraph(graph, nil); err != nil {
		x.graphs = append(x.graphs, index)
		x.found(Damage{Kind: "graph", Table: t.name, Index: name, File: x.store.graphPath(graph), Message: err.Error()})
	}
	return nil
}

// lose takes note of rows of a span whose vectors in an index are damaged, and names them.
func (x *examination) lose(t *tableState, i *indexState, sp *span, rows []int) []string {
	var ids []string
	concerned := x.rows[t.id]
	if x.store.options.Lost != nil {
		if x.lost[i.id] == nil {
			x.lost[i.id] = map[int]bool{}
		}
		concerned = x.lost[i.id]
	}
	for _, row := range rows {
		concerned[sp.first+row] = true
		_, _ = x.reading.connection.one(t.sql.id, []any{sp.first + row}, func(row *sqlite3.Stmt) { ids = append(ids, row.ColumnText(0)) })
	}
	return ids
}

// isDamage says whether SQLite cannot read what is in its file.
func isDamage(err error) bool {
	return errors.Is(err, sqlite3.CORRUPT) || errors.Is(err, sqlite3.NOTADB) || errors.Is(err, sqlite3.IOERR_DATA) ||
		errors.Is(err, sqlite3.IOERR_CORRUPTFS) || errors.Is(err, sqlite3.IOERR_SHORT_READ)
}

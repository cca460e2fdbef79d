package engine

import (
	"context"
	"maps"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store/disk"
)

// CompactionReport says what a compaction did.
type CompactionReport struct {
	// Removed are rows of which the bytes are gone: deleted ones, and earlier states of those that were put again.
	Removed int `json:"removed"`
	// Before and After are the room that the store took on the disk, and takes.
	Before StoreBytes `json:"bytes_before"`
	After  StoreBytes `json:"bytes_after"`
}

// Compact gives the room of deleted and replaced rows in the store back to the disk. Puts, deletes and queries go on meanwhile. An engine whose rows
// are in memory has nothing to give back.
func (e *Engine) Compact(ctx context.Context) (*CompactionReport, error) {
	if err := e.calls.enter(); err != nil {
		return nil, err
	}
	defer e.calls.leave()
	if err := e.checkWritable(); err != nil {
		return nil, err
	}
	if e.durable == nil {
		return &CompactionReport{}, nil
	}
	report, err := compact(ctx, e.durable.Store)
	if e.graphs != nil {
		e.graphs.Follow() // rows have other numbers
	}
	return report, err
}

// CompactStore compacts a store that nobody has open for writing.
func CompactStore(ctx context.Context, path string) (*CompactionReport, error) {
	if err := disk.MustExist(path); err != nil {
		return nil, err
	}
	opened, err := disk.Open(path, disk.Options{History: historyBytes{}})
	if err != nil {
		return nil, errs.From(err)
	}
	report, err := compact(ctx, opened)
	if closed := opened.Close(); err == nil && closed != nil {
		err = closed
	}
	if err != nil {
		return nil, errs.From(err)
	}
	return report, nil
}

func compact(ctx context.Context, opened *disk.Store) (*CompactionReport, error) {
	var report CompactionReport
	var err error
	if report.Before, err = bytesOf(opened.Path()); err != nil {
		return nil, errs.From(err)
	}
	done, err := opened.Compact(ctx)
	if err != nil {
		return nil, errs.From(err)
	}
	report.Removed = done.Removed
	if report.After, err = bytesOf(opened.Path()); err != nil {
		return nil, errs.From(err)
	}
	return &report, nil
}

// VerificationReport says what is damaged in a store.
type VerificationReport struct {
	Path     string        `json:"path"`
	Good     bool          `json:"good"`
	Rows     int           `json:"rows"` // chunks too
	Segments int           `json:"segments"`
	Bytes    StoreBytes    `json:"bytes"`
	Damage   []StoreDamage `json:"damage"`
	// Dropped are the ids of the rows that a repair deleted, by schema.
	Dropped map[string][]string `json:"dropped"`
	// Lost are the ids of the rows whose vectors the next engine on the store makes anew, by schema.
	Lost map[string][]string `json:"lost"`
	// Unnamed is how many rows, pieces of texts among them, a repair found to be gone whose ids nothing tells, by schema.
	Unnamed map[string]int `json:"unnamed"`
	// Kept is where a repair left a catalogue that it replaced; "" where it replaced none.
	Kept string `json:"kept"`
}

// StoreDamage is one thing that is not as it should be.
type StoreDamage struct {
	Kind    string   `json:"kind"`
	Schema  string   `json:"schema"`
	File    string   `json:"file"`
	IDs     []string `json:"ids"`
	Message string   `json:"message"`
}

// VerifyStore reads a whole store, beside whoever has it open, and compares everything with its checksum.
func VerifyStore(ctx context.Context, path string) (*VerificationReport, error) {
	found, err := disk.Verify(ctx, path, disk.Options{History: historyBytes{}})
	if err != nil {
		return nil, errs.From(err)
	}
	return newVerificationReport(path, found)
}

// RepairStore deletes the rows of a store of which fields or pictures are damaged, and takes out vectors that are: the next engine on the store makes
// those anew. A catalogue with damaged pages is replaced by what lies on the others. Nobody may have it open for writing. What it deleted is in the report: put these rows again.
func RepairStore(ctx context.Context, path string) (*VerificationReport, error) {
	if err := disk.MustExist(path); err != nil {
		return nil, err
	}
	found, err := disk.Repair(ctx, path, disk.Options{History: historyBytes{}, Lost: noteLost})
	if err != nil {
		return nil, errs.From(err)
	}
	return newVerificationReport(path, found)
}

func newVerificationReport(path string, found disk.Report) (*VerificationReport, error) {
	bytes, err := bytesOf(path)
	if err != nil {
		return nil, errs.From(err)
	}
	report := &VerificationReport{
		Path: path, Good: len(found.Damage) == 0, Rows: found.Rows, Segments: found.Segments, Bytes: bytes,
		Damage: []StoreDamage{}, Dropped: map[string][]string{}, Lost: map[string][]string{}, Unnamed: map[string]int{}, Kept: found.Kept,
	}
	for _, damage := range found.Damage {
		report.Damage = append(report.Damage, StoreDamage{
			Kind: damage.Kind, Schema: damage.Table, File: damage.File, IDs: append([]string{}, damage.IDs...), Message: damage.Message,
		})
	}
	maps.Copy(report.Dropped, found.Dropped)
	maps.Copy(report.Lost, found.Lost)
	maps.Copy(report.Unnamed, found.Unnamed)
	maps.DeleteFunc(report.Dropped, func(_ string, ids []string) bool { return len(ids) == 0 })
	return report, nil
}

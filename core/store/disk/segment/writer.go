package segment

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"path/filepath"
	"unsafe"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store/disk/filesystem"
	"github.com/innerspace/innerspace/core/vector"
)

// Create makes the file of an empty segment. With sync it survives a power cut when Create returns. A file of that name that is there, which
// no catalogue can know, is replaced.
func Create(files filesystem.FileSystem, path string, id Identity, sync bool) error {
	l, err := id.layout()
	if err != nil {
		return err
	}
	temporary := path + ".new"
	if err := files.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := files.Create(temporary)
	if err != nil {
		return err
	}
	err = file.Truncate(l.size)
	if err == nil {
		_, err = file.WriteAt(id.header(l), 0)
	}
	if err == nil && sync {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := files.Rename(temporary, path); err != nil || !sync {
		return err
	}
	return files.SyncDirectory(filepath.Dir(path))
}

// Writer adds rows to a segment. It is used by one goroutine at a time.
type Writer struct {
	id     Identity
	layout layout
	file   filesystem.File
	next   int       // row that is added next
	unit   []float32 // the vectors of the rows of the unit that next is in; zero where there are none
	// dirty says that something was written since the last Sync.
	dirty bool
}

// NewWriter opens a segment to add rows from next on. The rows before it in its unit are read anew: those in the set (as in Check), which the
// segment has verified; others count as zero.
func NewWriter(files filesystem.FileSystem, path string, id Identity, next int, earlier *Segment, set vector.Bitmap) (*Writer, error) {
	l, err := id.layout()
	if err != nil {
		return nil, err
	}
	file, err := files.Open(path)
	if err != nil {
		return nil, err
	}
	if earlier != nil && !earlier.codes {
		l.coded = false // of another format: there is no place for these
	}
	w := &Writer{id: id, layout: l, file: file, next: next, unit: make([]float32, Unit*id.Dimension)}
	if next%Unit == 0 {
		return w, nil
	}
	err = earlier.guard(func() error {
		for row := next / Unit * Unit; row < next; row++ {
			if set.Has(row) {
				copy(w.at(row), earlier.Vectors(row, 1))
			}
		}
		return earlier.Intact()
	})
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return w, nil
}

// at is the place of a row in its unit.
func (w *Writer) at(row int) []float32 {
	return w.unit[row%Unit*w.id.Dimension:][:w.id.Dimension]
}

// Next is the row that is added next.
func (w *Writer) Next() int { return w.next }

// Skip leaves rows out, which nobody will ask for.
func (w *Writer) Skip(rows int) error { return w.Add(make([][]float32, rows)) }

// Add writes rows one after the other; nil is a row without a vector. After an error it is unknown what was written: the writer
// must not be used again, nor the rows.
func (w *Writer) Add(rows [][]float32) error {
	if w.next+len(rows) > w.id.Capacity {
		return errs.New(errs.Internal, "%d rows do not fit behind row %d of a segment of %d", len(rows), w.next, w.id.Capacity)
	}
	for len(rows) > 0 {
		some := min(len(rows), Unit-w.next%Unit)
		if err := w.addToUnit(rows[:some]); err != nil {
			return err
		}
		rows = rows[some:]
	}
	return nil
}

func (w *Writer) addToUnit(rows [][]float32) error {
	first := w.next
	sums := make([]byte, 0, Unit*4)
	for _, values := range rows {
		place := w.at(w.next)
		clear(place)
		copy(place, values)
		sums = binary.LittleEndian.AppendUint32(sums, w.id.rowSum(w.next, bytesOf(place)))
		w.next++
	}
	w.dirty = true
	from := first % Unit * w.id.Dimension
	vectors := bytesOf(w.unit[from : from+len(rows)*w.id.Dimension])
	if err := w.write(vectors, w.layout.vectors+int64(first)*int64(w.id.Dimension)*4); err != nil {
		return err
	}
	if err := w.write(sums, w.layout.sums+int64(first)*4); err != nil {
		return err
	}
	if w.next%Unit != 0 {
		return nil
	}
	err := w.writeCodes(first / Unit)
	clear(w.unit)
	return err
}

// writeCodes writes the codes of the unit that was just filled.
func (w *Writer) writeCodes(unit int) error {
	if !w.layout.coded {
		return nil
	}
	codes, err := vector.Encode(w.unit, w.id.Dimension)
	if err != nil {
		return err
	}
	longest := math.Float32bits(codes.Longest)
	entry := binary.LittleEndian.AppendUint32(nil, w.id.unitSum(unit, longest, codes))
	entry = binary.LittleEndian.AppendUint32(entry, longest)
	if err := w.write(codes.Uppers, w.layout.uppers+int64(unit)*int64(len(codes.Uppers))); err != nil {
		return err
	}
	if err := w.write(codes.Lowers, w.layout.lowers+int64(unit)*int64(len(codes.Lowers))); err != nil {
		return err
	}
	return w.write(entry, w.layout.units+int64(unit)*8)
}

func (w *Writer) write(bytes []byte, at int64) error {
	if len(bytes) == 0 {
		return nil
	}
	_, err := w.file.WriteAt(bytes, at)
	return err
}

// Sync returns when all rows added would survive a power cut. After an error the writer must not be used again, nor the rows added since the last.
func (w *Writer) Sync() error {
	if !w.dirty {
		return nil
	}
	w.dirty = false
	return w.file.Sync()
}

// Close closes the file.
func (w *Writer) Close() error { return w.file.Close() }

func bytesOf(values []float32) []byte {
	if len(values) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), len(values)*4)
}

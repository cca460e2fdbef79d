package segment

import (
	"encoding/binary"
	"math"
	"math/bits"
	"runtime/debug"
	"sync/atomic"
	"unsafe"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/store/disk/filesystem"
	"github.com/innerspace/innerspace/core/vector"
)

// Segment is a mapped segment. Its methods may be called from many goroutines at the same time, and while rows are added to the file.
type Segment struct {
	id      Identity
	layout  layout
	path    string
	mapping filesystem.Mapping
	bytes   []byte
	codes   bool // can be used
	// verified has the rows, and units the units, whose checksums were found right.
	verified []atomic.Uint64
	units    []atomic.Uint64
}

// Open maps the segment in a file. A file that is no such segment is InvalidInput; one that is not there is fs.ErrNotExist.
func Open(fs filesystem.FileSystem, path string, id Identity) (*Segment, error) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return nil, errs.New(errs.Unsupported, "stores on disk need a little-endian processor")
	}
	l, err := id.layout()
	if err != nil {
		return nil, err
	}
	mapping, err := fs.Map(path)
	if err != nil {
		return nil, err
	}
	s := &Segment{
		id: id, layout: l, path: path, mapping: mapping, bytes: mapping.Bytes(),
		verified: make([]atomic.Uint64, id.Capacity/64), units: make([]atomic.Uint64, (id.Capacity/Unit+63)/64),
	}
	err = s.guard(func() (err error) {
		s.codes, err = id.check(l, s.bytes)
		return err
	})
	if err != nil {
		_ = mapping.Close()
		return nil, errs.Wrap(err, errs.InvalidInput, "the segment %s cannot be used: %v", path, err)
	}
	return s, nil
}

// Close ends the mapping; nothing that came from the segment may be used after it.
func (s *Segment) Close() error { return s.mapping.Close() }

// Intact is InvalidInput where what was read since Open may not be what was written, for all its checksums: the file was cut meanwhile, or its disk
// cannot be read.
func (s *Segment) Intact() error {
	if err := filesystem.Intact(s.mapping); err != nil {
		return errs.Wrap(err, errs.InvalidInput, "the segment %s cannot be read: %v. Close the store, then verify it and repair it, or take a copy that is whole", s.path, err)
	}
	return nil
}

// Bytes is the size of the file, holes included.
func (s *Segment) Bytes() int { return len(s.bytes) }

// Path is where the file lies.
func (s *Segment) Path() string { return s.path }

// guard turns a fault into an error: a file that was cut after it was mapped, or a disk that cannot be read.
func (s *Segment) guard(read func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if fault := recover(); fault != nil {
			err = errs.New(errs.InvalidInput, "the segment %s cannot be read: %v", s.path, fault)
		}
	}()
	return read()
}

func (s *Segment) vectorBytes(first, rows int) []byte {
	each := int64(s.id.Dimension) * 4
	from := s.layout.vectors + int64(first)*each
	return s.bytes[from : from+int64(rows)*each : from+int64(rows)*each]
}

// Vectors returns the vectors of rows, [rows][dimension]. Check them first.
func (s *Segment) Vectors(first, rows int) []float32 {
	if s.id.Dimension == 0 || rows == 0 {
		return nil
	}
	bytes := s.vectorBytes(first, rows)
	return unsafe.Slice((*float32)(unsafe.Pointer(&bytes[0])), rows*s.id.Dimension)
}

// Outdated says whether the segment has codes of another format, as earlier versions made them. It is searched by its vectors.
func (s *Segment) Outdated() bool { return s.layout.coded && !s.codes }

// Codes returns the codes of whole units, rows/64 of them from row first on; none where they cannot be used. Check them first.
func (s *Segment) Codes(first, rows int) vector.Codes {
	if !s.codes || rows == 0 || first%Unit != 0 || rows%Unit != 0 {
		return vector.Codes{}
	}
	codes := s.codesOf(first/Unit, rows/Unit)
	for unit := first / Unit; unit < (first+rows)/Unit; unit++ {
		_, longest := s.unit(unit)
		codes.Longest = max(codes.Longest, math.Float32frombits(longest))
	}
	return codes
}

// codesOf returns the codes of units, without their longest row.
func (s *Segment) codesOf(unit, units int) vector.Codes {
	uppers, lowers := vector.CodesSize(Unit, s.id.Dimension)
	part := func(start int64, each int) []byte {
		from, end := start+int64(unit)*int64(each), start+int64(unit+units)*int64(each)
		return s.bytes[from:end:end]
	}
	return vector.Codes{Uppers: part(s.layout.uppers, uppers), Lowers: part(s.layout.lowers, lowers)}
}

// unit returns the checksum of a unit's codes, and the length of its longest row as the bits of a float32.
func (s *Segment) unit(unit int) (sum, longest uint32) {
	at := s.layout.units + int64(unit)*8
	return binary.LittleEndian.Uint32(s.bytes[at:]), binary.LittleEndian.Uint32(s.bytes[at+4:])
}

// Check verifies the checksums of the rows of the set (bit i of word i/64: row i), and of the codes of units below the row coded, each when
// it is first asked for. It returns the rows that do not have their checksum, and those of units whose codes do not.
func (s *Segment) Check(set vector.Bitmap, coded int) (damaged, badCodes []int, err error) {
	err = s.guard(func() error {
		for at, word := range set {
			if at >= len(s.verified) {
				break
			}
			found := uint64(0)
			for todo := word &^ s.verified[at].Load(); todo != 0; todo &= todo - 1 {
				bit := bits.TrailingZeros64(todo)
				row := at*64 + bit
				if s.rowIsRight(row) {
					found |= 1 << bit
				} else {
					damaged = append(damaged, row)
				}
			}
			if found != 0 {
				s.verified[at].Or(found)
			}
			if s.codes && word != 0 && (at+1)*Unit <= coded && !s.unitIsRight(at) {
				badCodes = append(badCodes, at*Unit)
			}
		}
		return nil
	})
	if err == nil && len(damaged)+len(badCodes) > 0 {
		err = s.Intact() // what is missing is not damaged
	}
	return damaged, badCodes, err
}

func (s *Segment) rowIsRight(row int) bool {
	at := s.layout.sums + int64(row)*4
	return s.id.rowSum(row, s.vectorBytes(row, 1)) == binary.LittleEndian.Uint32(s.bytes[at:])
}

func (s *Segment) unitIsRight(unit int) bool {
	if s.units[unit/64].Load()&(1<<(unit%64)) != 0 {
		return true
	}
	sum, longest := s.unit(unit)
	if sum != s.id.unitSum(unit, longest, s.codesOf(unit, 1)) {
		return false
	}
	s.units[unit/64].Or(1 << (unit % 64))
	return true
}

// Known says whether Check has nothing left to do.
func (s *Segment) Known(set vector.Bitmap, coded int) bool {
	for at, word := range set {
		if at >= len(s.verified) {
			break
		}
		if word&^s.verified[at].Load() != 0 || s.codes && word != 0 && (at+1)*Unit <= coded && s.units[at/64].Load()&(1<<(at%64)) == 0 {
			return false
		}
	}
	return true
}

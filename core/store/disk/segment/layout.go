// Package segment keeps the vectors of one index for a run of rows in a file that is mapped to be searched: each row is written
// once, with a checksum. It knows nothing of ids, nor of which rows count: a catalogue elsewhere says that.
//
// # File
//
// All numbers are little-endian; parts begin at multiples of 4096.
//
//	header       magic "inspseg\x00", format (uint32), format of the codes (uint32; 0: none), store (16 bytes), segment (uint64),
//	             dimension (uint32), capacity (uint32), CRC-32C of all before (uint32)
//	vectors      [capacity][dimension]float32
//	sums         [capacity]uint32: CRC-32C of the segment (uint64), the row (uint32) and its vector
//	uppers       of vector.Codes, for capacity rows                        } only where vector.CodesPay(dimension)
//	lowers       the same                                                  }
//	units        [capacity/64]{CRC-32C (uint32), longest (float32 bits)}   } CRC of segment, unit, longest and the codes of its 64 rows
//
// The file has its full size from the start, with holes. The codes of 64 rows, a unit, are written once all 64 are. What the catalogue does
// not count has no meaning, and may be written again. Where the codes have another format, as earlier versions wrote it, all behind the sums is left alone.
package segment

import (
	"encoding/binary"
	"hash/crc32"
	"io"

	"github.com/innerspace/innerspace/core/errs"
	"github.com/innerspace/innerspace/core/vector"
)

// Unit is the number of rows whose codes are written together. Capacities are multiples of it.
const Unit = 64

const (
	magic      = "inspseg\x00"
	format     = 1
	page       = 4096
	headerSize = len(magic) + 4 + 4 + 16 + 8 + 4 + 4 + 4

	// maxDimension and maxCapacity keep every offset far below 2^63.
	maxDimension = 1 << 24
	maxCapacity  = 1 << 24
)

// Identity is what a catalogue knows of a segment.
type Identity struct {
	Store     [16]byte // that the segment belongs to
	Number    uint64   // never used twice in a store
	Dimension int      // of the vectors
	Capacity  int      // rows: a multiple of Unit
}

// layout says where in a file the parts lie.
type layout struct {
	vectors, sums, uppers, lowers, units, size int64
	coded                                      bool
}

func (id Identity) layout() (layout, error) {
	if id.Dimension < 0 || id.Dimension > maxDimension || id.Capacity <= 0 || id.Capacity > maxCapacity || id.Capacity%Unit != 0 {
		return layout{}, errs.New(errs.InvalidInput, "there is no segment for %d vectors of dimension %d", id.Capacity, id.Dimension)
	}
	at := int64(page)
	part := func(bytes int64) int64 {
		start := at
		at += (bytes + page - 1) / page * page
		return start
	}
	l := layout{coded: vector.CodesPay(id.Dimension)}
	l.vectors = part(int64(id.Capacity) * int64(id.Dimension) * 4)
	l.sums = part(int64(id.Capacity) * 4)
	if l.coded {
		uppers, lowers := vector.CodesSize(id.Capacity, id.Dimension)
		l.uppers, l.lowers = part(int64(uppers)), part(int64(lowers))
		l.units = part(int64(id.Capacity) / Unit * 8)
	}
	l.size = at
	return l, nil
}

// Size is how many bytes the file of a segment has, holes included.
func (id Identity) Size() (int64, error) {
	l, err := id.layout()
	return l.size, err
}

func (id Identity) header(l layout) []byte {
	codes := uint32(0)
	if l.coded {
		codes = vector.FormatOfCodes
	}
	header := append(make([]byte, 0, headerSize), magic...)
	header = binary.LittleEndian.AppendUint32(header, format)
	header = binary.LittleEndian.AppendUint32(header, codes)
	header = append(header, id.Store[:]...)
	header = binary.LittleEndian.AppendUint64(header, id.Number)
	header = binary.LittleEndian.AppendUint32(header, uint32(id.Dimension))
	header = binary.LittleEndian.AppendUint32(header, uint32(id.Capacity))
	return binary.LittleEndian.AppendUint32(header, crc32.Checksum(header, castagnoli))
}

// Identify reads from the header of a file which segment it is; false where it has no header that is right.
func Identify(file io.ReaderAt) (Identity, bool) {
	header := make([]byte, headerSize)
	if n, _ := file.ReadAt(header, 0); n < headerSize || string(header[:len(magic)]) != magic {
		return Identity{}, false
	}
	fields := header[len(magic)+8:]
	id := Identity{
		Store: [16]byte(fields), Number: binary.LittleEndian.Uint64(fields[16:]),
		Dimension: int(binary.LittleEndian.Uint32(fields[24:])), Capacity: int(binary.LittleEndian.Uint32(fields[28:])),
	}
	if crc32.Checksum(header[:headerSize-4], castagnoli) != binary.LittleEndian.Uint32(header[headerSize-4:]) {
		return Identity{}, false
	}
	_, err := id.layout()
	return id, err == nil
}

// check compares a file with what it should be. It returns whether its codes can be used.
func (id Identity) check(l layout, file []byte) (codes bool, err error) {
	damaged := func(message string, args ...any) (bool, error) {
		return false, errs.New(errs.InvalidInput, message, args...)
	}
	if len(file) < headerSize {
		return damaged("the file has %d bytes, which is less than a header", len(file))
	}
	if string(file[:len(magic)]) != magic {
		return damaged("the file is no segment: it begins with %q", file[:len(magic)])
	}
	at := func(offset int) uint32 { return binary.LittleEndian.Uint32(file[len(magic)+offset:]) }
	if at(0) != format {
		return damaged("the segment has format %d; this version reads %d", at(0), format)
	}
	if crc32.Checksum(file[:headerSize-4], castagnoli) != at(headerSize-4-len(magic)) {
		return damaged("the header does not have its checksum")
	}
	want := id.header(l)
	const after = len(magic) + 8
	if string(file[after:headerSize-4]) != string(want[after:headerSize-4]) {
		return damaged("the file is a segment, but not the one of this store that its name says: number %d, dimension %d, capacity %d",
			binary.LittleEndian.Uint64(file[after+16:]), at(32), at(36))
	}
	codes, size := l.coded && at(4) == vector.FormatOfCodes, l.size
	if l.coded && !codes {
		size = l.uppers // what follows is as long as another format makes it
	}
	if int64(len(file)) < size {
		return damaged("the file has %d bytes of %d: its end is missing", len(file), size)
	}
	return codes, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// rowSum is the checksum of a row's vector, which also tells where it belongs.
func (id Identity) rowSum(row int, vector []byte) uint32 {
	return id.sum(uint32(row), vector)
}

// unitSum is the checksum of the codes of a unit.
func (id Identity) unitSum(unit int, longest uint32, codes vector.Codes) uint32 {
	var bytes [4]byte
	binary.LittleEndian.PutUint32(bytes[:], longest)
	return crc32.Update(crc32.Update(id.sum(1<<31|uint32(unit), bytes[:]), castagnoli, codes.Uppers), castagnoli, codes.Lowers)
}

func (id Identity) sum(place uint32, bytes []byte) uint32 {
	var seed [12]byte
	binary.LittleEndian.PutUint64(seed[:], id.Number)
	binary.LittleEndian.PutUint32(seed[8:], place)
	return crc32.Update(crc32.Checksum(seed[:], castagnoli), castagnoli, bytes)
}

package store

import (
	"unsafe"

	"github.com/innerspace/innerspace/core/vector"
)

// blockRows is the number of vectors in a block: 2 MB of them at 512 dimensions. It is a multiple of 64, the bits of a word of live rows.
const blockRows = 1024

// matrix holds the vectors of one index in blocks of blockRows, and beside them their codes.
type matrix struct {
	dimension int
	blocks    [][]float32
	codes     []vector.Codes // by block; none where they do not pay
	live      vector.Bitmap  // rows that have a vector

	spareVectors []float32 // memory of blocks to come
	spareUppers  []byte
	spareLowers  []byte
}

// blocksTogether is how many blocks at most get their memory in one piece.
const blocksTogether = 32

// set stores a vector, or with nil takes note that a row has none. Numbers grow one by one: a new one is at most one past
// the largest before.
func (m *matrix) set(number int, values []float32) {
	if number/64 == len(m.live) {
		m.live = append(m.live, 0)
	}
	if values == nil {
		values = make([]float32, m.dimension)
		m.clear(number)
	} else {
		m.live.Add(number)
	}
	block, at := number/blockRows, number%blockRows*m.dimension
	if block == len(m.blocks) {
		m.grow()
	}
	if at == len(m.blocks[block]) {
		m.blocks[block] = append(m.blocks[block], values...)
	} else {
		copy(m.blocks[block][at:], values)
	}
	if !vector.CodesPay(m.dimension) {
		return
	}
	if err := m.codes[block].Set(number%blockRows, m.get(number), m.dimension); err != nil {
		m.codes[block] = vector.Codes{} // a block without codes is searched all the same
	}
}

// grow adds a block. The first one grows with its rows; later ones get their memory in pieces of as many blocks as there are already, up to
// blocksTogether, so that most of it can lie in huge pages. What no row was written to takes no memory of the machine.
func (m *matrix) grow() {
	if len(m.blocks) == 0 {
		m.blocks, m.codes = append(m.blocks, nil), append(m.codes, vector.Codes{})
		return
	}
	vectorsSize := blockRows * m.dimension
	uppers, lowers := vector.CodesSize(blockRows, m.dimension)
	if !vector.CodesPay(m.dimension) {
		uppers, lowers = 0, 0
	}
	if len(m.spareVectors) < vectorsSize || len(m.spareUppers) < uppers {
		together := min(len(m.blocks), blocksTogether)
		m.spareVectors = make([]float32, together*vectorsSize)
		m.spareUppers, m.spareLowers = make([]byte, together*uppers), make([]byte, together*lowers)
		inHugePages(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(m.spareVectors))), 4*len(m.spareVectors)))
		inHugePages(m.spareUppers)
		inHugePages(m.spareLowers)
	}
	m.blocks = append(m.blocks, m.spareVectors[:0:vectorsSize])
	codes := vector.Codes{}
	if uppers > 0 { // empty bytes would be codes of no rows
		codes.Uppers, codes.Lowers = m.spareUppers[:0:uppers], m.spareLowers[:0:lowers]
	}
	m.codes = append(m.codes, codes)
	m.spareVectors = m.spareVectors[vectorsSize:]
	m.spareUppers, m.spareLowers = m.spareUppers[uppers:], m.spareLowers[lowers:]
}

// clear takes note that a row has no vector.
func (m *matrix) clear(number int) { m.live[number/64] &^= 1 << (number % 64) }

func (m *matrix) get(number int) []float32 {
	at := number % blockRows * m.dimension
	return m.blocks[number/blockRows][at : at+m.dimension : at+m.dimension]
}

package vector

/*
#cgo noescape innerspace_scan
#cgo nocallback innerspace_scan
#cgo noescape innerspace_tile_lay
#cgo nocallback innerspace_tile_lay
#cgo noescape innerspace_tile_scan
#cgo nocallback innerspace_tile_scan
#cgo noescape innerspace_dots
#cgo nocallback innerspace_dots
#include "kernels.h"
*/
import "C"

import "unsafe"

// tileSize is the number of queries that are scanned together, and scanSlack what outputs of a scan have room for beyond its rows.
const (
	tileSize  = C.TILE
	tileRows  = C.TILE_ROWS
	scanSlack = C.SCAN_SLACK
)

// tileCount is a number of rows that the scan of a tile found.
type tileCount = C.size_t

// path is a set of instructions that kernels are written for. All of them find the same.
type path C.uint

var pathNames = map[path]string{
	C.PATH_PORTABLE: "portable", C.PATH_AVX2: "AVX2", C.PATH_AVX512_VNNI: "AVX-512 VNNI", C.PATH_NEON: "NEON", C.PATH_NEON_DOT: "NEON dotprod",
}

func (p path) String() string { return pathNames[p] }

// paths are those of this processor, the best last.
func paths() (list []path) {
	has := C.innerspace_paths()
	for p := range path(C.PATHS) {
		if has>>p&1 == 1 {
			list = append(list, p)
		}
	}
	return list
}

// chosen is the path of all searches.
var chosen = func() path { list := paths(); return list[len(list)-1] }()

// hasTile says whether a path scans several queries together.
func (p path) hasTile() bool { return C.innerspace_has_tile(C.uint(p)) != 0 }

// aligned returns n bytes that are aligned for whatever C keeps in them.
func aligned(n C.size_t) []byte {
	words := make([]uint64, n/8+1)
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), n)
}

// encodeQuery returns a query as scans take it.
func encodeQuery(query []float32) []byte {
	dimension := C.size_t(len(query))
	codes := aligned(C.innerspace_query_bytes(dimension))
	C.innerspace_query_write((*C.float)(&query[0]), dimension, (*C.uint8_t)(&codes[0]))
	return codes
}

// tileOf returns at most tileSize encoded queries as a tile.
func tileOf(queries [][]byte, dimension int) []byte {
	tile := aligned(C.innerspace_tile_bytes(C.size_t(dimension)))
	for i, query := range queries {
		C.innerspace_tile_write((*C.uint8_t)(&query[0]), C.size_t(dimension), C.size_t(i), (*C.uint8_t)(&tile[0]))
	}
	return tile
}

// scan finds the wanted rows whose bound is not below the threshold, and returns how many. There are codes of as many rows as wanted has
// bits; rows and bounds need room for all of them and scanSlack.
func (p path) scan(query []byte, dimension int, codes Codes, wanted []uint64, threshold float32, rows []int32, bounds []float32) int {
	return int(C.innerspace_scan(C.uint(p), (*C.uint8_t)(&query[0]), C.size_t(dimension), (*C.uint8_t)(&codes.Uppers[0]), (*C.uint8_t)(&codes.Lowers[0]),
		(*C.uint64_t)(&wanted[0]), C.size_t(len(wanted)), C.float(threshold), (*C.int32_t)(&rows[0]), (*C.float)(&bounds[0])))
}

// laidSize is how many bytes rows take, a multiple of tileRows of them, that are laid out for tiles.
func laidSize(rows, dimension int) int {
	return rows / tileRows * int(C.tile_rows_bytes(C.size_t(dimension)))
}

// layForTiles lays rows, a multiple of tileRows of them, out for tiles.
func layForTiles(codes Codes, dimension, rows int, laid []byte) {
	C.innerspace_tile_lay((*C.uint8_t)(&codes.Uppers[0]), (*C.uint8_t)(&codes.Lowers[0]), C.size_t(dimension), C.size_t(rows), (*C.uint8_t)(&laid[0]))
}

// scanTile does as scan does for the queries of a tile, with rows that were laid out for it; those of query i lie from i*room on.
func scanTile(tile []byte, dimension int, laid []byte, wanted []uint64, thresholds *[tileSize]float32, room int, rows []int32, bounds []float32,
	counts *[tileSize]tileCount,
) {
	C.innerspace_tile_scan((*C.uint8_t)(&tile[0]), C.size_t(dimension), (*C.uint8_t)(&laid[0]), (*C.uint64_t)(&wanted[0]), C.size_t(len(wanted)),
		(*C.float)(&thresholds[0]), C.size_t(room), (*C.int32_t)(&rows[0]), (*C.float)(&bounds[0]), &counts[0])
}

// dots scores some rows of vectors, with the bits of Dot.
func (p path) dots(query, vectors []float32, rows []int32, scores []float32) {
	if len(rows) == 0 {
		return
	}
	if len(query) == 0 {
		clear(scores[:len(rows)])
		return
	}
	C.innerspace_dots(C.uint(p), (*C.float)(&query[0]), (*C.float)(&vectors[0]), C.size_t(len(query)), (*C.int32_t)(&rows[0]), C.size_t(len(rows)),
		(*C.float)(&scores[0]))
}

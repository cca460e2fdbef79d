// Several queries scanned together: codes that are read once are multiplied with all of them, both halves at once, since with many queries
// it is the multiplications that take the time.
#ifndef INNERSPACE_TILE_H
#define INNERSPACE_TILE_H

#include "scan.h"

// A block of TILE queries.
typedef struct {
  float step[TILE], residual[TILE], length[TILE];
  int32_t offset[TILE];
} tile_block;

// Bytes of a tile. They must be aligned for floats.
size_t innerspace_tile_bytes(size_t dimension);

// Writes a query, whose codes are given, as one of a tile.
void innerspace_tile_write(const uint8_t *query, size_t dimension, size_t place, uint8_t *tile);

// What a tile scans: rows in groups of 16, whose entries lie side by side. Of a block the steps of 16 rows as they are stored, their residuals, their
// lengths, and then, for each four entries, those of each row.
#define TILE_ROWS 16
#define TILE_RESIDUALS 32
#define TILE_LENGTHS 48
#define TILE_HEADER 64

static inline size_t tile_rows_bytes(size_t dimension) {
  return codes_blocks(dimension) * TILE_HEADER + codes_halves(dimension) * 2 * TILE_ROWS;
}

// Lays rows, a multiple of 16 of them, side by side.
void innerspace_tile_lay_avx512(codes_rows codes, size_t dimension, size_t rows, uint8_t *laid);

// Scans as scan_function does, with TILE thresholds and outputs. Bit i of wanted: row i may be found by any query of the tile.
void innerspace_tile_scan_avx512(const uint8_t *tile, size_t dimension, const uint8_t *laid, const uint64_t *wanted, size_t words,
                                 const float *thresholds, scan_found *found);

#endif

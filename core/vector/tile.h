// Several queries scanned together: codes that are read once are multiplied with all of them. Of the queries only the high bytes are
// counted, since with many queries it is the multiplications that take the time; their bounds are a little wider.
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

// Scans as scan_function does, with TILE thresholds and outputs. Bit i of wanted: row i may be found by any query of the tile.
void innerspace_tile_scan_avx512(const uint8_t *tile, size_t dimension, const uint8_t *codes, size_t groups, const uint64_t *wanted,
                                 const float *thresholds, scan_found *found);

#endif

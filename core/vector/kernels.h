// The kernels as Go calls them: by the number of the path, with flat arguments, since Go may not pass structs that hold its pointers.
#ifndef INNERSPACE_KERNELS_H
#define INNERSPACE_KERNELS_H

#include "dots.h"
#include "scan.h"
#include "tile.h"

size_t innerspace_scan(unsigned path, const uint8_t *query, size_t dimension, uint8_t *uppers, uint8_t *lowers, const uint64_t *wanted, size_t words,
                       float threshold, int32_t *rows, float *bounds);
int innerspace_has_tile(unsigned path);
void innerspace_tile_lay(uint8_t *uppers, uint8_t *lowers, size_t dimension, size_t rows, uint8_t *laid);
// What the scan of a tile finds for its queries lies one after the other, `room` entries each.
void innerspace_tile_scan(const uint8_t *tile, size_t dimension, const uint8_t *laid, const uint64_t *wanted, size_t words,
                          const float *thresholds, size_t room, int32_t *rows, float *bounds, size_t *counts);
void innerspace_dots(unsigned path, const float *query, const float *vectors, size_t dimension, const int32_t *rows, size_t count,
                     float *scores);

#endif

// A query as whole numbers, in one run of bytes, so that Go can own it. codes.go has the formula of the bound.
#ifndef INNERSPACE_QUERY_CODES_H
#define INNERSPACE_QUERY_CODES_H

#include "codes.h"

// A query: of each block q = step * p + what is left out. It points into the bytes.
typedef struct {
  size_t dimension, blocks;
  // Of each block, and zeros up to a multiple of 16 blocks.
  const float *step;
  const float *length;          // what a length of 1 of a row may add to the score, in steps of the row
  const float *residual;        // what a residual of 1 may add
  const float *rest;            // and what is added whatever the row, for roundings
  const float *upper_step;      // 16 * step: of the upper half of a code
  const float *upper_residual;  // what a residual of the upper halves of 1 may add where only they are counted
  const float *upper_rest;      // and what is added then, whatever the row
  const int32_t *sum;           // of p
  const int32_t *upper_sum;     // of the block's upper_offset
  // What makes up for upper and lower halves having a middle and no sign. [8] a block: of entries 4i to 4i+3 of both its halves
  const int32_t *upper_offset, *lower_offset;
  const int8_t *p;  // [64] a block: one half, then the other, each filled up to 32 with zeros
  float least;                  // what every bound has at least
} query_codes;

// Bytes of a query's codes. They must be aligned for floats.
size_t innerspace_query_bytes(size_t dimension);

// Writes the codes of a query whose length is at most 1e30.
void innerspace_query_write(const float *query, size_t dimension, uint8_t *bytes);

query_codes innerspace_query_read(const uint8_t *bytes, size_t dimension);

#endif

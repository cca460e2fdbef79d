// A query as whole numbers, in one run of bytes, so that Go can own it. codes.go has the formula of the bound.
#ifndef INNERSPACE_QUERY_CODES_H
#define INNERSPACE_QUERY_CODES_H

#include "codes.h"

// Of a block of the query: q = step * p + what is left out, with p = 256 * high + low.
typedef struct {
  float step;
  float residual;       // what a residual of 1 of a row may add to the score, in steps of the row
  float length;         // what a length of 1 of a row may add
  float coarse_length;  // the same where only high is counted
  int32_t high_offset, low_offset;  // -128 times the sum of high, of low: rows are stored 128 too high
} query_block;

// A query; it points into the bytes.
typedef struct {
  size_t dimension, blocks, padded;
  const query_block *block;
  const int16_t *both;       // [padded] p
  const int8_t *high, *low;  // [padded]
  float least;               // what every bound has at least
} query_codes;

// Bytes of a query's codes. They must be aligned for floats.
size_t innerspace_query_bytes(size_t dimension);

// Writes the codes of a query whose length is at most 1e30.
void innerspace_query_write(const float *query, size_t dimension, uint8_t *bytes);

query_codes innerspace_query_read(const uint8_t *bytes, size_t dimension);

#endif

#include "query_codes.h"

#include <math.h>
#include <string.h>

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

#define FINEST 32512  // 127 * 256: the high byte of p is at most 127
// Adding and subtracting it rounds a double of at most 2^51 to the nearest whole number.
#define ROUNDER 0x1.8p52
#define SLACK (1 + 1e-12)

static size_t padded(size_t dimension) { return (dimension + 15) & ~(size_t)15; }

size_t innerspace_query_bytes(size_t dimension) {
  return codes_blocks(dimension) * sizeof(query_block) + padded(dimension) * (sizeof(int16_t) + 2 * sizeof(int8_t));
}

query_codes innerspace_query_read(const uint8_t *bytes, size_t dimension) {
  query_codes query = {.dimension = dimension, .blocks = codes_blocks(dimension), .padded = padded(dimension)};
  query.block = (const query_block *)bytes;
  query.both = (const int16_t *)(bytes + query.blocks * sizeof(query_block));
  query.high = (const int8_t *)(query.both + query.padded);
  query.low = query.high + query.padded;
  query.least = (float)query.blocks * 0x1p-126f;
  return query;
}

// A factor of the bound: rounded up, and never so small that a product with it underflows.
static float factor(double value) {
  float rounded = (float)(value * SLACK);
  return nextafterf(rounded, INFINITY) + 0x1p-126f;
}

static double length(const double *values, size_t count) {
  double squares = 0;
  for (size_t i = 0; i < count; i++) squares += values[i] * values[i];
  return sqrt(squares);
}

static int32_t sum(const int8_t *values, size_t count) {
  int32_t total = 0;
  for (size_t i = 0; i < count; i++) total += values[i];
  return total;
}

void innerspace_query_write(const float *values, size_t dimension, uint8_t *bytes) {
  query_codes query = innerspace_query_read(bytes, dimension);
  query_block *blocks = (query_block *)bytes;
  int16_t *both = (int16_t *)query.both;
  int8_t *high = (int8_t *)query.high, *low = (int8_t *)query.low;
  memset(both, 0, query.padded * sizeof *both);
  memset(high, 0, query.padded);
  memset(low, 0, query.padded);
  // Roundings on the way of a product to a score or to a bound, twice counted.
  double rounding = ((double)dimension / 8 + (double)query.blocks + 64) * 0x1p-23;
  for (size_t b = 0; b < query.blocks; b++) {
    size_t first = b * CODES_BLOCK, end = first + CODES_BLOCK < dimension ? first + CODES_BLOCK : dimension;
    float largest = 0;
    for (size_t i = first; i < end; i++) {
      float size = fabsf(values[i]);
      largest = size > largest ? size : largest;
    }
    query_block *block = blocks + b;
    block->step = nextafterf((float)((double)largest / FINEST), INFINITY);
    if (block->step < (float)CODES_STEP_LEAST) block->step = (float)CODES_STEP_LEAST;
    double step = block->step, inverse = 1 / step;
    double exact[CODES_BLOCK], fine[CODES_BLOCK], coarse[CODES_BLOCK];
    for (size_t i = first; i < end; i++) {
      double value = values[i];
      int32_t p = (int32_t)((value * inverse + ROUNDER) - ROUNDER), h = (p + 128) >> 8;
      both[i] = (int16_t)p;
      high[i] = (int8_t)h;
      low[i] = (int8_t)(p - 256 * h);
      exact[i - first] = value;
      fine[i - first] = value - step * p;
      coarse[i - first] = value - step * (256 * h);
    }
    double size = length(exact, end - first), rest = length(fine, end - first), coarse_rest = length(coarse, end - first);
    block->residual = factor(size * (1 + rounding) / CODES_RESIDUAL_UNITS);
    block->length = factor(CODES_LENGTH_UNIT * (rest + rounding * (size + rest)));
    block->coarse_length = factor(CODES_LENGTH_UNIT * (coarse_rest + rounding * (size + coarse_rest)));
    block->high_offset = -CODES_ZERO * sum(high + first, end - first);
    block->low_offset = -CODES_ZERO * sum(low + first, end - first);
  }
}

#include "query_codes.h"

#include <math.h>
#include <string.h>

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

// Adding and subtracting it rounds a double of at most 2^51 to the nearest whole number.
#define ROUNDER 0x1.8p52
#define SLACK (1 + 1e-12)

enum { LANES = 8 };  // numbers that the products of a block are added up in, for which there are offsets

enum { BY_BLOCK = 9 + 2 * LANES };  // numbers of four bytes a block

static size_t padded(size_t dimension) { return (codes_blocks(dimension) + 15) & ~(size_t)15; }

size_t innerspace_query_bytes(size_t dimension) { return padded(dimension) * (BY_BLOCK * 4 + CODES_BLOCK); }

query_codes innerspace_query_read(const uint8_t *bytes, size_t dimension) {
  size_t each = padded(dimension);
  query_codes query = {.dimension = dimension, .blocks = codes_blocks(dimension)};
  query.step = (const float *)bytes;
  query.length = query.step + each;
  query.residual = query.length + each;
  query.rest = query.residual + each;
  query.upper_step = query.rest + each;
  query.upper_residual = query.upper_step + each;
  query.upper_rest = query.upper_residual + each;
  query.sum = (const int32_t *)(query.upper_rest + each);
  query.upper_sum = query.sum + each;
  query.upper_offset = query.upper_sum + each;
  query.lower_offset = query.upper_offset + LANES * each;
  query.p = (const int8_t *)(query.lower_offset + LANES * each);
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

// Writes the offsets of a block. Those of upper halves are rounded up, which only makes the bound higher. Returns their sum.
static int32_t write_offsets(const int8_t *p, int32_t *upper, int32_t *lower) {
  int32_t sums[LANES] = {0}, total = 0;
  for (size_t i = 0; i < CODES_BLOCK; i++) sums[i / 4 % LANES] += p[i];
  for (size_t i = 0; i < LANES; i++) {
    upper[i] = (int32_t)ceil(-CODES_UPPER_ZERO * sums[i]);
    lower[i] = -CODES_LOWER_ZERO * sums[i];
    total += upper[i];
  }
  return total;
}

void innerspace_query_write(const float *values, size_t dimension, uint8_t *bytes) {
  memset(bytes, 0, innerspace_query_bytes(dimension));
  query_codes query = innerspace_query_read(bytes, dimension);
  // Roundings on the way of a product to a score or to a bound, twice counted.
  double rounding = ((double)dimension / 8 + (double)query.blocks + 64) * 0x1p-23;
  for (size_t b = 0; b < query.blocks; b++) {
    size_t first = b * CODES_BLOCK, count = dimension - first < CODES_BLOCK ? dimension - first : CODES_BLOCK;
    size_t half = codes_half(dimension, b);
    float largest = 0;
    for (size_t i = 0; i < count; i++) {
      float size = fabsf(values[first + i]);
      largest = size > largest ? size : largest;
    }
    float rounded_up = nextafterf((float)((double)largest / 127), INFINITY);
    if (rounded_up < (float)CODES_STEP_LEAST) rounded_up = (float)CODES_STEP_LEAST;
    double step = rounded_up, inverse = 1 / step;
    double exact[CODES_BLOCK], rest[CODES_BLOCK];
    int8_t *entries = (int8_t *)query.p + b * CODES_BLOCK;
    int32_t sum = 0;
    for (size_t i = 0; i < count; i++) {
      double value = values[first + i];
      int32_t p = (int32_t)((value * inverse + ROUNDER) - ROUNDER);
      entries[i < half ? i : i - half + CODES_HALF] = (int8_t)p;
      sum += p;
      exact[i] = value;
      rest[i] = value - step * p;
    }
    double size = length(exact, count), left_out = length(rest, count);
    double rounded = rounding * (size + left_out);
    ((float *)query.step)[b] = rounded_up;
    ((float *)query.length)[b] = factor(CODES_LENGTH_UNIT * (left_out + rounded));
    ((float *)query.residual)[b] = factor(size * (1 + rounding) / CODES_RESIDUAL_UNITS);
    ((float *)query.rest)[b] = factor(2 * CODES_UPPER_LENGTH * rounded);
    ((float *)query.upper_step)[b] = CODES_UPPER * rounded_up;
    ((float *)query.upper_residual)[b] = factor(size * (1 + rounding) / CODES_UPPER_UNITS);
    ((float *)query.upper_rest)[b] = factor(CODES_UPPER_LENGTH * (left_out + rounded));
    ((int32_t *)query.sum)[b] = sum;
    ((int32_t *)query.upper_sum)[b] = write_offsets(entries, (int32_t *)query.upper_offset + LANES * b, (int32_t *)query.lower_offset + LANES * b);
  }
}

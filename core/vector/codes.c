#include "codes.h"

#include <math.h>
#include <string.h>

// Bytes are the same on every machine: only operations that IEEE 754 defines to the bit, in one order.
#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

// On x86-64 GCC also compiles the loops for AVX2 and picks at load time; without it rounding takes a call.
#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__)
#define MULTIVERSION __attribute__((target_clones("avx2", "default")))
#else
#define MULTIVERSION
#endif

#define LANES 8
#define LONGEST 1e30
// Adding and subtracting it rounds a double of at most 2^51 to the nearest whole number, ties to even.
#define ROUNDER 0x1.8p52
// Covers the rounding of a sum of 64 squares and of a root by far.
#define SLACK (1 + 1e-12)

static float up(double value) {
  float rounded = (float)value;
  return (double)rounded < value ? nextafterf(rounded, INFINITY) : rounded;
}

// The upper half of the bits of the least float of eight significant bits that is not below value (not negative).
static uint16_t step_bits(double value) {
  float rounded = up(value);
  uint32_t bits;
  memcpy(&bits, &rounded, sizeof bits);
  return (uint16_t)((bits + 0xffff) >> 16);
}

static double total(const double *sums) {
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

// A block of a row as it is stored.
typedef struct {
  uint8_t step[2], residual, upper_residual, length;
  uint8_t bytes[CODES_BLOCK];
  double squares;  // the sum of those of its entries
} coded_block;

// Codes a block, of which `count` entries are the vector's. values has CODES_BLOCK entries, zeros after those.
MULTIVERSION
static void code_block(const float *values, size_t count, coded_block *block) {
  double squares[LANES] = {0}, residuals[LANES] = {0}, uppers[LANES] = {0}, lengths[LANES] = {0};
  float largest[LANES] = {0};
  for (size_t i = 0; i < CODES_BLOCK; i += LANES)
    for (size_t l = 0; l < LANES; l++) {
      float size = fabsf(values[i + l]);
      largest[l] = size > largest[l] ? size : largest[l];
    }
  for (size_t l = 1; l < LANES; l++) largest[0] = largest[l] > largest[0] ? largest[l] : largest[0];

  double least = (double)largest[0] / 127;
  uint16_t bits = step_bits(least > CODES_STEP_LEAST ? least : CODES_STEP_LEAST);
  block->step[0] = (uint8_t)bits;
  block->step[1] = (uint8_t)(bits >> 8);
  double step = codes_step(block->step, 0), inverse = 1 / step;
  for (size_t i = 0; i < CODES_BLOCK; i += LANES)
    for (size_t l = 0; l < LANES; l++) {
      double value = values[i + l], code = (value * inverse + ROUNDER) - ROUNDER;
      int byte = (int)code + CODES_ZERO;
      double upper = CODES_UPPER * ((byte >> 4) - CODES_UPPER_ZERO);
      double residual = value - code * step, of_upper = i + l < count ? value - upper * step : 0;
      block->bytes[i + l] = (uint8_t)byte;
      squares[l] += value * value;
      residuals[l] += residual * residual;
      uppers[l] += of_upper * of_upper;
      lengths[l] += code * code;
    }
  block->residual = (uint8_t)ceil(sqrt(total(residuals)) * inverse * CODES_RESIDUAL_UNITS * SLACK);
  block->upper_residual = (uint8_t)ceil(sqrt(total(uppers)) * inverse * CODES_UPPER_UNITS * SLACK);
  block->length = (uint8_t)ceil(sqrt(total(lengths)) / CODES_LENGTH_UNIT * SLACK);
  block->squares = total(squares);
}

MULTIVERSION
static int within_bounds(const float *vector, size_t dimension) {
  double sums[LANES] = {0}, rest = 0;
  size_t i = 0;
  for (; i + LANES <= dimension; i += LANES)
    for (size_t l = 0; l < LANES; l++) sums[l] += (double)vector[i + l] * vector[i + l];
  for (; i < dimension; i++) rest += (double)vector[i] * vector[i];
  return total(sums) + rest <= LONGEST * LONGEST;  // not for NaN
}

float innerspace_codes_write(const float *vectors, size_t rows, size_t dimension, uint8_t *uppers, uint8_t *lowers, size_t first) {
  float longest = 0;
  codes_layout layout = codes_layout_of(dimension);
  for (size_t row = first; row < first + rows; row++, vectors += dimension) {
    uint8_t *upper = uppers + row * layout.upper, *lower = lowers + row * layout.lower;
    int finite = within_bounds(vectors, dimension);
    double squares = 0;
    for (size_t b = 0; b < layout.blocks; b++) {
      size_t rest = dimension - b * CODES_BLOCK, count = rest < CODES_BLOCK ? rest : CODES_BLOCK, half = codes_half(dimension, b);
      float values[CODES_BLOCK] = {0};
      if (finite) memcpy(values, vectors + b * CODES_BLOCK, sizeof *values * count);
      coded_block block;
      code_block(values, count, &block);
      memcpy(upper + 2 * b, block.step, 2);
      upper[layout.residuals + b] = block.upper_residual;
      upper[layout.lengths + b] = block.length;
      lower[b] = block.residual;
      uint8_t *of_upper = upper + layout.uppers + b * CODES_HALF, *of_lower = lower + layout.lowers + b * CODES_HALF;
      for (size_t i = 0; i < half; i++) {
        uint8_t one = block.bytes[i], other = block.bytes[half + i];
        of_upper[i] = (uint8_t)(one >> 4 | (other & 0xf0));
        of_lower[i] = (uint8_t)((one & 0xf) | other << 4);
      }
      squares += block.squares;
    }
    float length = finite ? up(sqrt(squares) * SLACK) : INFINITY;
    longest = length > longest ? length : longest;
  }
  return longest;
}

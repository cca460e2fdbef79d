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

// Writes one block of one row. values has CODES_BLOCK entries, zeros after those of the vector. Returns the sum of their squares.
MULTIVERSION
static double write_block(const float *values, size_t width, uint8_t *header, size_t lane) {
  double rounded[CODES_BLOCK], squares[LANES] = {0}, residuals[LANES] = {0}, lengths[LANES] = {0};
  float largest[LANES] = {0};
  for (size_t i = 0; i < CODES_BLOCK; i += LANES)
    for (size_t l = 0; l < LANES; l++) {
      float size = fabsf(values[i + l]);
      largest[l] = size > largest[l] ? size : largest[l];
    }
  for (size_t l = 1; l < LANES; l++) largest[0] = largest[l] > largest[0] ? largest[l] : largest[0];

  double least = (double)largest[0] / 127;
  uint16_t bits = step_bits(least > CODES_STEP_LEAST ? least : CODES_STEP_LEAST);
  header[2 * lane] = (uint8_t)bits;
  header[2 * lane + 1] = (uint8_t)(bits >> 8);
  double step = codes_step(header, lane), inverse = 1 / step;
  for (size_t i = 0; i < CODES_BLOCK; i += LANES)
    for (size_t l = 0; l < LANES; l++) {
      double value = values[i + l], code = (value * inverse + ROUNDER) - ROUNDER;
      double residual = value - code * step;
      rounded[i + l] = code;
      squares[l] += value * value;
      residuals[l] += residual * residual;
      lengths[l] += code * code;
    }
  header[CODES_RESIDUALS + lane] = (uint8_t)ceil(sqrt(total(residuals)) * inverse * CODES_RESIDUAL_UNITS * SLACK);
  header[CODES_LENGTHS + lane] = (uint8_t)ceil(sqrt(total(lengths)) / CODES_LENGTH_UNIT * SLACK);
  uint8_t *bytes = header + CODES_HEADER + 4 * lane;
  for (size_t i = 0; i < width; i += 4)
    for (size_t k = 0; k < 4; k++) bytes[i * CODES_GROUP + k] = (uint8_t)((int)rounded[i + k] + CODES_ZERO);
  return total(squares);
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

float innerspace_codes_write(const float *vectors, size_t rows, size_t dimension, uint8_t *codes, size_t first) {
  float longest = 0;
  for (size_t row = first; row < first + rows; row++, vectors += dimension) {
    uint8_t *header = codes + row / CODES_GROUP * codes_group_bytes(dimension);
    int finite = within_bounds(vectors, dimension);
    double squares = 0;
    for (size_t block = 0; block < codes_blocks(dimension); block++) {
      size_t width = codes_width(dimension, block), rest = dimension - block * CODES_BLOCK;
      float values[CODES_BLOCK] = {0};
      if (finite) memcpy(values, vectors + block * CODES_BLOCK, sizeof *values * (rest < CODES_BLOCK ? rest : CODES_BLOCK));
      squares += write_block(values, width, header, row % CODES_GROUP);
      header += CODES_HEADER + width * CODES_GROUP;
    }
    float length = finite ? up(sqrt(squares) * SLACK) : INFINITY;
    longest = length > longest ? length : longest;
  }
  return longest;
}

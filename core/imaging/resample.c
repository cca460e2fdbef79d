#include "resample.h"

#include <string.h>

// Plain C with the compilers' portable vectors: the same code everywhere. On
// x86-64 GCC also compiles it for AVX2 and picks at load time.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define MULTIVERSION __attribute__((target_clones("avx2", "default")))
#else
#define MULTIVERSION
#endif

typedef uint8_t bytes4 __attribute__((vector_size(4)));
typedef uint8_t bytes8 __attribute__((vector_size(8)));
typedef int32_t sums4 __attribute__((vector_size(16)));
typedef int32_t sums8 __attribute__((vector_size(32)));

#define HALF (1 << (RESAMPLE_BITS - 1))

static inline uint8_t clip8(int32_t sum) {
  sum >>= RESAMPLE_BITS;
  return sum < 0 ? 0 : sum > 255 ? 255 : (uint8_t)sum;
}

static inline void sum_pixel(const uint8_t *in, int32_t count, const int32_t *coefficients, uint8_t *out) {
  int32_t red = HALF, green = HALF, blue = HALF;
  for (int32_t i = 0; i < count; i++) {
    red += in[3 * i] * coefficients[i];
    green += in[3 * i + 1] * coefficients[i];
    blue += in[3 * i + 2] * coefficients[i];
  }
  out[0] = clip8(red);
  out[1] = clip8(green);
  out[2] = clip8(blue);
}

MULTIVERSION
void innerspace_resample_horizontal(const uint8_t *source, size_t source_width, size_t rows, uint8_t *out, size_t outputs, const int32_t *firsts,
                                    const int32_t *counts, const int32_t *coefficients, size_t taps) {
  for (size_t y = 0; y < rows; y++) {
    const uint8_t *row = source + y * source_width * 3;
    uint8_t *to = out + y * outputs * 3;
    for (size_t x = 0; x < outputs; x++, to += 3) {
      const uint8_t *in = row + 3 * (size_t)firsts[x];
      const int32_t *k = coefficients + x * taps;
      int32_t count = counts[x];
      // A pixel is read as four bytes, which the very last pixel has not.
      if (y + 1 == rows && (size_t)firsts[x] + count >= source_width) {
        sum_pixel(in, count, k, to);
        continue;
      }
      sums4 even = {HALF, HALF, HALF, 0}, odd = {0, 0, 0, 0};
      int32_t i = 0;
      for (; i + 1 < count; i += 2) {
        bytes4 first, second;
        memcpy(&first, in + 3 * i, 4);
        memcpy(&second, in + 3 * i + 3, 4);
        even += __builtin_convertvector(first, sums4) * k[i];
        odd += __builtin_convertvector(second, sums4) * k[i + 1];
      }
      if (i < count) {
        bytes4 last;
        memcpy(&last, in + 3 * i, 4);
        even += __builtin_convertvector(last, sums4) * k[i];
      }
      even += odd;
      to[0] = clip8(even[0]);
      to[1] = clip8(even[1]);
      to[2] = clip8(even[2]);
    }
  }
}

MULTIVERSION
void innerspace_resample_vertical(const uint8_t *source, size_t row_bytes, uint8_t *out, size_t outputs, const int32_t *firsts,
                                  const int32_t *counts, const int32_t *coefficients, size_t taps) {
  for (size_t y = 0; y < outputs; y++) {
    const uint8_t *in = source + (size_t)firsts[y] * row_bytes;
    const int32_t *k = coefficients + y * taps;
    uint8_t *to = out + y * row_bytes;
    size_t x = 0;
    for (; x + 16 <= row_bytes; x += 16) {
      sums8 low = {HALF, HALF, HALF, HALF, HALF, HALF, HALF, HALF}, high = low;
      const uint8_t *column = in + x;
      for (int32_t i = 0; i < counts[y]; i++, column += row_bytes) {
        bytes8 left, right;
        memcpy(&left, column, 8);
        memcpy(&right, column + 8, 8);
        low += __builtin_convertvector(left, sums8) * k[i];
        high += __builtin_convertvector(right, sums8) * k[i];
      }
      for (int lane = 0; lane < 8; lane++) {
        to[x + lane] = clip8(low[lane]);
        to[x + 8 + lane] = clip8(high[lane]);
      }
    }
    for (; x < row_bytes; x++) {
      int32_t sum = HALF;
      for (int32_t i = 0; i < counts[y]; i++) sum += in[(size_t)i * row_bytes + x] * k[i];
      to[x] = clip8(sum);
    }
  }
}

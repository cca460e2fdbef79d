#include "resample.h"

#include <string.h>

// Plain C with the compilers' portable vectors: the same code everywhere. On
// x86-64 GCC also compiles it for AVX2 and picks at load time.
#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__)
#define MULTIVERSION __attribute__((target_clones("avx2", "default")))
#else
#define MULTIVERSION
#endif

#define HALF (1 << (RESAMPLE_BITS - 1))
#define BLOCK 256  // bytes of a row that the vertical pass sums up at a time

typedef uint32_t lanes __attribute__((vector_size(32)));  // unsigned, so that unused lanes may overflow
typedef int32_t sums __attribute__((vector_size(32)));

static inline uint8_t clip8(int32_t sum) {
  sum >>= RESAMPLE_BITS;
  return sum < 0 ? 0 : sum > 255 ? 255 : (uint8_t)sum;
}

// Two rows go side by side: each column is a vector of red, green, blue, unused
// of the one row and then of the other; unused lanes hold anything. Widening the
// pixels once pays, because each is used by several outputs.
static inline void widen(const uint8_t *first, const uint8_t *second, size_t width, int32_t *columns) {
  for (size_t x = 0; x < width; x++, first += 3, second += 3, columns += 8) {
    columns[0] = first[0];
    columns[1] = first[1];
    columns[2] = first[2];
    columns[4] = second[0];
    columns[5] = second[1];
    columns[6] = second[2];
  }
}

MULTIVERSION
void innerspace_resample_horizontal(const uint8_t *source, size_t source_width, size_t rows, uint8_t *out, const resample_axis *axis,
                                    int32_t *scratch) {
  size_t outputs = axis->outputs;
  size_t left = (size_t)axis->firsts[0];
  size_t used = (size_t)axis->firsts[outputs - 1] + (size_t)axis->counts[outputs - 1] - left;
  for (size_t y = 0; y < rows; y += 2) {
    size_t second = y + 1 < rows ? y + 1 : y;
    widen(source + 3 * (y * source_width + left), source + 3 * (second * source_width + left), used, scratch);
    uint8_t *upper = out + 3 * y * outputs, *lower = out + 3 * second * outputs;
    for (size_t x = 0; x < outputs; x++, upper += 3, lower += 3) {
      const int32_t *in = scratch + 8 * ((size_t)axis->firsts[x] - left);
      const int32_t *k = axis->coefficients + x * axis->taps;
      lanes even = {HALF, HALF, HALF, HALF, HALF, HALF, HALF, HALF}, odd = {0};
      lanes pixel;
      int32_t i = 0, count = axis->counts[x];
      for (; i + 1 < count; i += 2, in += 16) {
        memcpy(&pixel, in, sizeof pixel);
        even += pixel * (uint32_t)k[i];
        memcpy(&pixel, in + 8, sizeof pixel);
        odd += pixel * (uint32_t)k[i + 1];
      }
      if (i < count) {
        memcpy(&pixel, in, sizeof pixel);
        even += pixel * (uint32_t)k[i];
      }
      // Clipped to 0..255 without branches: negative sums become 0, too large ones get all bits.
      sums total = (sums)(even + odd) >> RESAMPLE_BITS;
      total &= ~(total >> 31);
      total |= (255 - total) >> 31;
      for (int c = 0; c < 3; c++) {
        upper[c] = (uint8_t)total[c];
        lower[c] = (uint8_t)total[4 + c];
      }
    }
  }
}

MULTIVERSION
void innerspace_resample_vertical(const uint8_t *source, size_t row_bytes, uint8_t *out, const resample_axis *axis) {
  for (size_t y = 0; y < axis->outputs; y++) {
    const uint8_t *rows = source + (size_t)axis->firsts[y] * row_bytes;
    const int32_t *k = axis->coefficients + y * axis->taps;
    for (size_t start = 0; start < row_bytes; start += BLOCK) {
      int32_t sum[BLOCK];
      size_t length = row_bytes - start < BLOCK ? row_bytes - start : BLOCK;
      const uint8_t *in = rows + start;
      uint8_t *to = out + y * row_bytes + start;
      for (size_t x = 0; x < length; x++) sum[x] = HALF;
      for (int32_t i = 0; i < axis->counts[y]; i++, in += row_bytes) {
        int32_t coefficient = k[i];
        for (size_t x = 0; x < length; x++) sum[x] += in[x] * coefficient;
      }
      for (size_t x = 0; x < length; x++) to[x] = clip8(sum[x]);
    }
  }
}

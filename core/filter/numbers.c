#include "numbers.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

unsigned innerspace_numbers_paths(void) {
  unsigned paths = 1u << NUMBERS_PORTABLE;
#ifdef __x86_64__
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) paths |= 1u << NUMBERS_AVX2;
  if (__builtin_cpu_supports("avx512f")) paths |= 1u << NUMBERS_AVX512;
#endif
  return paths;
}

// The bits of 64 values that are in the range. Shifted by low, these are the values up to width without a sign: one comparison in place of two.
typedef uint64_t word_between(const int64_t *values, int64_t low, uint64_t width);

static uint64_t between_portable(const int64_t *values, int64_t low, uint64_t width) {
  uint64_t word = 0;
  for (int i = 0; i < 64; i++) word |= (uint64_t)((uint64_t)values[i] - (uint64_t)low <= width) << i;
  return word;
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static uint64_t between_avx2(const int64_t *values, int64_t low, uint64_t width) {
  // These instructions compare with a sign: with the top bit turned, that is the order without one.
  const __m256i top = _mm256_set1_epi64x(INT64_MIN), lows = _mm256_set1_epi64x(low);
  const __m256i widths = _mm256_xor_si256(_mm256_set1_epi64x((int64_t)width), top);
  uint64_t above = 0;
  for (int i = 0; i < 64; i += 4) {
    __m256i shifted = _mm256_sub_epi64(_mm256_loadu_si256((const __m256i *)(values + i)), lows);
    __m256i high = _mm256_cmpgt_epi64(_mm256_xor_si256(shifted, top), widths);
    above |= (uint64_t)_mm256_movemask_pd(_mm256_castsi256_pd(high)) << i;
  }
  return ~above;
}

__attribute__((target("avx512f"))) static uint64_t between_avx512(const int64_t *values, int64_t low, uint64_t width) {
  const __m512i lows = _mm512_set1_epi64(low), widths = _mm512_set1_epi64((int64_t)width);
  uint64_t word = 0;
  for (int i = 0; i < 64; i += 8) {
    __m512i shifted = _mm512_sub_epi64(_mm512_loadu_si512(values + i), lows);
    word |= (uint64_t)_mm512_cmple_epu64_mask(shifted, widths) << i;
  }
  return word;
}
#endif

static word_between *const between_paths[NUMBERS_PATHS] = {
    [NUMBERS_PORTABLE] = between_portable,
#ifdef __x86_64__
    [NUMBERS_AVX2] = between_avx2,
    [NUMBERS_AVX512] = between_avx512,
#endif
};

void innerspace_numbers_between(unsigned path, const int64_t *values, const uint64_t *present, const uint64_t *need, uint64_t *into, size_t words,
                                int64_t low, uint64_t width) {
  word_between *between = between_paths[path];
  for (size_t w = 0; w < words; w++) {
    uint64_t asked = need[w] & present[w] & ~into[w];
    if (asked) into[w] |= asked & between(values + 64 * w, low, width);
  }
}

void innerspace_numbers_one_of(const int64_t *values, const uint64_t *present, const uint64_t *need, uint64_t *into, size_t words, int64_t low,
                               uint64_t width, const uint8_t *table) {
  for (size_t w = 0; w < words; w++) {
    uint64_t asked = need[w] & present[w] & ~into[w], word = 0;
    if (!asked) continue;
    // All 64, since a branch for each row would cost more than looking up those that nobody asked for.
    for (int from = 0; from < 64; from += 8) {
      const int64_t *eight = values + 64 * w + (size_t)from;
      unsigned found = 0;
      for (int i = 0; i < 8; i++) {
        uint64_t shifted = (uint64_t)eight[i] - (uint64_t)low;
        found |= (unsigned)table[shifted < width ? shifted : width] << i;
      }
      word |= (uint64_t)found << from;
    }
    into[w] |= asked & word;
  }
}

#include "scan.h"

#ifdef __x86_64__
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define AVX2_INLINE __attribute__((target("avx2"), always_inline)) static inline

// Bytes of at most eight blocks as numbers; zeros where there are none.
AVX2_INLINE __m256 eight(const uint8_t *bytes, size_t count) {
  __m128i some = _mm_setzero_si128();
  if (count >= 8)
    some = _mm_loadl_epi64((const __m128i *)bytes);
  else
    for (size_t i = count; i > 0; i--) some = _mm_or_si128(_mm_slli_si128(some, 1), _mm_cvtsi32_si128(bytes[i - 1]));
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(some));
}

AVX2_INLINE __m256 steps_of(const uint8_t *upper, size_t count) {
  __m128i some = _mm_setzero_si128();
  if (count >= 8)
    some = _mm_loadu_si128((const __m128i *)upper);
  else
    for (size_t i = count; i > 0; i--) some = _mm_or_si128(_mm_slli_si128(some, 2), _mm_cvtsi32_si128(upper[2 * i - 2] | upper[2 * i - 1] << 8));
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(some), 16));
}

// Halves of a block times the query's entries, added up in fours, and an offset. What a narrow block has is followed by zeros.
AVX2_INLINE __m256 products(const uint8_t *bytes, int narrow, const int32_t *offset, const int8_t *p) {
  const __m256i low_bits = _mm256_set1_epi8(0xf);
  __m256i halves = narrow ? _mm256_zextsi128_si256(_mm_loadu_si128((const __m128i *)bytes)) : _mm256_loadu_si256((const __m256i *)bytes);
  __m256i first = _mm256_maddubs_epi16(_mm256_and_si256(halves, low_bits), _mm256_loadu_si256((const __m256i *)p));
  __m256i second = _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16(halves, 4), low_bits), _mm256_loadu_si256((const __m256i *)(p + CODES_HALF)));
  __m256i sums = _mm256_madd_epi16(_mm256_add_epi16(first, second), _mm256_set1_epi16(1));  // four products of at most 15 * 127 fit into 16 bits
  return _mm256_cvtepi32_ps(_mm256_add_epi32(sums, _mm256_loadu_si256((const __m256i *)offset)));
}

// The sums of four vectors.
AVX2_INLINE __m128 totals(const __m256 *sums) {
  __m256 all = _mm256_hadd_ps(_mm256_hadd_ps(sums[0], sums[1]), _mm256_hadd_ps(sums[2], sums[3]));
  return _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1));
}

AVX2_INLINE void by_uppers(const query_codes *query, const codes_layout *layout, const uint8_t *const *rows, scan_values *result) {
  size_t blocks = layout->blocks;
  int narrow = codes_half(query->dimension, blocks - 1) < CODES_HALF;
  __m256 sums[SCAN_TOGETHER], slacks[SCAN_TOGETHER];
#pragma GCC unroll 4
  for (size_t k = 0; k < SCAN_TOGETHER; k++) sums[k] = slacks[k] = _mm256_setzero_ps();
  for (size_t first = 0; first < blocks; first += 8) {
    size_t count = blocks - first, end = first + (count < 8 ? count : 8);
    float factors[SCAN_TOGETHER][8];
#pragma GCC unroll 4
    for (size_t k = 0; k < SCAN_TOGETHER; k++) {
      __m256 steps = steps_of(rows[k] + 2 * first, count), lengths = eight(rows[k] + layout->lengths + first, count);
      sums[k] = _mm256_add_ps(sums[k], _mm256_mul_ps(_mm256_mul_ps(steps, _mm256_loadu_ps(query->length + first)), lengths));
      __m256 part = _mm256_mul_ps(_mm256_loadu_ps(query->upper_residual + first), eight(rows[k] + layout->residuals + first, count));
      slacks[k] = _mm256_add_ps(slacks[k], _mm256_mul_ps(steps, _mm256_add_ps(part, _mm256_loadu_ps(query->upper_rest + first))));
      _mm256_storeu_ps(factors[k], _mm256_mul_ps(steps, _mm256_loadu_ps(query->upper_step + first)));
    }
    for (size_t b = first; b < end; b++)
#pragma GCC unroll 4
      for (size_t k = 0; k < SCAN_TOGETHER; k++) {
        const uint8_t *halves = rows[k] + layout->uppers + b * CODES_HALF;
        __m256 product = products(halves, narrow && b + 1 == blocks, query->upper_offset + 8 * b, query->p + b * CODES_BLOCK);
        sums[k] = _mm256_add_ps(sums[k], _mm256_mul_ps(product, _mm256_set1_ps(factors[k][b - first])));
      }
  }
  __m128 values = _mm_add_ps(totals(sums), _mm_set1_ps(query->least));
  _mm_storeu_ps(result->values, values);
  _mm_storeu_ps(result->bounds, _mm_add_ps(values, totals(slacks)));
}

AVX2_INLINE float by_lower(const query_codes *query, const codes_layout *layout, const uint8_t *upper, const uint8_t *lower) {
  float slack = 0;
  __m256 sums = _mm256_setzero_ps();
  for (size_t b = 0; b < layout->blocks; b++) {
    float step = codes_step(upper, b);
    slack += step * (query->residual[b] * lower[b] + query->rest[b]);
    int narrow = codes_half(query->dimension, b) < CODES_HALF;
    __m256 product = products(lower + layout->lowers + b * CODES_HALF, narrow, query->lower_offset + 8 * b, query->p + b * CODES_BLOCK);
    sums = _mm256_add_ps(sums, _mm256_mul_ps(product, _mm256_set1_ps(step * query->step[b])));
  }
  __m128 half = _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps(sums, 1));
  half = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half))) + slack;
}

SCAN_FUNCTION(innerspace_scan_avx2, AVX2, by_uppers, by_lower)
#endif

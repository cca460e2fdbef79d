#include "scan_avx512.h"

#ifdef __x86_64__

// Bit i: there is a block i of eight.
AVX512_INLINE __mmask8 there_of(size_t blocks) { return blocks < 8 ? (__mmask8)((1u << blocks) - 1) : (__mmask8)0xff; }

AVX512_INLINE __m256 steps_of(const uint8_t *upper, __mmask8 there) {
  __m256i bits = _mm256_cvtepu16_epi32(_mm_maskz_loadu_epi16(there, upper));
  return _mm256_castsi256_ps(_mm256_slli_epi32(bits, 16));
}

// Bytes of eight blocks as numbers.
AVX512_INLINE __m256 eight(const uint8_t *bytes, __mmask8 there) {
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_maskz_loadu_epi8(there, bytes)));
}

// The halves of a block; zeros after a narrow one.
AVX512_INLINE __m256i halves_of(const uint8_t *bytes, int narrow) {
  return narrow ? _mm256_zextsi128_si256(_mm_loadu_si128((const __m128i *)bytes)) : _mm256_loadu_si256((const __m256i *)bytes);
}

// Halves of codes times the query's entries, added up in fours, and an offset.
AVX512_INLINE __m256 products(__m256i halves, __m256i offset, __m256i first, __m256i second) {
  const __m256i low_bits = _mm256_set1_epi8(0xf);
  __m256i sums = _mm256_dpbusd_epi32(offset, _mm256_and_si256(halves, low_bits), first);
  return _mm256_cvtepi32_ps(_mm256_dpbusd_epi32(sums, _mm256_and_si256(_mm256_srli_epi16(halves, 4), low_bits), second));
}

// The sums of four vectors.
AVX512_INLINE __m128 totals(const __m256 *sums) {
  __m256 all = _mm256_hadd_ps(_mm256_hadd_ps(sums[0], sums[1]), _mm256_hadd_ps(sums[2], sums[3]));
  return _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1));
}

AVX512_INLINE void by_uppers(const query_codes *query, const codes_layout *layout, const uint8_t *const *rows, scan_values *result) {
  size_t blocks = layout->blocks;
  int narrow = codes_half(query->dimension, blocks - 1) < CODES_HALF;
  __m256 sums[SCAN_TOGETHER], slacks[SCAN_TOGETHER];
#pragma GCC unroll 4
  for (size_t k = 0; k < SCAN_TOGETHER; k++) sums[k] = slacks[k] = _mm256_setzero_ps();
  for (size_t first = 0; first < blocks; first += 8) {
    __mmask8 there = there_of(blocks - first);
    float factors[SCAN_TOGETHER][8];
#pragma GCC unroll 4
    for (size_t k = 0; k < SCAN_TOGETHER; k++) {
      __m256 steps = steps_of(rows[k] + 2 * first, there), lengths = eight(rows[k] + layout->lengths + first, there);
      sums[k] = _mm256_fmadd_ps(_mm256_mul_ps(steps, _mm256_loadu_ps(query->length + first)), lengths, sums[k]);
      __m256 part = _mm256_fmadd_ps(_mm256_loadu_ps(query->upper_residual + first), eight(rows[k] + layout->residuals + first, there),
                                    _mm256_loadu_ps(query->upper_rest + first));
      slacks[k] = _mm256_fmadd_ps(steps, part, slacks[k]);
      _mm256_storeu_ps(factors[k], _mm256_mul_ps(steps, _mm256_loadu_ps(query->upper_step + first)));
    }
    size_t end = first + 8 < blocks ? first + 8 : blocks;
    for (size_t b = first; b < end; b++) {
      __m256i offset = _mm256_loadu_si256((const __m256i *)(query->upper_offset + 8 * b));
      const __m256i *p = (const __m256i *)(query->p + b * CODES_BLOCK);
      __m256i of_first = _mm256_loadu_si256(p), of_second = _mm256_loadu_si256(p + 1);
#pragma GCC unroll 4
      for (size_t k = 0; k < SCAN_TOGETHER; k++) {
        __m256i halves = halves_of(rows[k] + layout->uppers + b * CODES_HALF, narrow && b + 1 == blocks);
        sums[k] = _mm256_fmadd_ps(products(halves, offset, of_first, of_second), _mm256_set1_ps(factors[k][b - first]), sums[k]);
      }
    }
  }
  __m128 values = _mm_add_ps(totals(sums), _mm_set1_ps(query->least));
  _mm_storeu_ps(result->values, values);
  _mm_storeu_ps(result->bounds, _mm_add_ps(values, totals(slacks)));
}

AVX512_INLINE float by_lower(const query_codes *query, const codes_layout *layout, const uint8_t *upper, const uint8_t *lower) {
  __m256 sums = _mm256_setzero_ps();
  for (size_t first = 0; first < layout->blocks; first += 8) {
    size_t rest = layout->blocks - first, end = first + (rest < 8 ? rest : 8);
    __mmask8 there = there_of(rest);
    __m256 steps = steps_of(upper + 2 * first, there);
    __m256 part = _mm256_fmadd_ps(_mm256_loadu_ps(query->residual + first), eight(lower + first, there), _mm256_loadu_ps(query->rest + first));
    sums = _mm256_fmadd_ps(steps, part, sums);
    float factors[8];
    _mm256_storeu_ps(factors, _mm256_mul_ps(steps, _mm256_loadu_ps(query->step + first)));
    for (size_t b = first; b < end; b++) {
      __m256i halves = halves_of(lower + layout->lowers + b * CODES_HALF, codes_half(query->dimension, b) < CODES_HALF);
      __m256i offset = _mm256_loadu_si256((const __m256i *)(query->lower_offset + 8 * b));
      const __m256i *p = (const __m256i *)(query->p + b * CODES_BLOCK);
      __m256 product = products(halves, offset, _mm256_loadu_si256(p), _mm256_loadu_si256(p + 1));
      sums = _mm256_fmadd_ps(product, _mm256_set1_ps(factors[b - first]), sums);
    }
  }
  __m128 half = _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps(sums, 1));
  half = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}

SCAN_FUNCTION(innerspace_scan_avx512, AVX512, by_uppers, by_lower)
#endif

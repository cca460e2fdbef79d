#include "scan.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

// Four rows of four entries as 16-bit numbers, times the query's, added up in pairs: two sums a row.
__attribute__((target("avx2"), always_inline)) static inline __m256i pairs(__m256i sums, const uint8_t *bytes, __m256i query) {
  __m256i wide = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)bytes));
  return _mm256_add_epi32(sums, _mm256_madd_epi16(wide, query));
}

// The sums of eight rows in their order, from the pairs of the first and the second four.
__attribute__((target("avx2"), always_inline)) static inline __m256i whole(__m256i first, __m256i second) {
  return _mm256_permute4x64_epi64(_mm256_hadd_epi32(first, second), 0xd8);
}

// Adds a block's part to the bounds of eight rows, from `lane` on.
__attribute__((target("avx2"), always_inline)) static inline __m256 bound(__m256 bounds, __m256i sums, const query_block *block,
                                                                          const uint8_t *header, size_t lane) {
  sums = _mm256_add_epi32(sums, _mm256_set1_epi32(256 * block->high_offset + block->low_offset));
  __m256i bits = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(header + 2 * lane)));
  __m256 step = _mm256_castsi256_ps(_mm256_slli_epi32(bits, 16));
  __m256 residual = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(header + CODES_RESIDUALS + lane))));
  __m256 length = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(header + CODES_LENGTHS + lane))));
  __m256 part = _mm256_mul_ps(_mm256_set1_ps(block->residual), residual);
  part = _mm256_add_ps(part, _mm256_mul_ps(_mm256_set1_ps(block->length), length));
  part = _mm256_add_ps(part, _mm256_mul_ps(_mm256_set1_ps(block->step), _mm256_cvtepi32_ps(sums)));
  return _mm256_add_ps(bounds, _mm256_mul_ps(step, part));
}

__attribute__((target("avx2"))) void innerspace_scan_avx2(const query_codes *query, const uint8_t *codes, size_t groups,
                                                          const uint64_t *wanted, float threshold, scan_found *found) {
  size_t group_bytes = codes_group_bytes(query->dimension);
  for (size_t group = 0; group < groups; group++) {
    unsigned rows = scan_wanted(wanted, group);
    if (scan_few(rows, group, found)) continue;
    const uint8_t *header = codes + group * group_bytes;
    const int16_t *p = query->both;
    __m256 lower = _mm256_set1_ps(query->least), upper = lower;
    for (size_t b = 0; b < query->blocks; b++) {
      const uint8_t *bytes = header + CODES_HEADER;
      size_t width = codes_width(query->dimension, b);
      __m256i sums[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
      for (size_t i = 0; i < width; i += 4, bytes += 4 * CODES_GROUP, p += 4) {
        long long four;
        memcpy(&four, p, sizeof four);
        __m256i entries = _mm256_set1_epi64x(four);
        sums[0] = pairs(sums[0], bytes, entries);
        sums[1] = pairs(sums[1], bytes + 16, entries);
        sums[2] = pairs(sums[2], bytes + 32, entries);
        sums[3] = pairs(sums[3], bytes + 48, entries);
      }
      lower = bound(lower, whole(sums[0], sums[1]), query->block + b, header, 0);
      upper = bound(upper, whole(sums[2], sums[3]), query->block + b, header, 8);
      header = bytes;
    }
    __m256 least = _mm256_set1_ps(threshold);
    unsigned reached = (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(lower, least, _CMP_NLT_UQ)) |
                       (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(upper, least, _CMP_NLT_UQ)) << 8;
    reached &= rows;
    if (reached) {
      float bounds[CODES_GROUP];
      _mm256_storeu_ps(bounds, lower);
      _mm256_storeu_ps(bounds + 8, upper);
      scan_add(reached, group, bounds, found);
    }
  }
}
#endif

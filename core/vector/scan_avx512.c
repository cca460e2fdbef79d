#include "scan_avx512.h"

#ifdef __x86_64__
#include <string.h>

AVX512 __attribute__((always_inline)) static inline __m512i four(const int8_t *entries) {
  int bytes;
  memcpy(&bytes, entries, sizeof bytes);
  return _mm512_set1_epi32(bytes);
}

AVX512 void innerspace_scan_avx512(const query_codes *query, const uint8_t *codes, size_t groups, const uint64_t *wanted,
                                   float threshold, scan_found *found) {
  size_t group_bytes = codes_group_bytes(query->dimension);
  for (size_t group = 0; group < groups; group++) {
    unsigned rows = scan_wanted(wanted, group);
    if (scan_few(rows, group, found)) continue;
    const uint8_t *header = codes + group * group_bytes;
    const int8_t *high = query->high, *low = query->low;
    __m512 bounds = _mm512_set1_ps(query->least);
    for (size_t b = 0; b < query->blocks; b++) {
      const query_block *block = query->block + b;
      const uint8_t *bytes = header + CODES_HEADER;
      size_t width = codes_width(query->dimension, b), i = 0;
      __m512i highs = _mm512_set1_epi32(block->high_offset), lows = _mm512_set1_epi32(block->low_offset);
      __m512i odd_highs = _mm512_setzero_si512(), odd_lows = _mm512_setzero_si512();
      for (; i + 8 <= width; i += 8, bytes += 8 * CODES_GROUP) {
        __m512i even = _mm512_loadu_si512(bytes), odd = _mm512_loadu_si512(bytes + 4 * CODES_GROUP);
        highs = _mm512_dpbusd_epi32(highs, even, four(high + i));
        lows = _mm512_dpbusd_epi32(lows, even, four(low + i));
        odd_highs = _mm512_dpbusd_epi32(odd_highs, odd, four(high + i + 4));
        odd_lows = _mm512_dpbusd_epi32(odd_lows, odd, four(low + i + 4));
      }
      if (i < width) {
        __m512i last = _mm512_loadu_si512(bytes);
        bytes += 4 * CODES_GROUP;
        highs = _mm512_dpbusd_epi32(highs, last, four(high + i));
        lows = _mm512_dpbusd_epi32(lows, last, four(low + i));
      }
      high += width;
      low += width;
      avx512_header read = avx512_read(header);
      __m512 part = _mm512_mul_ps(_mm512_set1_ps(block->residual), read.residual);
      part = _mm512_fmadd_ps(_mm512_set1_ps(block->length), read.length, part);
      part = _mm512_fmadd_ps(_mm512_set1_ps(block->step), _mm512_cvtepi32_ps(_mm512_add_epi32(lows, odd_lows)), part);
      part = _mm512_fmadd_ps(_mm512_set1_ps(block->step * 256), _mm512_cvtepi32_ps(_mm512_add_epi32(highs, odd_highs)), part);
      bounds = _mm512_fmadd_ps(read.step, part, bounds);
      header = bytes;
    }
    __mmask16 reached = _mm512_cmp_ps_mask(bounds, _mm512_set1_ps(threshold), _CMP_NLT_UQ) & (__mmask16)rows;
    if (reached) {
      avx512_add(reached, group, bounds, found->rows, found->bounds, found->count);
      found->count += (size_t)__builtin_popcount(reached);
    }
  }
}
#endif

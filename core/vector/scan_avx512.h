// What the scans of one query and of a tile share on AVX-512.
#ifndef INNERSPACE_SCAN_AVX512_H
#define INNERSPACE_SCAN_AVX512_H
#ifdef __x86_64__
#include <immintrin.h>

#include "scan.h"

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

// The header of a block, of all 16 rows.
typedef struct {
  __m512 step, residual, length;
} avx512_header;

AVX512 __attribute__((always_inline)) static inline avx512_header avx512_read(const uint8_t *header) {
  __m512i bits = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)header));
  avx512_header read = {
      _mm512_castsi512_ps(_mm512_slli_epi32(bits, 16)),
      _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(header + CODES_RESIDUALS)))),
      _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(header + CODES_LENGTHS)))),
  };
  return read;
}

// Adds the rows whose bit is set. Compressing into memory is slow on some machines; into a register it is not.
AVX512 __attribute__((always_inline)) static inline void avx512_add(__mmask16 reached, size_t group, __m512 bounds, int32_t *rows,
                                                                    float *to, size_t count) {
  __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  lanes = _mm512_add_epi32(lanes, _mm512_set1_epi32((int)(group * CODES_GROUP)));
  _mm512_storeu_si512(rows + count, _mm512_maskz_compress_epi32(reached, lanes));
  _mm512_storeu_ps(to + count, _mm512_maskz_compress_ps(reached, bounds));
}

#endif
#endif

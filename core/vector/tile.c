#include "tile.h"

#include <string.h>

// A tile's bytes: its blocks, then for each four entries those of each query.
static uint8_t *entries(const uint8_t *tile, size_t dimension) { return (uint8_t *)tile + codes_blocks(dimension) * sizeof(tile_block); }

size_t innerspace_tile_bytes(size_t dimension) {
  return codes_blocks(dimension) * sizeof(tile_block) + codes_halves(dimension) * 2 * TILE;
}

void innerspace_tile_write(const uint8_t *bytes, size_t dimension, size_t place, uint8_t *tile) {
  query_codes query = innerspace_query_read(bytes, dimension);
  tile_block *blocks = (tile_block *)tile;
  uint8_t *to = entries(tile, dimension) + 4 * place;
  for (size_t b = 0; b < query.blocks; b++) {
    blocks[b].step[place] = query.step[b];
    blocks[b].residual[place] = query.residual[b];
    blocks[b].length[place] = query.length[b];
    blocks[b].offset[place] = -CODES_ZERO * query.sum[b];
    const int8_t *p = query.p + b * CODES_BLOCK;
    size_t half = codes_half(dimension, b);
    for (size_t i = 0; i < half; i += 4, to += 4 * TILE) memcpy(to, p + i, 4);
    for (size_t i = 0; i < half; i += 4, to += 4 * TILE) memcpy(to, p + CODES_HALF + i, 4);
  }
}

#ifdef __x86_64__
#include "scan_avx512.h"

// 16 bytes of each of four rows.
AVX512_INLINE __m512i of_four_rows(const uint8_t *bytes, size_t apart) {
  __m512i rows = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)bytes));
  rows = _mm512_inserti32x4(rows, _mm_loadu_si128((const __m128i *)(bytes + apart)), 1);
  rows = _mm512_inserti32x4(rows, _mm_loadu_si128((const __m128i *)(bytes + 2 * apart)), 2);
  return _mm512_inserti32x4(rows, _mm_loadu_si128((const __m128i *)(bytes + 3 * apart)), 3);
}

// Of 16 bytes of each of 16 rows, of which the k-th of four vectors has rows k, 4+k, 8+k and 12+k: the first four bytes of each row, the next four, and so on.
AVX512_INLINE void side_by_side(const __m512i *rows, uint8_t *to) {
  __m512i low_first = _mm512_unpacklo_epi32(rows[0], rows[1]), low_second = _mm512_unpacklo_epi32(rows[2], rows[3]);
  __m512i high_first = _mm512_unpackhi_epi32(rows[0], rows[1]), high_second = _mm512_unpackhi_epi32(rows[2], rows[3]);
  _mm512_storeu_si512(to, _mm512_unpacklo_epi64(low_first, low_second));
  _mm512_storeu_si512(to + 64, _mm512_unpackhi_epi64(low_first, low_second));
  _mm512_storeu_si512(to + 128, _mm512_unpacklo_epi64(high_first, high_second));
  _mm512_storeu_si512(to + 192, _mm512_unpackhi_epi64(high_first, high_second));
}

// Brings bytes into the cache one after the other: a processor is several times as fast at that as where it has to jump.
static void read_on(const uint8_t *bytes, size_t count) {
  for (size_t at = 0; at < count; at += 64) (void)*(const volatile uint8_t *)(bytes + at);
}

AVX512 void innerspace_tile_lay_avx512(codes_rows codes, size_t dimension, size_t rows, uint8_t *laid) {
  const __m512i low_bits = _mm512_set1_epi8(0xf);
  const int select = 0xca;  // of each bit: the first one's ? the second's : the third's
  const codes_layout layout = codes_layout_of(dimension);
  read_on(codes.uppers, rows * layout.upper);
  read_on(codes.lowers, rows * layout.lower);
  for (size_t row = 0; row < rows; row += TILE_ROWS) {
    const uint8_t *uppers = codes.uppers + row * layout.upper, *lowers = codes.lowers + row * layout.lower;
    for (size_t b = 0; b < layout.blocks; b++) {
      for (size_t i = 0; i < TILE_ROWS; i++) {
        memcpy(laid + 2 * i, uppers + i * layout.upper + 2 * b, 2);
        laid[TILE_RESIDUALS + i] = lowers[i * layout.lower + b];
        laid[TILE_LENGTHS + i] = uppers[i * layout.upper + layout.lengths + b];
      }
      laid += TILE_HEADER;
      size_t half = codes_half(dimension, b);
      for (size_t i = 0; i < half; i += 16) {
        const uint8_t *upper = uppers + layout.uppers + b * CODES_HALF + i, *lower = lowers + layout.lowers + b * CODES_HALF + i;
        __m512i first[4], second[4];
        for (size_t k = 0; k < 4; k++) {
          __m512i of_upper = of_four_rows(upper + k * layout.upper, 4 * layout.upper), of_lower = of_four_rows(lower + k * layout.lower, 4 * layout.lower);
          first[k] = _mm512_ternarylogic_epi32(low_bits, of_lower, _mm512_slli_epi16(of_upper, 4), select);
          second[k] = _mm512_ternarylogic_epi32(low_bits, _mm512_srli_epi16(of_lower, 4), of_upper, select);
        }
        side_by_side(first, laid + TILE_ROWS * i);
        side_by_side(second, laid + TILE_ROWS * (half + i));
      }
      laid += 2 * TILE_ROWS * half;
    }
  }
}

// The header of a block, of all 16 rows.
typedef struct {
  __m512 step, residual, length;
} tile_header;

AVX512_INLINE tile_header read_header(const uint8_t *header) {
  __m512i bits = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)header));
  tile_header read = {
      _mm512_castsi512_ps(_mm512_slli_epi32(bits, 16)),
      _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(header + TILE_RESIDUALS)))),
      _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(header + TILE_LENGTHS)))),
  };
  return read;
}

// Adds the rows whose bit is set. Compressing into memory is slow on some machines; into a register it is not.
AVX512_INLINE void add(__mmask16 reached, size_t first, __m512 bounds, scan_found *found) {
  __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  lanes = _mm512_add_epi32(lanes, _mm512_set1_epi32((int)first));
  _mm512_storeu_si512(found->rows + found->count, _mm512_maskz_compress_epi32(reached, lanes));
  _mm512_storeu_ps(found->bounds + found->count, _mm512_maskz_compress_ps(reached, bounds));
  found->count += (size_t)__builtin_popcount(reached);
}

typedef int32_t four_entries __attribute__((may_alias));  // they are written as bytes

AVX512 void innerspace_tile_scan_avx512(const uint8_t *tile, size_t dimension, const uint8_t *laid, const uint64_t *wanted, size_t words,
                                        const float *thresholds, scan_found *found) {
  size_t bytes_of_rows = tile_rows_bytes(dimension), blocks = codes_blocks(dimension);
  const tile_block *parameters = (const tile_block *)tile;
  for (size_t first = 0; first < 64 * words; first += TILE_ROWS) {
    __mmask16 rows = (__mmask16)(wanted[first / 64] >> first % 64);
    if (!rows) continue;
    const uint8_t *header = laid + first / TILE_ROWS * bytes_of_rows;
    const four_entries *four = (const four_entries *)(const void *)entries(tile, dimension);
    __m512 bounds[TILE];
#pragma GCC unroll 8
    for (size_t q = 0; q < TILE; q++) bounds[q] = _mm512_set1_ps((float)blocks * 0x1p-126f);
    for (size_t b = 0; b < blocks; b++) {
      const tile_block *block = parameters + b;
      const uint8_t *bytes = header + TILE_HEADER;
      size_t width = 2 * codes_half(dimension, b);
      __m512i sums[TILE];
#pragma GCC unroll 8
      for (size_t q = 0; q < TILE; q++) sums[q] = _mm512_set1_epi32(block->offset[q]);
      for (size_t i = 0; i < width; i += 4, bytes += 4 * TILE_ROWS, four += TILE) {
        __m512i of_rows = _mm512_loadu_si512(bytes);
#pragma GCC unroll 8
        for (size_t q = 0; q < TILE; q++) sums[q] = _mm512_dpbusd_epi32(sums[q], of_rows, _mm512_set1_epi32(four[q]));
      }
      tile_header read = read_header(header);
#pragma GCC unroll 8
      for (size_t q = 0; q < TILE; q++) {
        __m512 part = _mm512_mul_ps(_mm512_set1_ps(block->residual[q]), read.residual);
        part = _mm512_fmadd_ps(_mm512_set1_ps(block->length[q]), read.length, part);
        part = _mm512_fmadd_ps(_mm512_set1_ps(block->step[q]), _mm512_cvtepi32_ps(sums[q]), part);
        bounds[q] = _mm512_fmadd_ps(read.step, part, bounds[q]);
      }
      header = bytes;
    }
#pragma GCC unroll 8
    for (size_t q = 0; q < TILE; q++) {
      __mmask16 reached = _mm512_cmp_ps_mask(bounds[q], _mm512_set1_ps(thresholds[q]), _CMP_NLT_UQ) & rows;
      if (reached) add(reached, first, bounds[q], found + q);
    }
  }
}
#endif

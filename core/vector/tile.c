#include "tile.h"

#include <string.h>

// A tile's bytes: its blocks, then for each four entries those of each query.
static uint8_t *entries(const uint8_t *tile, size_t dimension) { return (uint8_t *)tile + codes_blocks(dimension) * sizeof(tile_block); }

size_t innerspace_tile_bytes(size_t dimension) {
  return codes_blocks(dimension) * sizeof(tile_block) + ((dimension + 3) & ~(size_t)3) * TILE;
}

void innerspace_tile_write(const uint8_t *bytes, size_t dimension, size_t place, uint8_t *tile) {
  query_codes query = innerspace_query_read(bytes, dimension);
  tile_block *blocks = (tile_block *)tile;
  for (size_t b = 0; b < query.blocks; b++) {
    blocks[b].step[place] = query.block[b].step * 256;
    blocks[b].residual[place] = query.block[b].residual;
    blocks[b].length[place] = query.block[b].coarse_length;
    blocks[b].offset[place] = query.block[b].high_offset;
  }
  uint8_t *to = entries(tile, dimension) + 4 * place;
  for (size_t i = 0; i < dimension; i += 4, to += 4 * TILE) memcpy(to, query.high + i, 4);
}

#ifdef __x86_64__
#include "scan_avx512.h"

typedef int32_t four_entries __attribute__((may_alias));  // they are written as bytes

AVX512 void innerspace_tile_scan_avx512(const uint8_t *tile, size_t dimension, const uint8_t *codes, size_t groups, const uint64_t *wanted,
                                        const float *thresholds, scan_found *found) {
  size_t group_bytes = codes_group_bytes(dimension), blocks = codes_blocks(dimension);
  const tile_block *parameters = (const tile_block *)tile;
  for (size_t group = 0; group < groups; group++) {
    unsigned rows = scan_wanted(wanted, group);
    if (!rows) continue;
    const uint8_t *header = codes + group * group_bytes;
    const four_entries *four = (const four_entries *)(const void *)entries(tile, dimension);
    __m512 bounds[TILE];
#pragma GCC unroll 8
    for (size_t q = 0; q < TILE; q++) bounds[q] = _mm512_set1_ps((float)blocks * 0x1p-126f);
    for (size_t b = 0; b < blocks; b++) {
      const tile_block *block = parameters + b;
      const uint8_t *bytes = header + CODES_HEADER;
      size_t width = codes_width(dimension, b);
      __m512i sums[TILE];
#pragma GCC unroll 8
      for (size_t q = 0; q < TILE; q++) sums[q] = _mm512_set1_epi32(block->offset[q]);
      for (size_t i = 0; i < width; i += 4, bytes += 4 * CODES_GROUP, four += TILE) {
        __m512i of_rows = _mm512_loadu_si512(bytes);
#pragma GCC unroll 8
        for (size_t q = 0; q < TILE; q++) sums[q] = _mm512_dpbusd_epi32(sums[q], of_rows, _mm512_set1_epi32(four[q]));
      }
      avx512_header read = avx512_read(header);
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
      __mmask16 reached = _mm512_cmp_ps_mask(bounds[q], _mm512_set1_ps(thresholds[q]), _CMP_NLT_UQ) & (__mmask16)rows;
      if (reached) {
        avx512_add(reached, group, bounds[q], found[q].rows, found[q].bounds, found[q].count);
        found[q].count += (size_t)__builtin_popcount(reached);
      }
    }
  }
}
#endif

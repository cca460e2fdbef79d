#include "scan.h"

#ifdef __aarch64__
#include <arm_neon.h>
#include <string.h>

// Adds a block's part to the bounds of four rows, from `lane` on.
static inline float32x4_t bound(float32x4_t bounds, float32x4_t product, const query_block *block, const uint8_t *header, size_t lane) {
  float32x4_t step = vreinterpretq_f32_u32(vshll_n_u16(vreinterpret_u16_u8(vld1_u8(header + 2 * lane)), 16));
  float residuals[4], lengths[4];
  for (size_t i = 0; i < 4; i++) {
    residuals[i] = header[CODES_RESIDUALS + lane + i];
    lengths[i] = header[CODES_LENGTHS + lane + i];
  }
  float32x4_t part = vmulq_n_f32(vld1q_f32(residuals), block->residual);
  part = vfmaq_n_f32(part, vld1q_f32(lengths), block->length);
  return vfmaq_f32(bounds, step, vaddq_f32(part, product));
}

static inline void add(const float32x4_t *bounds, unsigned rows, size_t group, float threshold, scan_found *found) {
  float all[CODES_GROUP];
  unsigned reached = 0;
  for (size_t i = 0; i < 4; i++) vst1q_f32(all + 4 * i, bounds[i]);
  for (size_t lane = 0; lane < CODES_GROUP; lane++) reached |= (unsigned)!(all[lane] < threshold) << lane;
  scan_add(reached & rows, group, all, found);
}

void innerspace_scan_neon(const query_codes *query, const uint8_t *codes, size_t groups, const uint64_t *wanted, float threshold,
                          scan_found *found) {
  size_t group_bytes = codes_group_bytes(query->dimension);
  for (size_t group = 0; group < groups; group++) {
    unsigned rows = scan_wanted(wanted, group);
    if (scan_few(rows, group, found)) continue;
    const uint8_t *header = codes + group * group_bytes;
    const int16_t *p = query->both;
    float32x4_t bounds[4];
    for (size_t i = 0; i < 4; i++) bounds[i] = vdupq_n_f32(query->least);
    for (size_t b = 0; b < query->blocks; b++) {
      const query_block *block = query->block + b;
      const uint8_t *bytes = header + CODES_HEADER;
      size_t width = codes_width(query->dimension, b);
      int32x4_t sums[CODES_GROUP];  // of a row, one for each of four entries
      for (size_t lane = 0; lane < CODES_GROUP; lane++) sums[lane] = vdupq_n_s32(0);
      for (size_t i = 0; i < width; i += 4, bytes += 4 * CODES_GROUP, p += 4) {
        int16x4_t entries = vld1_s16(p);
        for (size_t lane = 0; lane < CODES_GROUP; lane += 4) {
          uint8x16_t four = vld1q_u8(bytes + 4 * lane);
          int16x8_t first = vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(four))), second = vreinterpretq_s16_u16(vmovl_u8(vget_high_u8(four)));
          sums[lane] = vmlal_s16(sums[lane], vget_low_s16(first), entries);
          sums[lane + 1] = vmlal_s16(sums[lane + 1], vget_high_s16(first), entries);
          sums[lane + 2] = vmlal_s16(sums[lane + 2], vget_low_s16(second), entries);
          sums[lane + 3] = vmlal_s16(sums[lane + 3], vget_high_s16(second), entries);
        }
      }
      int32x4_t offset = vdupq_n_s32(256 * block->high_offset + block->low_offset);
      for (size_t i = 0; i < 4; i++) {
        int32x4_t sum = vpaddq_s32(vpaddq_s32(sums[4 * i], sums[4 * i + 1]), vpaddq_s32(sums[4 * i + 2], sums[4 * i + 3]));
        float32x4_t product = vmulq_n_f32(vcvtq_f32_s32(vaddq_s32(sum, offset)), block->step);
        bounds[i] = bound(bounds[i], product, block, header, 4 * i);
      }
      header = bytes;
    }
    add(bounds, rows, group, threshold, found);
  }
}

#ifdef __clang__
#define DOTPROD __attribute__((target("dotprod")))
#else
#define DOTPROD __attribute__((target("arch=armv8.2-a+dotprod")))
#endif

static inline int8x16_t four(const int8_t *entries) {
  int32_t bytes;
  memcpy(&bytes, entries, sizeof bytes);
  return vreinterpretq_s8_s32(vdupq_n_s32(bytes));
}

DOTPROD void innerspace_scan_neon_dot(const query_codes *query, const uint8_t *codes, size_t groups, const uint64_t *wanted,
                                      float threshold, scan_found *found) {
  size_t group_bytes = codes_group_bytes(query->dimension);
  for (size_t group = 0; group < groups; group++) {
    unsigned rows = scan_wanted(wanted, group);
    if (scan_few(rows, group, found)) continue;
    const uint8_t *header = codes + group * group_bytes;
    const int8_t *high = query->high, *low = query->low;
    float32x4_t bounds[4];
    for (size_t i = 0; i < 4; i++) bounds[i] = vdupq_n_f32(query->least);
    for (size_t b = 0; b < query->blocks; b++) {
      const query_block *block = query->block + b;
      const uint8_t *bytes = header + CODES_HEADER;
      size_t width = codes_width(query->dimension, b);
      int32x4_t highs[4], lows[4];
      for (size_t i = 0; i < 4; i++) highs[i] = lows[i] = vdupq_n_s32(0);
      for (size_t i = 0; i < width; i += 4, bytes += 4 * CODES_GROUP) {
        int8x16_t high_entries = four(high + i), low_entries = four(low + i);
        for (size_t k = 0; k < 4; k++) {
          // The stored bytes are 128 too high; the instruction takes signed ones, and this takes the 128 off.
          int8x16_t codes_of_four = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(bytes + 16 * k), vdupq_n_u8(CODES_ZERO)));
          highs[k] = vdotq_s32(highs[k], codes_of_four, high_entries);
          lows[k] = vdotq_s32(lows[k], codes_of_four, low_entries);
        }
      }
      high += width;
      low += width;
      for (size_t k = 0; k < 4; k++) {
        float32x4_t product = vmulq_n_f32(vcvtq_f32_s32(lows[k]), block->step);
        product = vfmaq_n_f32(product, vcvtq_f32_s32(highs[k]), block->step * 256);
        bounds[k] = bound(bounds[k], product, block, header, 4 * k);
      }
      header = bytes;
    }
    add(bounds, rows, group, threshold, found);
  }
}
#endif

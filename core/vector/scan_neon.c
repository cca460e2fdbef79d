#include "scan.h"

#ifdef __aarch64__
#include <arm_neon.h>

static inline uint8x16_t lower_bits(uint8x16_t bytes) { return vandq_u8(bytes, vdupq_n_u8(0xf)); }

// What a block of a row may add where only its upper halves are counted.
static inline float upper_slack(const query_codes *query, const codes_layout *layout, const uint8_t *row, size_t block) {
  return query->upper_residual[block] * row[layout->residuals + block] + query->upper_rest[block];
}

// The same of its lower halves.
static inline float lower_slack(const query_codes *query, const uint8_t *row, size_t block) {
  return query->residual[block] * row[block] + query->rest[block];
}

// The products of 16 halves of codes with the query's. Eight of at most 15 * 127 fit into 16 bits.
static inline int16x8_t multiplied(int16x8_t sums, uint8x16_t halves, const int8_t *p) {
  int8x16_t entries = vreinterpretq_s8_u8(halves), of_query = vld1q_s8(p);
  return vmlal_s8(vmlal_s8(sums, vget_low_s8(entries), vget_low_s8(of_query)), vget_high_s8(entries), vget_high_s8(of_query));
}

// The sum of the products of the halves of a block.
static inline int32_t products(const uint8_t *bytes, size_t half, const int8_t *p) {
  int16x8_t sums = vdupq_n_s16(0);
  for (size_t i = 0; i < half; i += CODES_NARROW) {
    uint8x16_t halves = vld1q_u8(bytes + i);
    sums = multiplied(multiplied(sums, lower_bits(halves), p + i), vshrq_n_u8(halves, 4), p + CODES_HALF + i);
  }
  return vaddlvq_s16(sums);
}

static inline void by_uppers(const query_codes *query, const codes_layout *layout, const uint8_t *const *rows, scan_values *values) {
  for (size_t k = 0; k < SCAN_TOGETHER; k++) {
    const uint8_t *row = rows[k];
    float value = query->least, slack = 0;
    for (size_t b = 0; b < layout->blocks; b++) {
      float step = codes_step(row, b);
      int32_t sum = products(row + layout->uppers + b * CODES_HALF, codes_half(query->dimension, b), query->p + b * CODES_BLOCK) + query->upper_sum[b];
      value += step * (query->upper_step[b] * (float)sum + query->length[b] * row[layout->lengths + b]);
      slack += step * upper_slack(query, layout, row, b);
    }
    values->values[k] = value;
    values->bounds[k] = value + slack;
  }
}

static inline float by_lower(const query_codes *query, const codes_layout *layout, const uint8_t *upper, const uint8_t *lower) {
  float more = 0;
  for (size_t b = 0; b < layout->blocks; b++) {
    int32_t sum = products(lower + layout->lowers + b * CODES_HALF, codes_half(query->dimension, b), query->p + b * CODES_BLOCK);
    float product = (float)(sum - CODES_LOWER_ZERO * query->sum[b]);
    more += codes_step(upper, b) * (query->step[b] * product + lower_slack(query, lower, b));
  }
  return more;
}

SCAN_FUNCTION(innerspace_scan_neon, , by_uppers, by_lower)

#ifdef __clang__
#define DOTPROD __attribute__((target("dotprod")))
#else
#define DOTPROD __attribute__((target("arch=armv8.2-a+dotprod")))
#endif

// The products of the halves of a block, added up in four numbers, and an offset.
DOTPROD static inline float32x4_t products_dot(const uint8_t *bytes, size_t half, const int32_t *offset, const int8_t *p) {
  int32x4_t sums = vaddq_s32(vld1q_s32(offset), vld1q_s32(offset + 4));
  for (size_t i = 0; i < half; i += CODES_NARROW) {
    uint8x16_t halves = vld1q_u8(bytes + i);
    sums = vdotq_s32(sums, vreinterpretq_s8_u8(lower_bits(halves)), vld1q_s8(p + i));
    sums = vdotq_s32(sums, vreinterpretq_s8_u8(vshrq_n_u8(halves, 4)), vld1q_s8(p + CODES_HALF + i));
  }
  return vcvtq_f32_s32(sums);
}

DOTPROD static inline void by_uppers_dot(const query_codes *query, const codes_layout *layout, const uint8_t *const *rows, scan_values *values) {
  for (size_t k = 0; k < SCAN_TOGETHER; k++) {
    const uint8_t *row = rows[k];
    float value = query->least, slack = 0;
    float32x4_t sums = vdupq_n_f32(0);
    for (size_t b = 0; b < layout->blocks; b++) {
      float step = codes_step(row, b);
      const uint8_t *bytes = row + layout->uppers + b * CODES_HALF;
      float32x4_t product = products_dot(bytes, codes_half(query->dimension, b), query->upper_offset + 8 * b, query->p + b * CODES_BLOCK);
      sums = vfmaq_n_f32(sums, product, step * query->upper_step[b]);
      value += step * query->length[b] * row[layout->lengths + b];
      slack += step * upper_slack(query, layout, row, b);
    }
    values->values[k] = value + vaddvq_f32(sums);
    values->bounds[k] = values->values[k] + slack;
  }
}

DOTPROD static inline float by_lower_dot(const query_codes *query, const codes_layout *layout, const uint8_t *upper, const uint8_t *lower) {
  float slack = 0;
  float32x4_t sums = vdupq_n_f32(0);
  for (size_t b = 0; b < layout->blocks; b++) {
    float step = codes_step(upper, b);
    const uint8_t *bytes = lower + layout->lowers + b * CODES_HALF;
    float32x4_t product = products_dot(bytes, codes_half(query->dimension, b), query->lower_offset + 8 * b, query->p + b * CODES_BLOCK);
    sums = vfmaq_n_f32(sums, product, step * query->step[b]);
    slack += step * lower_slack(query, lower, b);
  }
  return vaddvq_f32(sums) + slack;
}

SCAN_FUNCTION(innerspace_scan_neon_dot, DOTPROD, by_uppers_dot, by_lower_dot)
#endif

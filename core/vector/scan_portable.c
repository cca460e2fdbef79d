#include "scan.h"

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

// The sum of the products of a half of a block with the query's.
static inline int32_t products(const uint8_t *halves, const int8_t *p, size_t half) {
  int32_t sum = 0;
  for (size_t i = 0; i < half; i++) sum += (int16_t)(halves[i] & 0xf) * (int16_t)p[i] + (int16_t)(halves[i] >> 4) * (int16_t)p[CODES_HALF + i];
  return sum;
}

static inline void by_uppers(const query_codes *query, const codes_layout *layout, const uint8_t *const *rows, scan_values *values) {
  for (size_t k = 0; k < SCAN_TOGETHER; k++) {
    const uint8_t *row = rows[k];
    float value = query->least, slack = 0;
    for (size_t b = 0; b < layout->blocks; b++) {
      int32_t sum = products(row + layout->uppers + b * CODES_HALF, query->p + b * CODES_BLOCK, codes_half(query->dimension, b)) + query->upper_sum[b];
      float step = codes_step(row, b);
      value += step * (query->upper_step[b] * (float)sum + query->length[b] * row[layout->lengths + b]);
      slack += step * (query->upper_residual[b] * row[layout->residuals + b] + query->upper_rest[b]);
    }
    values->values[k] = value;
    values->bounds[k] = value + slack;
  }
}

static inline float by_lower(const query_codes *query, const codes_layout *layout, const uint8_t *upper, const uint8_t *lower) {
  float more = 0;
  for (size_t b = 0; b < layout->blocks; b++) {
    int32_t sum = products(lower + layout->lowers + b * CODES_HALF, query->p + b * CODES_BLOCK, codes_half(query->dimension, b));
    float product = (float)(sum - CODES_LOWER_ZERO * query->sum[b]);
    more += codes_step(upper, b) * (query->step[b] * product + (query->residual[b] * lower[b] + query->rest[b]));
  }
  return more;
}

SCAN_FUNCTION(innerspace_scan_portable, , by_uppers, by_lower)

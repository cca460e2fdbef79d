// The scan of codes: an upper bound of the score of each row, and the rows where it reaches a threshold.
// Every path of instructions gives bounds that hold; they may differ in the last bits, since all but the whole numbers is float32.
#ifndef INNERSPACE_SCAN_H
#define INNERSPACE_SCAN_H

#include "query_codes.h"

// The paths. A path is there if innerspace_paths has its bit.
enum { PATH_PORTABLE, PATH_AVX2, PATH_AVX512_VNNI, PATH_NEON, PATH_NEON_DOT, PATHS };

unsigned innerspace_paths(void);

#define SCAN_SLACK 16  // entries after the last that outputs must have room for
#define TILE 8         // queries that are scanned together

// What is found.
typedef struct {
  int32_t *rows;
  float *bounds;
  size_t count;
} scan_found;

// Scans codes. Bit i%64 of wanted[i/64]: row i may be found; there are `words` of them, and codes of as many
// rows as they have bits. The outputs need room for all of them and SCAN_SLACK.
typedef void scan_function(const query_codes *query, codes_rows codes, const uint64_t *wanted, size_t words, float threshold,
                           scan_found *found);

scan_function innerspace_scan_portable, innerspace_scan_avx2, innerspace_scan_avx512, innerspace_scan_neon, innerspace_scan_neon_dot;

static inline void scan_prefetch(const uint8_t *from, size_t bytes) {
  for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch(from + at);
}

#define SCAN_TOGETHER 4  // rows that are bounded in one go

// What some rows come to.
typedef struct {
  float values[SCAN_TOGETHER];  // the scores by upper halves, and what the lengths may add
  float bounds[SCAN_TOGETHER];  // upper bounds of the scores
} scan_values;

// Lists the rows to be bounded; there are as many as it returns. Where many are wanted these are all: reading one after the other is faster
// than leaving some out.
static inline size_t scan_list(const uint64_t *wanted, size_t words, int32_t *rows) {
  size_t count = 0;
  for (size_t word = 0; word < words; word++) count += (size_t)__builtin_popcountll(wanted[word]);
  if (5 * count > 2 * 64 * words) {
    for (size_t row = 0; row < 64 * words; row++) rows[row] = (int32_t)row;
    return 64 * words;
  }
  count = 0;
  for (size_t word = 0; word < words; word++)
    for (uint64_t rest = wanted[word]; rest; rest &= rest - 1) rows[count++] = (int32_t)(word * 64) + __builtin_ctzll(rest);
  return count;
}

// Defines a scan_function of a path. First all rows that may be found are bounded by the upper halves of their codes, which are half of what there is to
// read, by `by_uppers(query, layout, rows, &values)`; then the few whose bounds reach the threshold by the lower halves too, which add
// `by_lower(query, layout, upper, lower)` to their values. What lies apart is asked for in time; of what does not the processor sees to it.
#define SCAN_FUNCTION(name, target, by_uppers, by_lower)                                                                          \
  target void name(const query_codes *query, codes_rows codes, const uint64_t *wanted, size_t words, float threshold,            \
                   scan_found *found) {                                                                                           \
    const size_t ahead = 16, ahead_of_lowers = 6; /* rows */                                                                      \
    const codes_layout layout = codes_layout_of(query->dimension);                                                                \
    int32_t *rows = found->rows;                                                                                                  \
    size_t count = scan_list(wanted, words, rows), kept = 0;                                                                      \
    for (size_t i = 0; i < count; i += SCAN_TOGETHER) {                                                                           \
      const uint8_t *uppers[SCAN_TOGETHER];                                                                                       \
      int32_t some[SCAN_TOGETHER];                                                                                                \
      scan_values values;                                                                                                         \
      for (size_t k = 0; k < SCAN_TOGETHER; k++) {                                                                                \
        some[k] = rows[i + k < count ? i + k : count - 1];                                                                        \
        uppers[k] = codes.uppers + (size_t)some[k] * layout.upper;                                                                \
      }                                                                                                                           \
      for (size_t k = i + ahead; k < i + ahead + SCAN_TOGETHER && k < count; k++)                                                 \
        if (rows[k] != rows[k - 1] + 1) scan_prefetch(codes.uppers + (size_t)rows[k] * layout.upper, layout.upper);               \
      by_uppers(query, &layout, uppers, &values);                                                                                 \
      for (size_t k = 0; k < SCAN_TOGETHER && i + k < count; k++) {                                                               \
        rows[kept] = some[k];                                                                                                     \
        found->bounds[kept] = values.values[k];                                                                                   \
        kept += (wanted[some[k] / 64] >> some[k] % 64 & 1) & !(values.bounds[k] < threshold);                                     \
      }                                                                                                                           \
    }                                                                                                                             \
    count = kept;                                                                                                                 \
    kept = 0;                                                                                                                     \
    for (size_t i = 0; i < count; i++) {                                                                                          \
      if (i + ahead_of_lowers < count) scan_prefetch(codes.lowers + (size_t)rows[i + ahead_of_lowers] * layout.lower, layout.lower); \
      size_t row = (size_t)rows[i];                                                                                               \
      float bound = found->bounds[i] + by_lower(query, &layout, codes.uppers + row * layout.upper, codes.lowers + row * layout.lower); \
      rows[kept] = (int32_t)row;                                                                                                  \
      found->bounds[kept] = bound;                                                                                                \
      kept += !(bound < threshold);                                                                                               \
    }                                                                                                                             \
    found->count = kept;                                                                                                          \
  }

#endif

// The scan of codes: an upper bound of the score of each row, and the rows where it reaches a threshold.
// Every path of instructions gives bounds that hold; they may differ in the last bits, since all but the whole numbers is float32.
#ifndef INNERSPACE_SCAN_H
#define INNERSPACE_SCAN_H

#include "query_codes.h"

// The paths. A path is there if innerspace_paths has its bit.
enum { PATH_PORTABLE, PATH_AVX2, PATH_AVX512_VNNI, PATH_NEON, PATH_NEON_DOT, PATHS };

unsigned innerspace_paths(void);

#define SCAN_SLACK CODES_GROUP  // entries after the last that outputs must have room for
#define SCAN_FEW 1  // of a group of which so few rows are wanted, all are found: scoring them takes no longer than scanning
#define TILE 8                  // queries that are scanned together

// What is found. Rows of groups with few wanted ones have infinity for their bound.
typedef struct {
  int32_t *rows;
  float *bounds;
  size_t count;
} scan_found;

// Scans the first `groups` groups of codes. Bit i of wanted: row i may be found. The outputs need room for all rows and SCAN_SLACK.
typedef void scan_function(const query_codes *query, const uint8_t *codes, size_t groups, const uint64_t *wanted, float threshold,
                           scan_found *found);

scan_function innerspace_scan_portable, innerspace_scan_avx2, innerspace_scan_avx512, innerspace_scan_neon, innerspace_scan_neon_dot;

static inline unsigned scan_wanted(const uint64_t *wanted, size_t group) { return (unsigned)(wanted[group / 4] >> (group % 4 * CODES_GROUP)) & 0xffff; }

// Adds the rows of a group of which so few are wanted that they are not scanned; says whether that is so.
static inline int scan_few(unsigned wanted, size_t group, scan_found *found) {
  if (__builtin_popcount(wanted) > SCAN_FEW) return 0;
  for (; wanted; wanted &= wanted - 1) {
    found->rows[found->count] = (int32_t)(group * CODES_GROUP) + __builtin_ctz(wanted);
    found->bounds[found->count++] = __builtin_inff();
  }
  return 1;
}

// Adds the rows of a group whose bit is set.
static inline void scan_add(unsigned reached, size_t group, const float *bounds, scan_found *found) {
  for (; reached; reached &= reached - 1) {
    int lane = __builtin_ctz(reached);
    found->rows[found->count] = (int32_t)(group * CODES_GROUP) + lane;
    found->bounds[found->count++] = bounds[lane];
  }
}

#endif

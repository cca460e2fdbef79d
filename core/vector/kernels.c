#include "kernels.h"

// Where a path is not of this kind of processor nothing asks for it: innerspace_paths lacks its bit.
static scan_function *scan_of(unsigned path) {
  switch (path) {
#ifdef __x86_64__
    case PATH_AVX2: return innerspace_scan_avx2;
    case PATH_AVX512_VNNI: return innerspace_scan_avx512;
#endif
#ifdef __aarch64__
    case PATH_NEON: return innerspace_scan_neon;
    case PATH_NEON_DOT: return innerspace_scan_neon_dot;
#endif
    default: return innerspace_scan_portable;
  }
}

static dots_function *dots_of(unsigned path) {
  switch (path) {
#ifdef __x86_64__
    case PATH_AVX2:
    case PATH_AVX512_VNNI: return innerspace_dots_avx2;
#endif
#ifdef __aarch64__
    case PATH_NEON:
    case PATH_NEON_DOT: return innerspace_dots_neon;
#endif
    default: return innerspace_dots_portable;
  }
}

size_t innerspace_scan(unsigned path, const uint8_t *bytes, size_t dimension, uint8_t *uppers, uint8_t *lowers, const uint64_t *wanted, size_t words,
                       float threshold, int32_t *rows, float *bounds) {
  query_codes query = innerspace_query_read(bytes, dimension);
  scan_found found = {rows, bounds, 0};
  scan_of(path)(&query, (codes_rows){uppers, lowers}, wanted, words, threshold, &found);
  return found.count;
}

int innerspace_has_tile(unsigned path) {
#ifdef __x86_64__
  return path == PATH_AVX512_VNNI;
#else
  (void)path;
  return 0;
#endif
}

void innerspace_tile_lay(uint8_t *uppers, uint8_t *lowers, size_t dimension, size_t rows, uint8_t *laid) {
#ifdef __x86_64__
  innerspace_tile_lay_avx512((codes_rows){uppers, lowers}, dimension, rows, laid);
#else
  (void)uppers, (void)lowers, (void)dimension, (void)rows, (void)laid;
#endif
}

void innerspace_tile_scan(const uint8_t *tile, size_t dimension, const uint8_t *laid, const uint64_t *wanted, size_t words,
                          const float *thresholds, size_t room, int32_t *rows, float *bounds, size_t *counts) {
#ifdef __x86_64__
  scan_found found[TILE];
  for (size_t q = 0; q < TILE; q++) found[q] = (scan_found){rows + q * room, bounds + q * room, 0};
  innerspace_tile_scan_avx512(tile, dimension, laid, wanted, words, thresholds, found);
  for (size_t q = 0; q < TILE; q++) counts[q] = found[q].count;
#else
  (void)tile, (void)dimension, (void)laid, (void)wanted, (void)words, (void)thresholds, (void)room, (void)rows, (void)bounds, (void)counts;
#endif
}

void innerspace_dots(unsigned path, const float *query, const float *vectors, size_t dimension, const int32_t *rows, size_t count,
                     float *scores) {
  dots_of(path)(query, vectors, dimension, rows, count, scores);
}

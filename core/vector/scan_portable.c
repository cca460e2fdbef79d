#include "scan.h"

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

void innerspace_scan_portable(const query_codes *query, const uint8_t *codes, size_t groups, const uint64_t *wanted, float threshold,
                              scan_found *found) {
  size_t group_bytes = codes_group_bytes(query->dimension);
  for (size_t group = 0; group < groups; group++) {
    unsigned rows = scan_wanted(wanted, group);
    if (scan_few(rows, group, found)) continue;
    const uint8_t *header = codes + group * group_bytes;
    const int16_t *p = query->both;
    float bounds[CODES_GROUP];
    for (size_t lane = 0; lane < CODES_GROUP; lane++) bounds[lane] = query->least;
    for (size_t b = 0; b < query->blocks; b++) {
      const query_block *block = query->block + b;
      const uint8_t *bytes = header + CODES_HEADER;
      size_t width = codes_width(query->dimension, b);
      int32_t sums[CODES_GROUP];
      for (size_t lane = 0; lane < CODES_GROUP; lane++) sums[lane] = 256 * block->high_offset + block->low_offset;
      for (size_t i = 0; i < width; i += 4, bytes += 4 * CODES_GROUP, p += 4)
        for (size_t lane = 0; lane < CODES_GROUP; lane++)
          sums[lane] += bytes[4 * lane] * p[0] + bytes[4 * lane + 1] * p[1] + bytes[4 * lane + 2] * p[2] + bytes[4 * lane + 3] * p[3];
      for (size_t lane = 0; lane < CODES_GROUP; lane++) {
        float slack = block->residual * header[CODES_RESIDUALS + lane] + block->length * header[CODES_LENGTHS + lane];
        bounds[lane] += codes_step(header, lane) * (block->step * (float)sums[lane] + slack);
      }
      header = bytes;
    }
    unsigned reached = 0;
    for (size_t lane = 0; lane < CODES_GROUP; lane++) reached |= (unsigned)!(bounds[lane] < threshold) << lane;
    scan_add(reached & rows, group, bounds, found);
  }
}

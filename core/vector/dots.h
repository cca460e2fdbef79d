// Inner products in float32. Every path gives the same bits: eight sums side by side, entry i going to sum i%8, products rounded before they
// are added; entries after the last eight go to sum 0; then ((0+4)+(2+6))+((1+5)+(3+7)). Dot in dot.go is the same in Go.
#ifndef INNERSPACE_DOTS_H
#define INNERSPACE_DOTS_H

#include <stddef.h>
#include <stdint.h>

// Sets scores[i] to the product of query and vector rows[i] of vectors.
typedef void dots_function(const float *query, const float *vectors, size_t dimension, const int32_t *rows, size_t count, float *scores);

dots_function innerspace_dots_portable, innerspace_dots_avx2, innerspace_dots_neon;

#endif

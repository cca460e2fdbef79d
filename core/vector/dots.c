#include "dots.h"

// Neither GCC's -std=c11 nor this lets a product and a sum become one operation with one rounding.
#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

#define LANES 8

// The end of a product: what is left after the last eight entries, and the sums' sum.
static inline float finish(float *sums, const float *query, const float *vector, size_t from, size_t dimension) {
  for (size_t i = from; i < dimension; i++) sums[0] += query[i] * vector[i];
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

void innerspace_dots_portable(const float *query, const float *vectors, size_t dimension, const int32_t *rows, size_t count, float *scores) {
  for (size_t row = 0; row < count; row++) {
    const float *vector = vectors + (size_t)rows[row] * dimension;
    float sums[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= dimension; i += LANES)
      for (size_t l = 0; l < LANES; l++) sums[l] += query[i + l] * vector[i + l];
    scores[row] = finish(sums, query, vector, i, dimension);
  }
}

// The rows that go together: additions of one wait for each other, those of different ones do not.
#define TOGETHER 4

// The bytes that are read from memory at once, as entries.
#define LINE 16

// The vectors of four rows; the last one again where there are fewer.
static inline void four(const float *vectors, size_t dimension, const int32_t *rows, size_t row, size_t count, const float **at) {
  for (size_t k = 0; k < TOGETHER; k++) at[k] = vectors + (size_t)rows[row + k < count ? row + k : count - 1] * dimension;
}

#ifdef __x86_64__
#include <immintrin.h>

__attribute__((target("avx2"))) void innerspace_dots_avx2(const float *query, const float *vectors, size_t dimension, const int32_t *rows,
                                                          size_t count, float *scores) {
  for (size_t row = 0; row < count; row += TOGETHER) {
    const float *at[TOGETHER], *later[TOGETHER];
    four(vectors, dimension, rows, row, count, at);
    four(vectors, dimension, rows, row + TOGETHER, count, later);  // rows lie anywhere: what comes next must be asked for in time
    __m256 sums[TOGETHER] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
    size_t i = 0;
    for (; i + LANES <= dimension; i += LANES) {
      __m256 entries = _mm256_loadu_ps(query + i);
      if (i % LINE == 0)
        for (size_t k = 0; k < TOGETHER; k++) _mm_prefetch((const char *)(later[k] + i), _MM_HINT_T0);
#pragma GCC unroll 4
      for (size_t k = 0; k < TOGETHER; k++) sums[k] = _mm256_add_ps(sums[k], _mm256_mul_ps(entries, _mm256_loadu_ps(at[k] + i)));
    }
    for (size_t k = 0; k < TOGETHER && row + k < count; k++) {
      float of_row[LANES];
      _mm256_storeu_ps(of_row, sums[k]);
      scores[row + k] = finish(of_row, query, at[k], i, dimension);
    }
  }
}
#endif

#ifdef __aarch64__
#include <arm_neon.h>

void innerspace_dots_neon(const float *query, const float *vectors, size_t dimension, const int32_t *rows, size_t count, float *scores) {
  for (size_t row = 0; row < count; row += TOGETHER) {
    const float *at[TOGETHER];
    four(vectors, dimension, rows, row, count, at);
    float32x4_t first[TOGETHER], second[TOGETHER];
    for (size_t k = 0; k < TOGETHER; k++) first[k] = second[k] = vdupq_n_f32(0);
    size_t i = 0;
    for (; i + LANES <= dimension; i += LANES) {
      float32x4_t low = vld1q_f32(query + i), high = vld1q_f32(query + i + 4);
      for (size_t k = 0; k < TOGETHER; k++) {
        first[k] = vaddq_f32(first[k], vmulq_f32(low, vld1q_f32(at[k] + i)));
        second[k] = vaddq_f32(second[k], vmulq_f32(high, vld1q_f32(at[k] + i + 4)));
      }
    }
    for (size_t k = 0; k < TOGETHER && row + k < count; k++) {
      float of_row[LANES];
      vst1q_f32(of_row, first[k]);
      vst1q_f32(of_row + 4, second[k]);
      scores[row + k] = finish(of_row, query, at[k], i, dimension);
    }
  }
}
#endif

#include "graph.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// Codes are stored as unsigned bytes, 128 more than the signed value, because x86's VNNI multiplies unsigned by signed bytes:
// sum x*y = sum (x+128)*y - 128 * sum y, and the offset is the last term.

static int32_t portable(const uint8_t *x, const int8_t *y, size_t n, int32_t offset) {
  int32_t sum = 0;
  for (size_t i = 0; i < n; i++) sum += x[i] * y[i];
  return sum - offset;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static int32_t avx2(const uint8_t *x, const int8_t *y, size_t n, int32_t offset) {
  __m256i first = _mm256_setzero_si256(), second = _mm256_setzero_si256();
  for (size_t i = 0; i < n; i += 32) {
    __m256i a = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(x + i)));
    __m256i b = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(y + i)));
    first = _mm256_add_epi32(first, _mm256_madd_epi16(a, b));
    a = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(x + i + 16)));
    b = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(y + i + 16)));
    second = _mm256_add_epi32(second, _mm256_madd_epi16(a, b));
  }
  first = _mm256_add_epi32(first, second);
  __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(first), _mm256_extracti128_si256(first, 1));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, _MM_SHUFFLE(1, 0, 3, 2)));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, _MM_SHUFFLE(2, 3, 0, 1)));
  return _mm_cvtsi128_si32(sum) - offset;
}

__attribute__((target("avx512f,avx512bw,avx512vnni"))) static int32_t avx512vnni(const uint8_t *x, const int8_t *y, size_t n,
                                                                                int32_t offset) {
  __m512i first = _mm512_setzero_si512(), second = _mm512_setzero_si512();
  size_t i = 0;
  for (; i + 128 <= n; i += 128) {
    first = _mm512_dpbusd_epi32(first, _mm512_loadu_si512(x + i), _mm512_loadu_si512(y + i));
    second = _mm512_dpbusd_epi32(second, _mm512_loadu_si512(x + i + 64), _mm512_loadu_si512(y + i + 64));
  }
  if (i < n) first = _mm512_dpbusd_epi32(first, _mm512_loadu_si512(x + i), _mm512_loadu_si512(y + i));
  return _mm512_reduce_add_epi32(_mm512_add_epi32(first, second)) - offset;
}
#elif defined(__aarch64__)
static int32_t neon(const uint8_t *x, const int8_t *y, size_t n, int32_t offset) {
  (void)offset;  // the bytes are made signed again before they are multiplied
  int32x4_t sum = vdupq_n_s32(0);
  const uint8x16_t flip = vdupq_n_u8(128);
  for (size_t i = 0; i < n; i += 16) {
    int8x16_t a = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(x + i), flip)), b = vld1q_s8(y + i);
    sum = vpadalq_s16(sum, vmull_s8(vget_low_s8(a), vget_low_s8(b)));
    sum = vpadalq_s16(sum, vmull_s8(vget_high_s8(a), vget_high_s8(b)));
  }
  return vaddvq_s32(sum);
}
#endif

static const struct {
  const char *name;
  graph_dot dot;
} kernels[] = {
    {"portable", portable},
#if defined(__x86_64__)
    {"avx2", avx2},
    {"avx512vnni", avx512vnni},
#elif defined(__aarch64__)
    {"neon", neon},
#endif
};

graph_dot innerspace_graph_dot = portable;

int innerspace_graph_kernels(void) {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2")) return 1;
  if (!__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512vnni")) return 2;
#endif
  return sizeof kernels / sizeof *kernels;
}

const char *innerspace_graph_use_kernel(int i) {
  innerspace_graph_dot = kernels[i].dot;
  return kernels[i].name;
}

int32_t innerspace_graph_multiply(const uint8_t *x, const int8_t *y, size_t n, int32_t offset) {
  return innerspace_graph_dot(x, y, n, offset);
}

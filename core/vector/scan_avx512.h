// What the scans of one query and of a tile share on AVX-512.
#ifndef INNERSPACE_SCAN_AVX512_H
#define INNERSPACE_SCAN_AVX512_H
#ifdef __x86_64__
#include <immintrin.h>

#include "scan.h"

#define AVX512_TARGET target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,fma")
#define AVX512 __attribute__((AVX512_TARGET))
#define AVX512_INLINE __attribute__((AVX512_TARGET, always_inline)) static inline

#endif
#endif

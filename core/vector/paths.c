#include "scan.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#define HWCAP_DOT (1ul << 20)  // HWCAP_ASIMDDP, which old headers lack
#endif

unsigned innerspace_paths(void) {
  unsigned paths = 1u << PATH_PORTABLE;
#ifdef __x86_64__
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) paths |= 1u << PATH_AVX2;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("fma"))
    paths |= 1u << PATH_AVX512_VNNI;
#endif
#ifdef __aarch64__
  paths |= 1u << PATH_NEON;
#if defined(__APPLE__)
  paths |= 1u << PATH_NEON_DOT;  // every one of them has it
#elif defined(__linux__)
  if (getauxval(AT_HWCAP) & HWCAP_DOT) paths |= 1u << PATH_NEON_DOT;
#endif
#endif
  return paths;
}

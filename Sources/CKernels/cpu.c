#include "fovea_cpu.h"

fovea_isa fovea_isa_best(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma"))
        return FOVEA_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c"))
        return FOVEA_AVX2;
#endif
#if defined(__aarch64__)
    return FOVEA_NEON;
#else
    return FOVEA_SCALAR;
#endif
}

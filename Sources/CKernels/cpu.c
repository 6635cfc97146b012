#include "fovea_cpu.h"
#include <stdlib.h>
#include <string.h>

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

int fovea_isa_supported(fovea_isa isa) {
    const fovea_isa best = fovea_isa_best();
    return isa == FOVEA_SCALAR || isa == best || (isa == FOVEA_AVX2 && best == FOVEA_AVX512);
}

fovea_isa fovea_isa_default(void) {
    static const char *const names[] = {
        [FOVEA_SCALAR] = "scalar", [FOVEA_AVX2] = "avx2", [FOVEA_AVX512] = "avx512", [FOVEA_NEON] = "neon"};
    const char *wanted = getenv("FOVEA_ISA");
    for (unsigned i = 0; wanted && i < sizeof names / sizeof *names; i++)
        if (strcmp(wanted, names[i]) == 0 && fovea_isa_supported((fovea_isa)i)) return (fovea_isa)i;
    return fovea_isa_best();
}

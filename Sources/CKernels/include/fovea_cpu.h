// Which instruction set the kernels use: chosen once by CPU, or named by the caller.
#pragma once

typedef enum { FOVEA_SCALAR = 0, FOVEA_AVX2 = 1, FOVEA_AVX512 = 2, FOVEA_NEON = 3 } fovea_isa;

/// Tells the core that this is a spin loop.
static inline void fovea_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// The best instruction set that this CPU and operating system support.
fovea_isa fovea_isa_best(void);

/// True when this CPU can run it.
int fovea_isa_supported(fovea_isa isa);

/// What the environment variable FOVEA_ISA names (scalar, avx2, avx512, neon), if this CPU can run it; else the best.
fovea_isa fovea_isa_default(void);

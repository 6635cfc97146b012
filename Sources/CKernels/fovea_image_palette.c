// Levels to colours, and rows of colours to the planes of a 4:2:0 picture. The bodies are compiled once for each instruction set,
// where the compiler vectorises them.
#include "include/fovea_image.h"
#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#endif
#define INLINE static inline __attribute__((always_inline))

void fovea_image_palette(uint32_t *restrict out, const uint8_t *restrict levels, const uint32_t *restrict palette, int n) {
    for (int i = 0; i < n; i++) out[i] = palette[levels[i]];
}

INLINE void luma(uint8_t *restrict y, const uint32_t *restrict colors, long n) {
    for (long i = 0; i < n; i++) y[i] = (uint8_t)colors[i];
}

INLINE void chroma(uint8_t *restrict u, uint8_t *restrict v, const uint32_t *restrict upper, const uint32_t *restrict lower,
                   long n) {
    for (long j = 0; j < n / 2; j++) {
        const uint32_t sum = upper[2 * j] + upper[2 * j + 1] + lower[2 * j] + lower[2 * j + 1];
        u[j] = (uint8_t)(((sum >> 10 & 1023) + 2) >> 2);
        v[j] = (uint8_t)(((sum >> 20) + 2) >> 2);
    }
    if (n & 1) {
        const uint32_t sum = 2 * upper[n - 1] + 2 * lower[n - 1];
        u[n / 2] = (uint8_t)(((sum >> 10 & 1023) + 2) >> 2);
        v[n / 2] = (uint8_t)(((sum >> 20) + 2) >> 2);
    }
}

INLINE void split(uint8_t *y0, uint8_t *y1, uint8_t *u, uint8_t *v, const uint32_t *upper, const uint32_t *lower, long n) {
    luma(y0, upper, n);
    if (y1) luma(y1, lower, n);
    chroma(u, v, upper, lower, n);
}

#if defined(__x86_64__)
AVX2 static void split_avx2(uint8_t *y0, uint8_t *y1, uint8_t *u, uint8_t *v, const uint32_t *upper, const uint32_t *lower,
                            long n) {
    split(y0, y1, u, v, upper, lower, n);
}

AVX512 static void split_avx512(uint8_t *y0, uint8_t *y1, uint8_t *u, uint8_t *v, const uint32_t *upper,
                                const uint32_t *lower, long n) {
    split(y0, y1, u, v, upper, lower, n);
}
#endif

void fovea_image_split_420(uint8_t *y0, uint8_t *y1, uint8_t *u, uint8_t *v, const uint32_t *upper, const uint32_t *lower,
                           int n, fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512) return split_avx512(y0, y1, u, v, upper, lower, n);
    if (isa == FOVEA_AVX2) return split_avx2(y0, y1, u, v, upper, lower, n);
#endif
    (void)isa;
    split(y0, y1, u, v, upper, lower, n);
}

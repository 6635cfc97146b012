// Chroma of JPEG pictures to luma's resolution: the triangle filter of libjpeg's "fancy upsampling", in its integers. The bodies
// are compiled once for each instruction set, where the compiler vectorises them.
#include "include/fovea_image.h"
#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#endif
#define INLINE static inline __attribute__((always_inline))

INLINE int column_sum(const uint8_t *near, const uint8_t *far, long i) { return 3 * near[i] + far[i]; }

INLINE void h2v1(uint8_t *restrict out, const uint8_t *restrict c, long n) {
    out[0] = c[0];
    for (long i = 1; i < n; i++) {
        out[2 * i - 1] = (uint8_t)((3 * c[i - 1] + c[i] + 2) >> 2);
        out[2 * i] = (uint8_t)((3 * c[i] + c[i - 1] + 1) >> 2);
    }
    out[2 * n - 1] = c[n - 1];
}

INLINE void h2v2(uint8_t *restrict out, const uint8_t *restrict near, const uint8_t *restrict far, long n) {
    out[0] = (uint8_t)((4 * column_sum(near, far, 0) + 8) >> 4);
    for (long i = 1; i < n; i++) {
        const int left = column_sum(near, far, i - 1), right = column_sum(near, far, i);
        out[2 * i - 1] = (uint8_t)((3 * left + right + 7) >> 4);
        out[2 * i] = (uint8_t)((3 * right + left + 8) >> 4);
    }
    out[2 * n - 1] = (uint8_t)((4 * column_sum(near, far, n - 1) + 7) >> 4);
}

#if defined(__x86_64__)
AVX2 static void h2v1_avx2(uint8_t *out, const uint8_t *in, long n) { h2v1(out, in, n); }
AVX512 static void h2v1_avx512(uint8_t *out, const uint8_t *in, long n) { h2v1(out, in, n); }
AVX2 static void h2v2_avx2(uint8_t *out, const uint8_t *near, const uint8_t *far, long n) { h2v2(out, near, far, n); }
AVX512 static void h2v2_avx512(uint8_t *out, const uint8_t *near, const uint8_t *far, long n) { h2v2(out, near, far, n); }
#endif

void fovea_image_triangle_h2v1(uint8_t *out, const uint8_t *in, int n, fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512) return h2v1_avx512(out, in, n);
    if (isa == FOVEA_AVX2) return h2v1_avx2(out, in, n);
#endif
    (void)isa;
    h2v1(out, in, n);
}

void fovea_image_triangle_h2v2(uint8_t *out, const uint8_t *near, const uint8_t *far, int n, fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512) return h2v2_avx512(out, near, far, n);
    if (isa == FOVEA_AVX2) return h2v2_avx2(out, near, far, n);
#endif
    (void)isa;
    h2v2(out, near, far, n);
}

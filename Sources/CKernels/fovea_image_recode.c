// From one kind of Y'CbCr, or from R'G'B', to another: range and matrix of 4:2:0 pictures, in integers. The bodies are compiled
// once for each instruction set, where the compiler vectorises them.
#include "include/fovea_image.h"
#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#endif
#define INLINE static inline __attribute__((always_inline))

INLINE uint8_t clamped(int32_t x) {
    x >>= FOVEA_COLOR_FRACTION;
    x = x < 0 ? 0 : x;
    return (uint8_t)(x > 255 ? 255 : x);
}

INLINE void luma(uint8_t *restrict out, const uint8_t *restrict y, const uint8_t *restrict u, const uint8_t *restrict v,
                 const int32_t *m, long n) {
    const int32_t gain = m[0], mu = m[1], mv = m[2], bias = m[3];
    for (long j = 0; j < n / 2; j++) {
        const int32_t term = mu * u[j] + mv * v[j] + bias;
        out[2 * j] = clamped(gain * y[2 * j] + term);
        out[2 * j + 1] = clamped(gain * y[2 * j + 1] + term);
    }
    if (n & 1) out[n - 1] = clamped(gain * y[n - 1] + mu * u[n / 2] + mv * v[n / 2] + bias);
}

INLINE void chroma(uint8_t *restrict u, uint8_t *restrict v, const int32_t *m, long n) {
    const int32_t uu = m[0], vu = m[1], u0 = m[2], uv = m[3], vv = m[4], v0 = m[5];
    for (long i = 0; i < n; i++) {
        const int32_t p = u[i], q = v[i];
        u[i] = clamped(uu * p + vu * q + u0);
        v[i] = clamped(uv * p + vv * q + v0);
    }
}

INLINE uint8_t rounded(float x) {
    x = x > 0 ? x : 0;
    return (uint8_t)(int32_t)((x < 255 ? x : 255) + 0.5f);
}

INLINE float mixed(const float *m, float r, float g, float b) { return m[0] * r + m[1] * g + m[2] * b + m[3]; }

INLINE void luma_of_rgb(uint8_t *restrict y, const float *restrict r, const float *restrict g, const float *restrict b,
                        const float *m, long n) {
    for (long i = 0; i < n; i++) y[i] = rounded(mixed(m, r[i], g[i], b[i]));
}

INLINE void chroma_of_rgb(uint8_t *restrict u, uint8_t *restrict v, const float *const *upper, const float *const *lower,
                          const float *m, long n) {
    for (long j = 0; j < (n + 1) / 2; j++) {
        const long a = 2 * j, b = a + 1 < n ? a + 1 : a;
        float c[3];
        for (int k = 0; k < 3; k++) c[k] = 0.25f * (upper[k][a] + upper[k][b] + lower[k][a] + lower[k][b]);
        u[j] = rounded(mixed(m + 4, c[0], c[1], c[2]));
        v[j] = rounded(mixed(m + 8, c[0], c[1], c[2]));
    }
}

#if defined(__x86_64__)
AVX2 static void luma_avx2(uint8_t *out, const uint8_t *y, const uint8_t *u, const uint8_t *v, const int32_t *m, long n) {
    luma(out, y, u, v, m, n);
}

AVX512 static void luma_avx512(
    uint8_t *out, const uint8_t *y, const uint8_t *u, const uint8_t *v, const int32_t *m, long n) {
    luma(out, y, u, v, m, n);
}

AVX2 static void chroma_avx2(uint8_t *u, uint8_t *v, const int32_t *m, long n) { chroma(u, v, m, n); }
AVX512 static void chroma_avx512(uint8_t *u, uint8_t *v, const int32_t *m, long n) { chroma(u, v, m, n); }
#endif

void fovea_image_recode_luma(uint8_t *out, const uint8_t *y, const uint8_t *u, const uint8_t *v, const int32_t *matrix,
                             int n, fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512) return luma_avx512(out, y, u, v, matrix, n);
    if (isa == FOVEA_AVX2) return luma_avx2(out, y, u, v, matrix, n);
#endif
    (void)isa;
    luma(out, y, u, v, matrix, n);
}

void fovea_image_recode_chroma(uint8_t *u, uint8_t *v, const int32_t *matrix, int n, fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512) return chroma_avx512(u, v, matrix, n);
    if (isa == FOVEA_AVX2) return chroma_avx2(u, v, matrix, n);
#endif
    (void)isa;
    chroma(u, v, matrix, n);
}

void fovea_image_rgb_to_420(uint8_t *const *y, uint8_t *u, uint8_t *v, const float *const *upper, const float *const *lower,
                            const float *matrix, int n) {
    luma_of_rgb(y[0], upper[0], upper[1], upper[2], matrix, n);
    if (y[1]) luma_of_rgb(y[1], lower[0], lower[1], lower[2], matrix, n);
    chroma_of_rgb(u, v, upper, lower, matrix, n);
}

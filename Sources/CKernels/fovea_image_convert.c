// Samples of any depth and spacing to fixed point, and fixed-point samples to normalised floats. Each body is written
// once and compiled for each instruction set: the compiler's vectoriser does what is left to do.
#include <string.h>

#include "fovea_image.h"
#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#endif
#define INLINE static inline __attribute__((always_inline))

INLINE void unpack_bytes(int16_t *restrict out, const uint8_t *restrict in, long step, int n) {
    for (long i = 0; i < n; i++) out[i] = (int16_t)(in[i * step] << 7);
}

INLINE void unpack_any(int16_t *out, const uint8_t *in, long step, int shift, int depth, int n) {
    const unsigned mask = (1u << depth) - 1;
    for (long i = 0; i < n; i++) {
        unsigned word = in[i * step];
        if (shift + depth > 8) word |= (unsigned)in[i * step + 1] << 8;
        word = word >> shift & mask;
        out[i] = (int16_t)(depth > 15 ? word >> 1 : word << (15 - depth));
    }
}

INLINE void unpack(int16_t *out, const uint8_t *in, int step, int shift, int depth, int n) {
    if (depth != 8 || shift != 0) {
        if (step == 2 && shift + depth > 8) return unpack_any(out, in, 2, shift, depth, n);
        return unpack_any(out, in, step, shift, depth, n);
    }
    switch (step) {
    case 1: return unpack_bytes(out, in, 1, n);
    case 2: return unpack_bytes(out, in, 2, n);
    case 3: return unpack_bytes(out, in, 3, n);
    case 4: return unpack_bytes(out, in, 4, n);
    default: return unpack_bytes(out, in, step, n);
    }
}

INLINE float clamp(float x) {
    x = x < 0 ? 0 : x;
    return x > 255 ? 255 : x;
}

INLINE void normalise(float *const *out, int outputs, const int16_t *restrict a, const int16_t *restrict b,
                      const int16_t *restrict c, const float *m, const float *x, int n) {
    float *restrict o0 = out[0];
    if (outputs == 1) {
        for (int i = 0; i < n; i++) {
            float p = a[i], q = b[i], s = c[i];
            float r = clamp(m[0] * p + m[1] * q + m[2] * s + m[3]);
            float g = clamp(m[4] * p + m[5] * q + m[6] * s + m[7]);
            float l = clamp(m[8] * p + m[9] * q + m[10] * s + m[11]);
            o0[i] = x[0] * r + x[1] * g + x[2] * l + x[3];
        }
        return;
    }
    float *restrict o1 = out[1], *restrict o2 = out[2];
    for (int i = 0; i < n; i++) {
        float p = a[i], q = b[i], s = c[i];
        float r = clamp(m[0] * p + m[1] * q + m[2] * s + m[3]);
        float g = clamp(m[4] * p + m[5] * q + m[6] * s + m[7]);
        float l = clamp(m[8] * p + m[9] * q + m[10] * s + m[11]);
        o0[i] = x[0] * r + x[1] * g + x[2] * l + x[3];
        o1[i] = x[4] * r + x[5] * g + x[6] * l + x[7];
        o2[i] = x[8] * r + x[9] * g + x[10] * l + x[11];
    }
}

#if defined(__x86_64__)
AVX2 static void unpack_avx2(int16_t *out, const uint8_t *in, int step, int shift, int depth, int n) {
    unpack(out, in, step, shift, depth, n);
}

AVX512 static void unpack_avx512(int16_t *out, const uint8_t *in, int step, int shift, int depth, int n) {
    unpack(out, in, step, shift, depth, n);
}

AVX2 static void normalise_avx2(float *const *out, int outputs, const int16_t *a, const int16_t *b, const int16_t *c,
                                const float *m, const float *x, int n) {
    normalise(out, outputs, a, b, c, m, x, n);
}

AVX512 static void normalise_avx512(float *const *out, int outputs, const int16_t *a, const int16_t *b,
                                    const int16_t *c, const float *m, const float *x, int n) {
    normalise(out, outputs, a, b, c, m, x, n);
}
#endif

void fovea_image_unpack(int16_t *out, const uint8_t *in, int step, int shift, int depth, int n, fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512) return unpack_avx512(out, in, step, shift, depth, n);
    if (isa == FOVEA_AVX2) return unpack_avx2(out, in, step, shift, depth, n);
#endif
    (void)isa;
    unpack(out, in, step, shift, depth, n);
}

void fovea_image_normalise(float *const *out, int outputs, const int16_t *a, const int16_t *b, const int16_t *c,
                           const float *matrix, const float *mix, int n, fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512) return normalise_avx512(out, outputs, a, b, c, matrix, mix, n);
    if (isa == FOVEA_AVX2) return normalise_avx2(out, outputs, a, b, c, matrix, mix, n);
#endif
    (void)isa;
    normalise(out, outputs, a, b, c, matrix, mix, n);
}

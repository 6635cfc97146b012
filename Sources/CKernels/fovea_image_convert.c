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

INLINE uint8_t round_byte(float x) {
    x = x < 0 ? 0 : x;
    x = x > 255 ? 255 : x;
    // Adding 2^23 leaves the nearest integer, ties to even, in the lowest bits.
    return (uint8_t)(x + 8388608.0f - 8388608.0f);
}

INLINE void to_rgb(uint8_t *restrict strip, const int16_t *restrict a, const int16_t *restrict b,
                   const int16_t *restrict c, int shift, const float *m, long n) {
    for (long i = 0; i < n; i++) {
        const long j = i >> shift;
        const float p = a[i], q = b[j], s = c[j];
        uint8_t *at = strip + (i >> 2) * 64 + (i & 3);
        at[0] = round_byte(m[0] * p + m[1] * q + m[2] * s + m[3]);
        at[4] = round_byte(m[4] * p + m[5] * q + m[6] * s + m[7]);
        at[8] = round_byte(m[8] * p + m[9] * q + m[10] * s + m[11]);
    }
}

INLINE void normalise(float *const *out, int outputs, const uint8_t *rgb, const float *x, int n) {
    typedef uint32_t __attribute__((may_alias, aligned(1))) pixel;
    const pixel *restrict in = (const pixel *)rgb;
    for (int k = 0; k < outputs; k++) {
        float *restrict o = out[k];
        const float r = x[4 * k], g = x[4 * k + 1], b = x[4 * k + 2], bias = x[4 * k + 3];
        for (int i = 0; i < n; i++) {
            const int32_t red = in[i] & 255, green = in[i] >> 8 & 255, blue = in[i] >> 16 & 255;
            o[i] = r * (float)red + g * (float)green + b * (float)blue + bias;
        }
    }
}

#if defined(__x86_64__)
AVX2 static void unpack_avx2(int16_t *out, const uint8_t *in, int step, int shift, int depth, int n) {
    unpack(out, in, step, shift, depth, n);
}

AVX512 static void unpack_avx512(int16_t *out, const uint8_t *in, int step, int shift, int depth, int n) {
    unpack(out, in, step, shift, depth, n);
}

AVX2 static void to_rgb_avx2(uint8_t *strip, const int16_t *a, const int16_t *b, const int16_t *c, int shift,
                               const float *m, int n) {
    if (shift == 0) return to_rgb(strip, a, b, c, 0, m, n);
    if (shift == 1) return to_rgb(strip, a, b, c, 1, m, n);
    to_rgb(strip, a, b, c, shift, m, n);
}

AVX512 static void to_rgb_avx512(uint8_t *strip, const int16_t *a, const int16_t *b, const int16_t *c, int shift,
                               const float *m, int n) {
    if (shift == 0) return to_rgb(strip, a, b, c, 0, m, n);
    if (shift == 1) return to_rgb(strip, a, b, c, 1, m, n);
    to_rgb(strip, a, b, c, shift, m, n);
}

AVX2 static void normalise_avx2(float *const *out, int outputs, const uint8_t *rgb, const float *x, int n) {
    normalise(out, outputs, rgb, x, n);
}

AVX512 static void normalise_avx512(float *const *out, int outputs, const uint8_t *rgb, const float *x, int n) {
    normalise(out, outputs, rgb, x, n);
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

void fovea_image_to_rgb(uint8_t *strip, const int16_t *a, const int16_t *b, const int16_t *c, int shift,
                        const float *matrix, int n, fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512) return to_rgb_avx512(strip, a, b, c, shift, matrix, n);
    if (isa == FOVEA_AVX2) return to_rgb_avx2(strip, a, b, c, shift, matrix, n);
#endif
    (void)isa;
    to_rgb(strip, a, b, c, shift, matrix, n);
}

void fovea_image_normalise(float *const *out, int outputs, const uint8_t *rgb, const float *mix, int n, fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512) return normalise_avx512(out, outputs, rgb, mix, n);
    if (isa == FOVEA_AVX2) return normalise_avx2(out, outputs, rgb, mix, n);
#endif
    (void)isa;
    normalise(out, outputs, rgb, mix, n);
}

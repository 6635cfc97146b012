// Rows of 8-bit Y'CbCr to R'G'B' in integers: chroma's part of each colour once for all the luma samples that share it, then
// luma. The first is written once and vectorised by the compiler for each instruction set; luma has its SIMD variants here.
#include <string.h>

#include "include/fovea_image.h"
#if defined(__x86_64__)
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#endif
#define INLINE static inline __attribute__((always_inline))

INLINE void terms_body(int32_t *restrict r, int32_t *restrict g, int32_t *restrict b, const uint8_t *restrict u,
                       const uint8_t *restrict v, long step, int shift, const int32_t *m, long n) {
    const int32_t rv = m[2], gu = m[5], gv = m[6], bu = m[9], r0 = m[3], g0 = m[7], b0 = m[11];
    for (long j = 0; j < n; j++) {
        const int32_t p = u[j * step], q = v[j * step];
        const int32_t red = rv * q + r0, green = gu * p + gv * q + g0, blue = bu * p + b0;
        for (long k = j << shift; k < (j + 1) << shift; k++) r[k] = red, g[k] = green, b[k] = blue;
    }
}

INLINE void terms(int32_t *out, long stride, const uint8_t *u, const uint8_t *v, int step, int shift, const int32_t *m,
                  long n) {
    int32_t *r = out, *g = out + stride, *b = out + 2 * stride;
    if (step == 1 && shift == 0) return terms_body(r, g, b, u, v, 1, 0, m, n);
    if (step == 1 && shift == 1) return terms_body(r, g, b, u, v, 1, 1, m, n);
    if (step == 2 && shift == 1) return terms_body(r, g, b, u, v, 2, 1, m, n);
    terms_body(r, g, b, u, v, step, shift, m, n);
}

INLINE uint8_t clamped(int32_t x) {
    x >>= FOVEA_COLOR_FRACTION;
    return (uint8_t)(x < 0 ? 0 : x > 255 ? 255 : x);
}

static void luma_scalar(uint8_t *strip, const uint8_t *y, const int32_t *terms, long stride, int32_t gain, int n) {
    for (long i = 0; i < n; i++) {
        uint8_t *at = strip + i / 4 * 64 + i % 4;
        for (int k = 0; k < 3; k++) at[4 * k] = clamped(y[i] * gain + terms[k * stride + i]);
    }
}

#if defined(__x86_64__)
AVX2 static void terms_avx2(int32_t *out, long stride, const uint8_t *u, const uint8_t *v, int step, int shift,
                            const int32_t *m, long n) {
    terms(out, stride, u, v, step, shift, m, n);
}

AVX512 static void terms_avx512(int32_t *out, long stride, const uint8_t *u, const uint8_t *v, int step, int shift,
                                const int32_t *m, long n) {
    terms(out, stride, u, v, step, shift, m, n);
}

// Packing clamps, and gives R0 … R3 G0 … G3 B0 … B3 0 0 0 0 in each quarter (half) of a vector.
AVX2 static inline void luma8(uint8_t *strip, const uint8_t *y, const int32_t *terms, long stride, __m256i gain) {
    const __m256i l = _mm256_mullo_epi32(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)y)), gain);
    __m256i c[3];
    for (int k = 0; k < 3; k++) {
        c[k] = _mm256_add_epi32(l, _mm256_loadu_si256((const __m256i *)(terms + k * stride)));
        c[k] = _mm256_srai_epi32(c[k], FOVEA_COLOR_FRACTION);
    }
    const __m256i rg = _mm256_packs_epi32(c[0], c[1]), b = _mm256_packs_epi32(c[2], _mm256_setzero_si256());
    const __m256i pixels = _mm256_packus_epi16(rg, b);
    _mm_storeu_si128((__m128i *)strip, _mm256_castsi256_si128(pixels));
    _mm_storeu_si128((__m128i *)(strip + 64), _mm256_extracti128_si256(pixels, 1));
}

AVX512 static inline void luma16(uint8_t *strip, const uint8_t *y, const int32_t *terms, long stride, __m512i gain) {
    const __m512i l = _mm512_mullo_epi32(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)y)), gain);
    __m512i c[3];
    for (int k = 0; k < 3; k++)
        c[k] = _mm512_srai_epi32(_mm512_add_epi32(l, _mm512_loadu_si512(terms + k * stride)), FOVEA_COLOR_FRACTION);
    const __m512i rg = _mm512_packs_epi32(c[0], c[1]), b = _mm512_packs_epi32(c[2], _mm512_setzero_si512());
    const __m512i pixels = _mm512_packus_epi16(rg, b);
    _mm_storeu_si128((__m128i *)strip, _mm512_castsi512_si128(pixels));
    _mm_storeu_si128((__m128i *)(strip + 64), _mm512_extracti32x4_epi32(pixels, 1));
    _mm_storeu_si128((__m128i *)(strip + 128), _mm512_extracti32x4_epi32(pixels, 2));
    _mm_storeu_si128((__m128i *)(strip + 192), _mm512_extracti32x4_epi32(pixels, 3));
}

AVX2 static void luma_avx2(uint8_t *strip, const uint8_t *y, const int32_t *terms, long stride, int32_t gain, int n) {
    const __m256i v = _mm256_set1_epi32(gain);
    long i = 0;
    for (; i + 8 <= n; i += 8) luma8(strip + 16 * i, y + i, terms + i, stride, v);
    luma_scalar(strip + 16 * i, y + i, terms + i, stride, gain, (int)(n - i));
}

AVX512 static void luma_avx512(uint8_t *strip, const uint8_t *y, const int32_t *terms, long stride, int32_t gain, int n) {
    const __m512i v = _mm512_set1_epi32(gain);
    long i = 0;
    for (; i + 16 <= n; i += 16) luma16(strip + 16 * i, y + i, terms + i, stride, v);
    if (i + 8 <= n) luma8(strip + 16 * i, y + i, terms + i, stride, _mm512_castsi512_si256(v)), i += 8;
    luma_scalar(strip + 16 * i, y + i, terms + i, stride, gain, (int)(n - i));
}
#endif

void fovea_image_chroma_terms(int32_t *out, long stride, const uint8_t *u, const uint8_t *v, int step, int shift,
                              const int32_t *matrix, int n, fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512) return terms_avx512(out, stride, u, v, step, shift, matrix, n);
    if (isa == FOVEA_AVX2) return terms_avx2(out, stride, u, v, step, shift, matrix, n);
#endif
    (void)isa;
    terms(out, stride, u, v, step, shift, matrix, n);
}

void fovea_image_luma_to_rgb(uint8_t *strip, const uint8_t *y, const int32_t *terms, long stride, int32_t gain, int n,
                             fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512) return luma_avx512(strip, y, terms, stride, gain, n);
    if (isa == FOVEA_AVX2) return luma_avx2(strip, y, terms, stride, gain, n);
#endif
    (void)isa;
    luma_scalar(strip, y, terms, stride, gain, n);
}

// Resampling of R'G'B' pictures with Pillow's arithmetic: first along rows, then along columns, bytes after each pass,
// weights with 22 fraction bits. The scalar reference of each kernel first, then its SIMD variants: the same integers.
#include <string.h>

#include "fovea_image.h"
#if defined(__x86_64__)
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#endif
#define INLINE static inline __attribute__((always_inline))

enum { FRACTION = 22 };

INLINE uint8_t to_byte(int32_t sum) {
    int32_t value = sum >> FRACTION;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static void row_scalar(uint8_t *out, const uint8_t *row, const int32_t *start, const int32_t *w, int taps, int n) {
    for (long i = 0; i < n; i++) {
        int32_t sum[4] = {1 << (FRACTION - 1), 1 << (FRACTION - 1), 1 << (FRACTION - 1), 1 << (FRACTION - 1)};
        const uint8_t *in = row + 4 * (long)start[i];
        for (long t = 0; t < taps; t++)
            for (int k = 0; k < 4; k++) sum[k] += in[4 * t + k] * w[i * taps + t];
        for (int k = 0; k < 4; k++) out[4 * i + k] = to_byte(sum[k]);
    }
}

INLINE void column_body(uint8_t *restrict out, const uint8_t *const *rows, const int32_t *w, int taps, long n) {
    enum { BLOCK = 64 };
    long i = 0;
    for (; i + BLOCK <= n; i += BLOCK) {
        int32_t sum[BLOCK];
        for (int k = 0; k < BLOCK; k++) sum[k] = 1 << (FRACTION - 1);
        for (int t = 0; t < taps; t++) {
            const uint8_t *in = rows[t] + i;
            for (int k = 0; k < BLOCK; k++) sum[k] += in[k] * w[t];
        }
        for (int k = 0; k < BLOCK; k++) out[i + k] = to_byte(sum[k]);
    }
    for (; i < n; i++) {
        int32_t sum = 1 << (FRACTION - 1);
        for (int t = 0; t < taps; t++) sum += rows[t][i] * w[t];
        out[i] = to_byte(sum);
    }
}

static void column_scalar(uint8_t *out, const uint8_t *const *rows, const int32_t *w, int taps, long n) {
    column_body(out, rows, w, taps, n);
}

#if defined(__x86_64__)

// Two taps at a time: the upper half of a vector holds the second tap's pixel.
AVX2 static void row_avx2(uint8_t *out, const uint8_t *row, const int32_t *start, const int32_t *w, int taps, int n) {
    const __m256i halves = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
    const __m128i half = _mm_set1_epi32(1 << (FRACTION - 1));
    for (long i = 0; i < n; i++) {
        const uint8_t *in = row + 4 * (long)start[i];
        const int32_t *weights = w + i * taps;
        __m256i sum = _mm256_setzero_si256();
        for (long t = 0; t < taps; t += 2) {
            __m256i pixels = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(in + 4 * t)));
            __m256i pair = _mm256_castsi128_si256(_mm_loadl_epi64((const __m128i *)(weights + t)));
            sum = _mm256_add_epi32(sum, _mm256_mullo_epi32(pixels, _mm256_permutevar8x32_epi32(pair, halves)));
        }
        __m128i total = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
        total = _mm_srai_epi32(_mm_add_epi32(total, half), FRACTION);
        total = _mm_packs_epi32(total, total);
        int32_t bytes = _mm_cvtsi128_si32(_mm_packus_epi16(total, total));
        memcpy(out + 4 * i, &bytes, 4);
    }
}

AVX2 static void column_avx2(uint8_t *out, const uint8_t *const *rows, const int32_t *w, int taps, long n) {
    column_body(out, rows, w, taps, n);
}

AVX512 static void column_avx512(uint8_t *out, const uint8_t *const *rows, const int32_t *w, int taps, long n) {
    column_body(out, rows, w, taps, n);
}

#endif

void fovea_image_resample_row(uint8_t *out, const uint8_t *row, const int32_t *start, const int32_t *weights, int taps,
                              int n, fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512 || isa == FOVEA_AVX2) return row_avx2(out, row, start, weights, taps, n);
#endif
    (void)isa;
    row_scalar(out, row, start, weights, taps, n);
}

void fovea_image_resample_column(uint8_t *out, const uint8_t *const *rows, const int32_t *weights, int taps, long n,
                                 fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512) return column_avx512(out, rows, weights, taps, n);
    if (isa == FOVEA_AVX2) return column_avx2(out, rows, weights, taps, n);
#endif
    (void)isa;
    column_scalar(out, rows, weights, taps, n);
}

// Separable resampling: the scalar reference of each kernel first, then its SIMD variants.
#include <string.h>

#include "fovea_image.h"
#if defined(__x86_64__)
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#endif

static void vertical8_scalar(int16_t *out, const uint8_t *const *rows, const int16_t *w, int taps, int from, int n) {
    for (int i = from; i < n; i++) {
        int32_t sum = 1 << 6;
        for (int t = 0; t < taps; t++) sum += w[t] * rows[t][i];
        out[i] = (int16_t)(sum >> 7);
    }
}

static void vertical16_scalar(int16_t *out, const int16_t *const *rows, const int16_t *w, int taps, int from, int n) {
    for (int i = from; i < n; i++) {
        int32_t sum = 1 << 13;
        for (int t = 0; t < taps; t++) sum += w[t] * rows[t][i];
        out[i] = (int16_t)(sum >> 14);
    }
}

static void horizontal_scalar(int16_t *out, const int16_t *row, const int32_t *start, const int16_t *w, int taps,
                              int n) {
    for (int i = 0; i < n; i++) {
        int32_t sum = 1 << 13;
        for (int t = 0; t < taps; t++) sum += w[i * taps + t] * row[start[i] + t];
        out[i] = (int16_t)(sum >> 14);
    }
}

#if defined(__x86_64__)

// Two weights side by side, as the multiply-add of neighbouring 16-bit lanes wants them.
static inline int32_t weight_pair(const int16_t *w, int t, int taps) {
    uint32_t second = t + 1 < taps ? (uint16_t)w[t + 1] : 0;
    return (int32_t)((uint16_t)w[t] | second << 16);
}

AVX2 static void vertical8_avx2(int16_t *out, const uint8_t *const *rows, const int16_t *w, int taps, int n) {
    int i = 0;
    for (; i + 16 <= n; i += 16) {
        __m256i low = _mm256_set1_epi32(1 << 6), high = low;
        for (int t = 0; t < taps; t += 2) {
            __m128i a = _mm_loadu_si128((const __m128i *)(rows[t] + i));
            __m128i b = t + 1 < taps ? _mm_loadu_si128((const __m128i *)(rows[t + 1] + i)) : _mm_setzero_si128();
            __m256i pair = _mm256_set1_epi32(weight_pair(w, t, taps));
            __m256i ab = _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(a, b));
            low = _mm256_add_epi32(low, _mm256_madd_epi16(ab, pair));
            ab = _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(a, b));
            high = _mm256_add_epi32(high, _mm256_madd_epi16(ab, pair));
        }
        __m256i both = _mm256_packs_epi32(_mm256_srai_epi32(low, 7), _mm256_srai_epi32(high, 7));
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_permute4x64_epi64(both, 0xD8));
    }
    vertical8_scalar(out, rows, w, taps, i, n);
}

AVX2 static void vertical16_avx2(int16_t *out, const int16_t *const *rows, const int16_t *w, int taps, int n) {
    int i = 0;
    for (; i + 16 <= n; i += 16) {
        __m256i low = _mm256_set1_epi32(1 << 13), high = low;
        for (int t = 0; t < taps; t += 2) {
            __m256i a = _mm256_loadu_si256((const __m256i *)(rows[t] + i));
            __m256i b =
                t + 1 < taps ? _mm256_loadu_si256((const __m256i *)(rows[t + 1] + i)) : _mm256_setzero_si256();
            __m256i pair = _mm256_set1_epi32(weight_pair(w, t, taps));
            low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), pair));
            high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), pair));
        }
        __m256i both = _mm256_packs_epi32(_mm256_srai_epi32(low, 14), _mm256_srai_epi32(high, 14));
        _mm256_storeu_si256((__m256i *)(out + i), both);
    }
    vertical16_scalar(out, rows, w, taps, i, n);
}

AVX2 static inline __m128i dot8(const int16_t *row, const int16_t *w, int taps) {
    __m128i sum = _mm_setzero_si128();
    for (int t = 0; t < taps; t += 8) {
        __m128i x = _mm_loadu_si128((const __m128i *)(row + t)), y = _mm_loadu_si128((const __m128i *)(w + t));
        sum = _mm_add_epi32(sum, _mm_madd_epi16(x, y));
    }
    return sum;
}

AVX2 static void horizontal_avx2(int16_t *out, const int16_t *row, const int32_t *start, const int16_t *w, int taps,
                                 int n) {
    const __m128i half = _mm_set1_epi32(1 << 13);
    int i = 0;
    for (; i + 4 <= n; i += 4) {
        const int16_t *u = w + (long)i * taps;
        __m128i ab = _mm_hadd_epi32(dot8(row + start[i], u, taps), dot8(row + start[i + 1], u + taps, taps));
        __m128i cd = _mm_hadd_epi32(dot8(row + start[i + 2], u + 2 * taps, taps),
                                    dot8(row + start[i + 3], u + 3 * taps, taps));
        __m128i sum = _mm_srai_epi32(_mm_add_epi32(_mm_hadd_epi32(ab, cd), half), 14);
        _mm_storel_epi64((__m128i *)(out + i), _mm_packs_epi32(sum, sum));
    }
    horizontal_scalar(out + i, row, start + i, w + (long)i * taps, taps, n - i);
}

AVX512 static void vertical8_avx512(int16_t *out, const uint8_t *const *rows, const int16_t *w, int taps, int n) {
    int i = 0;
    for (; i + 32 <= n; i += 32) {
        __m512i low = _mm512_set1_epi32(1 << 6), high = low;
        for (int t = 0; t < taps; t += 2) {
            __m256i a = _mm256_loadu_si256((const __m256i *)(rows[t] + i));
            __m256i b =
                t + 1 < taps ? _mm256_loadu_si256((const __m256i *)(rows[t + 1] + i)) : _mm256_setzero_si256();
            __m512i pair = _mm512_set1_epi32(weight_pair(w, t, taps));
            low = _mm512_add_epi32(
                low, _mm512_madd_epi16(_mm512_cvtepu8_epi16(_mm256_unpacklo_epi8(a, b)), pair));
            high = _mm512_add_epi32(
                high, _mm512_madd_epi16(_mm512_cvtepu8_epi16(_mm256_unpackhi_epi8(a, b)), pair));
        }
        // Columns: low holds 0-7 and 16-23, high 8-15 and 24-31.
        __m256i l = _mm512_cvtepi32_epi16(_mm512_srai_epi32(low, 7));
        __m256i h = _mm512_cvtepi32_epi16(_mm512_srai_epi32(high, 7));
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_permute2x128_si256(l, h, 0x20));
        _mm256_storeu_si256((__m256i *)(out + i + 16), _mm256_permute2x128_si256(l, h, 0x31));
    }
    vertical8_scalar(out, rows, w, taps, i, n);
}

#endif

void fovea_image_vertical8(int16_t *out, const uint8_t *const *rows, const int16_t *weights, int taps, int n,
                           fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512) return vertical8_avx512(out, rows, weights, taps, n);
    if (isa == FOVEA_AVX2) return vertical8_avx2(out, rows, weights, taps, n);
#endif
    (void)isa;
    vertical8_scalar(out, rows, weights, taps, 0, n);
}

void fovea_image_vertical16(int16_t *out, const int16_t *const *rows, const int16_t *weights, int taps, int n,
                            fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512 || isa == FOVEA_AVX2) return vertical16_avx2(out, rows, weights, taps, n);
#endif
    (void)isa;
    vertical16_scalar(out, rows, weights, taps, 0, n);
}

void fovea_image_horizontal(int16_t *out, const int16_t *row, const int32_t *start, const int16_t *weights, int taps,
                            int n, fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512 || isa == FOVEA_AVX2) return horizontal_avx2(out, row, start, weights, taps, n);
#endif
    (void)isa;
    horizontal_scalar(out, row, start, weights, taps, n);
}

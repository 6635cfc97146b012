// Resampling with AVX2: vpmaddwd sums two products of 16-bit words in each 32-bit lane.
#if defined(__x86_64__)
#include <immintrin.h>

#include "image_filter.h"
#define AVX2 __attribute__((target("avx2")))

void image_pack_avx2(uint8_t *packed, const int32_t *weights, long quads) {
    for (long q = 0; q < quads; q++) {
        int16_t part[2][4];
        for (int t = 0; t < 4; t++) {
            const int32_t w = weights[4 * q + t];
            part[0][t] = (int16_t)(w & ((1 << LOW_BITS) - 1));
            part[1][t] = (int16_t)(w >> LOW_BITS);
        }
        memcpy(packed + q * AVX2_QUAD_BYTES, part, sizeof part);
    }
}

AVX2 static inline __m256i broadcast(const uint8_t *four) {
    int64_t words;
    memcpy(&words, four, 8);
    return _mm256_set1_epi64x(words);
}

/// One output of one row, two sums for each channel: those of the even and of the odd pairs of taps.
AVX2 static inline __m256i filtered(const uint8_t *in, const uint8_t *w, int quads) {
    __m256i low = _mm256_setzero_si256(), high = low;
    for (long q = 0; q < quads; q++, w += AVX2_QUAD_BYTES) {
        const __m256i x = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(in + 64 * q)));
        low = _mm256_add_epi32(low, _mm256_madd_epi16(x, broadcast(w)));
        high = _mm256_add_epi32(high, _mm256_madd_epi16(x, broadcast(w + 8)));
    }
    return _mm256_add_epi32(low, _mm256_slli_epi32(high, LOW_BITS));
}

AVX2 void image_rows_avx2(uint8_t *out, long stride, const uint8_t *strip, const fovea_image_filter *f) {
    const long pitch = f->taps / 4 * AVX2_QUAD_BYTES;
    const __m256i half = _mm256_set1_epi32(HALF);
    const uint8_t *w = f->packed;
    for (long i = 0; i < f->count; i += 4, w += 4 * pitch) {
        for (long row = 0; row < 4; row++) {
            __m256i s[4];
            for (long k = 0; k < 4; k++)
                s[k] = filtered(strip + 16 * ((long)f->start[i + k] + row), w + k * pitch, f->quads[i + k]);
            // R and G of pixels 0 and 1 in the lower half, B and X in the upper; then pixels 2 and 3.
            __m256i a = _mm256_hadd_epi32(s[0], s[1]), b = _mm256_hadd_epi32(s[2], s[3]);
            a = _mm256_srai_epi32(_mm256_add_epi32(a, half), FRACTION);
            b = _mm256_srai_epi32(_mm256_add_epi32(b, half), FRACTION);
            a = _mm256_packus_epi16(_mm256_packs_epi32(a, b), _mm256_setzero_si256());
            const __m128i pixels = _mm_unpacklo_epi16(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
            _mm_storeu_si128((__m128i *)(out + row * stride + 4 * i), pixels);
        }
    }
}

// 32 columns at a time, two rows interleaved.
AVX2 void image_column_avx2(
    uint8_t *out, const uint8_t *const *rows, const int32_t *weights, const uint8_t *packed, int taps, long n) {
    const __m256i zero = _mm256_setzero_si256(), half = _mm256_set1_epi32(HALF);
    long i = 0;
    for (; i + 32 <= n; i += 32) {
        __m256i low[4] = {half, half, half, half}, high[4] = {zero, zero, zero, zero};
        for (int t = 0; t < taps; t += 2) {
            int32_t pair[2];
            for (int p = 0; p < 2; p++) memcpy(&pair[p], packed + t / 4 * AVX2_QUAD_BYTES + 8 * p + t % 4 * 2, 4);
            const __m256i v = _mm256_set1_epi32(pair[0]), V = _mm256_set1_epi32(pair[1]);
            const __m256i a = _mm256_loadu_si256((const __m256i *)(rows[t] + i));
            const __m256i b = _mm256_loadu_si256((const __m256i *)(rows[t + 1 < taps ? t + 1 : t] + i));
            const __m256i ab = _mm256_unpacklo_epi8(a, b), AB = _mm256_unpackhi_epi8(a, b);
            const __m256i x[4] = {_mm256_unpacklo_epi8(ab, zero), _mm256_unpackhi_epi8(ab, zero),
                                  _mm256_unpacklo_epi8(AB, zero), _mm256_unpackhi_epi8(AB, zero)};
            for (int k = 0; k < 4; k++) {
                low[k] = _mm256_add_epi32(low[k], _mm256_madd_epi16(x[k], v));
                high[k] = _mm256_add_epi32(high[k], _mm256_madd_epi16(x[k], V));
            }
        }
        for (int k = 0; k < 4; k++)
            low[k] = _mm256_srai_epi32(_mm256_add_epi32(low[k], _mm256_slli_epi32(high[k], LOW_BITS)), FRACTION);
        // Packing clamps, and undoes the interleaving.
        const __m256i a = _mm256_packs_epi32(low[0], low[1]), b = _mm256_packs_epi32(low[2], low[3]);
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_packus_epi16(a, b));
    }
    image_column_scalar(out, rows, weights, taps, i, n);
}
#endif

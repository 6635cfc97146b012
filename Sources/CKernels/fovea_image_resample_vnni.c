// Resampling with AVX-512 VNNI: vpdpbusd sums four products of a byte and a signed byte in each 32-bit lane.
#if defined(__x86_64__)
#include <immintrin.h>

#include "image_filter.h"
#define VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))

// w = d0 + 256 d1 + 65536 d2 with digits -128 ... 127.
void image_pack_vnni(uint8_t *packed, const int32_t *weights, long quads) {
    for (long i = 0; i < 4 * quads; i++) {
        int32_t w = weights[i];
        for (int d = 0; d < 3; d++) {
            const int8_t digit = (int8_t)(w & 255);
            packed[i / 4 * VNNI_QUAD_BYTES + 4 * d + i % 4] = (uint8_t)digit;
            w = (w - digit) >> 8;
        }
    }
}

VNNI static inline __m512i broadcast(const uint8_t *digits) {
    int32_t word;
    memcpy(&word, digits, 4);
    return _mm512_set1_epi32(word);
}

/// The rounded sum of the three digits' sums, as integers.
VNNI static inline __m512i joined(__m512i low, __m512i middle, __m512i high) {
    const __m512i upper = _mm512_add_epi32(_mm512_slli_epi32(high, 8), middle);
    return _mm512_srai_epi32(_mm512_add_epi32(_mm512_slli_epi32(upper, 8), low), FRACTION);
}

/// One output of all four rows: a lane holds four columns of one row's channel.
VNNI static inline __m512i filtered(const uint8_t *in, const uint8_t *w, int quads) {
    __m512i low = _mm512_set1_epi32(HALF), middle = _mm512_setzero_si512(), high = middle;
    for (long q = 0; q < quads; q++, w += VNNI_QUAD_BYTES) {
        const __m512i x = _mm512_loadu_si512(in + 64 * q);
        low = _mm512_dpbusd_epi32(low, x, broadcast(w));
        middle = _mm512_dpbusd_epi32(middle, x, broadcast(w + 4));
        high = _mm512_dpbusd_epi32(high, x, broadcast(w + 8));
    }
    return joined(low, middle, high);
}

VNNI void image_rows_vnni(uint8_t *out, long stride, const uint8_t *strip, const fovea_image_filter *f) {
    const long pitch = f->taps / 4 * VNNI_QUAD_BYTES;
    const uint8_t *w = f->packed;
    for (long i = 0; i < f->count; i += 4, w += 4 * pitch) {
        __m512i s[4];
        for (long k = 0; k < 4; k++)
            s[k] = filtered(strip + 16 * (long)f->start[i + k], w + k * pitch, f->quads[i + k]);
        // Packing clamps, and brings each row's four pixels together.
        const __m512i pixels = _mm512_packus_epi16(_mm512_packs_epi32(s[0], s[1]), _mm512_packs_epi32(s[2], s[3]));
        uint8_t *at = out + 4 * i;
        _mm_storeu_si128((__m128i *)at, _mm512_castsi512_si128(pixels));
        _mm_storeu_si128((__m128i *)(at + stride), _mm512_extracti32x4_epi32(pixels, 1));
        _mm_storeu_si128((__m128i *)(at + 2 * stride), _mm512_extracti32x4_epi32(pixels, 2));
        _mm_storeu_si128((__m128i *)(at + 3 * stride), _mm512_extracti32x4_epi32(pixels, 3));
    }
}

// 64 columns at a time: four rows are interleaved, so that a lane holds the four taps of one column.
VNNI void image_column_vnni(
    uint8_t *out, const uint8_t *const *rows, const int32_t *weights, const uint8_t *packed, int taps, long n) {
    const __m512i zero = _mm512_setzero_si512(), half = _mm512_set1_epi32(HALF);
    long i = 0;
    for (; i + 64 <= n; i += 64) {
        __m512i low[4] = {half, half, half, half}, middle[4] = {zero, zero, zero, zero}, high[4] = {zero, zero, zero, zero};
        const uint8_t *w = packed;
        for (int t = 0; t < taps; t += 4, w += VNNI_QUAD_BYTES) {
            __m512i r[4];
            for (int k = 0; k < 4; k++) r[k] = _mm512_loadu_si512(rows[t + k < taps ? t + k : t] + i);
            const __m512i ab = _mm512_unpacklo_epi8(r[0], r[1]), AB = _mm512_unpackhi_epi8(r[0], r[1]);
            const __m512i cd = _mm512_unpacklo_epi8(r[2], r[3]), CD = _mm512_unpackhi_epi8(r[2], r[3]);
            const __m512i x[4] = {_mm512_unpacklo_epi16(ab, cd), _mm512_unpackhi_epi16(ab, cd),
                                  _mm512_unpacklo_epi16(AB, CD), _mm512_unpackhi_epi16(AB, CD)};
            for (int k = 0; k < 4; k++) {
                low[k] = _mm512_dpbusd_epi32(low[k], x[k], broadcast(w));
                middle[k] = _mm512_dpbusd_epi32(middle[k], x[k], broadcast(w + 4));
                high[k] = _mm512_dpbusd_epi32(high[k], x[k], broadcast(w + 8));
            }
        }
        for (int k = 0; k < 4; k++) low[k] = joined(low[k], middle[k], high[k]);
        // Packing clamps, and undoes the interleaving.
        const __m512i a = _mm512_packs_epi32(low[0], low[1]), b = _mm512_packs_epi32(low[2], low[3]);
        _mm512_storeu_si512(out + i, _mm512_packus_epi16(a, b));
    }
    image_column_scalar(out, rows, weights, taps, i, n);
}
#endif

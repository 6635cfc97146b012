// Heat maps on 8-bit samples. Each variant gives the scalar reference's bytes: no products are fused with sums.
#include "fovea_image.h"

#define INLINE static inline __attribute__((always_inline))

INLINE uint8_t heat_level(float upper, float lower, float share) {
    float level = upper + (lower - upper) * share;
    level = level > 0 ? level : 0;
    level = level < 255 ? level : 255;
    return (uint8_t)(int)(level + 0.5f);
}

static void levels_scalar(uint8_t *levels, const float *upper, const float *lower, float share, int n) {
    for (int i = 0; i < n; i++) levels[i] = heat_level(upper[i], lower[i], share);
}

static void heat_scalar(uint8_t *at, const uint8_t *levels, const uint32_t *table, int n) {
    for (int i = 0; i < n; i++) {
        const unsigned entry = table[levels[i]], weight = entry >> 16, ink = entry & 0xffff;
        at[i] = (uint8_t)((at[i] * (255 - weight) + ink * weight + 127) / 255);
    }
}

#if defined(__x86_64__)
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2")))
#define VBMI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")))

AVX2 INLINE __m256i eight_levels(const float *upper, const float *lower, __m256 share) {
    const __m256 top = _mm256_loadu_ps(upper);
    const __m256 step = _mm256_mul_ps(_mm256_sub_ps(_mm256_loadu_ps(lower), top), share);
    // The second operand is the answer where the first is NaN.
    __m256 level = _mm256_max_ps(_mm256_add_ps(top, step), _mm256_setzero_ps());
    level = _mm256_min_ps(level, _mm256_set1_ps(255));
    return _mm256_cvttps_epi32(_mm256_add_ps(level, _mm256_set1_ps(0.5f)));
}

AVX2 static void levels_avx2(uint8_t *levels, const float *upper, const float *lower, float share, int n) {
    const __m256 part = _mm256_set1_ps(share);
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    int i = 0;
    for (; i + 32 <= n; i += 32) {
        const float *u = upper + i, *l = lower + i;
        const __m256i a = _mm256_packus_epi32(eight_levels(u, l, part), eight_levels(u + 8, l + 8, part));
        const __m256i b = _mm256_packus_epi32(eight_levels(u + 16, l + 16, part), eight_levels(u + 24, l + 24, part));
        const __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(a, b), order);
        _mm256_storeu_si256((__m256i *)(levels + i), bytes);
    }
    levels_scalar(levels + i, upper + i, lower + i, share, n - i);
}

// floor(x / 255) of words below 65535.
AVX2 INLINE __m256i by255_avx2(__m256i x) {
    const __m256i more = _mm256_add_epi16(x, _mm256_set1_epi16(1));
    return _mm256_srli_epi16(_mm256_add_epi16(more, _mm256_srli_epi16(x, 8)), 8);
}

AVX2 INLINE __m256i blended_avx2(__m256i old, __m256i ink, __m256i weight) {
    const __m256i rest = _mm256_sub_epi16(_mm256_set1_epi16(255), weight);
    const __m256i sum = _mm256_add_epi16(_mm256_mullo_epi16(old, rest), _mm256_mullo_epi16(ink, weight));
    return by255_avx2(_mm256_add_epi16(sum, _mm256_set1_epi16(127)));
}

AVX2 static void heat_avx2(uint8_t *at, const uint8_t *levels, const uint32_t *table, int n) {
    enum { PART = 256 };
    uint32_t entries[PART];
    const __m256i low = _mm256_set1_epi32(0xffff);
    int i = 0;
    while (i + 16 <= n) {
        const int count = n - i < PART ? (n - i) / 16 * 16 : PART;
        // Single loads: gathers are no faster, and slow where they were mended in microcode.
        for (int k = 0; k < count; k++) entries[k] = table[levels[i + k]];
        for (int k = 0; k < count; k += 16) {
            const __m256i a = _mm256_loadu_si256((const __m256i *)(entries + k));
            const __m256i b = _mm256_loadu_si256((const __m256i *)(entries + k + 8));
            const __m256i ink = _mm256_permute4x64_epi64(
                _mm256_packus_epi32(_mm256_and_si256(a, low), _mm256_and_si256(b, low)), 0xd8);
            const __m256i weight = _mm256_permute4x64_epi64(
                _mm256_packus_epi32(_mm256_srli_epi32(a, 16), _mm256_srli_epi32(b, 16)), 0xd8);
            __m128i *place = (__m128i *)(at + i + k);
            const __m256i words = blended_avx2(_mm256_cvtepu8_epi16(_mm_loadu_si128(place)), ink, weight);
            _mm_storeu_si128(place,
                             _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
        }
        i += count;
    }
    heat_scalar(at + i, levels + i, table, n - i);
}

// 256 bytes in registers.
typedef struct { __m512i part[4]; } byte_table;

VBMI INLINE byte_table bytes_of(const uint32_t *table, int shift) {
    byte_table bytes;
    for (int p = 0; p < 4; p++) {
        __m128i quarter[4];
        for (int q = 0; q < 4; q++) {
            const __m512i words = _mm512_loadu_si512(table + 64 * p + 16 * q);
            quarter[q] = _mm512_cvtepi32_epi8(_mm512_srli_epi32(words, (unsigned)shift));
        }
        __m512i all = _mm512_castsi128_si512(quarter[0]);
        all = _mm512_inserti32x4(all, quarter[1], 1);
        all = _mm512_inserti32x4(all, quarter[2], 2);
        bytes.part[p] = _mm512_inserti32x4(all, quarter[3], 3);
    }
    return bytes;
}

VBMI INLINE __m512i looked_up(const byte_table *table, __m512i index) {
    const __m512i low = _mm512_permutex2var_epi8(table->part[0], index, table->part[1]);
    const __m512i high = _mm512_permutex2var_epi8(table->part[2], index, table->part[3]);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), low, high);
}

VBMI INLINE __m512i blended_vbmi(__m512i old, __m512i ink, __m512i weight) {
    const __m512i rest = _mm512_sub_epi16(_mm512_set1_epi16(255), weight);
    const __m512i sum = _mm512_add_epi16(_mm512_mullo_epi16(old, rest), _mm512_mullo_epi16(ink, weight));
    const __m512i x = _mm512_add_epi16(sum, _mm512_set1_epi16(127));
    const __m512i more = _mm512_add_epi16(x, _mm512_set1_epi16(1));
    return _mm512_srli_epi16(_mm512_add_epi16(more, _mm512_srli_epi16(x, 8)), 8);
}

VBMI static void heat_vbmi(uint8_t *at, const uint8_t *levels, const uint32_t *table, int n) {
    const byte_table inks = bytes_of(table, 0), weights = bytes_of(table, 16);
    const __m512i none = _mm512_setzero_si512();
    for (int i = 0; i < n; i += 64) {
        const __mmask64 some = n - i >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << (n - i)) - 1;
        const __m512i index = _mm512_maskz_loadu_epi8(some, levels + i), old = _mm512_maskz_loadu_epi8(some, at + i);
        const __m512i ink = looked_up(&inks, index), weight = looked_up(&weights, index);
        const __m512i low = blended_vbmi(_mm512_unpacklo_epi8(old, none), _mm512_unpacklo_epi8(ink, none),
                                         _mm512_unpacklo_epi8(weight, none));
        const __m512i high = blended_vbmi(_mm512_unpackhi_epi8(old, none), _mm512_unpackhi_epi8(ink, none),
                                          _mm512_unpackhi_epi8(weight, none));
        _mm512_mask_storeu_epi8(at + i, some, _mm512_packus_epi16(low, high));
    }
}
#endif

void fovea_image_heat_levels(uint8_t *levels, const float *upper, const float *lower, float share, int n,
                             fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX2 || isa == FOVEA_AVX512) return levels_avx2(levels, upper, lower, share, n);
#endif
    (void)isa;
    levels_scalar(levels, upper, lower, share, n);
}

void fovea_image_heat(uint8_t *at, const uint8_t *levels, const uint32_t *table, int n, fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512 && __builtin_cpu_supports("avx512vbmi")) return heat_vbmi(at, levels, table, n);
    if (isa == FOVEA_AVX2 || isa == FOVEA_AVX512) return heat_avx2(at, levels, table, n);
#endif
    (void)isa;
    heat_scalar(at, levels, table, n);
}

void fovea_image_heat_ink(uint16_t *values, uint8_t *weights, const uint8_t *levels, const uint32_t *table, int n) {
    for (int i = 0; i < n; i++) {
        const uint32_t entry = table[levels[i]];
        values[i] = (uint16_t)entry;
        weights[i] = (uint8_t)(entry >> 16);
    }
}

void fovea_image_contour(uint8_t *weights, const uint8_t *levels, const uint8_t *below, int right, uint8_t limit,
                         int n) {
    const int inner = n > right ? n - right : 0;
    for (int i = 0; i < inner; i++) {
        const int inside = levels[i] >= limit;
        weights[i] = ((inside != (levels[i + right] >= limit)) | (inside != (below[i] >= limit))) ? 255 : 0;
    }
    for (int i = inner; i < n; i++) weights[i] = (levels[i] >= limit) != (below[i] >= limit) ? 255 : 0;
}

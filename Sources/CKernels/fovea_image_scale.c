// One component's bytes filtered along a row, and bytes picked out of packed rows. The weights have 14 fraction bits: a byte's
// product with one fits vpmaddwd, and the result is off by no more than the rounding.
#include <string.h>

#include "include/fovea_image.h"
#if defined(__x86_64__)
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#endif
#define INLINE static inline __attribute__((always_inline))

// Where the weights of output i of eight lie: 0 1 4 5 2 3 6 7, so that horizontal sums come out in order.
static long slot(long i) { return (i & 1) | (i & 2) << 1 | (i & 4) >> 1; }

static void scale_scalar(uint8_t *out, const uint8_t *in, const fovea_image_taps *t) {
    for (long i = 0; i < t->count; i++) {
        int32_t sum = 1 << (FOVEA_TAPS_FRACTION - 1);
        for (long k = 0; k < 4L * t->quads; k++)
            sum += in[t->start[i] + k] * t->weights[(i / 8 * t->quads + k / 4) * 32 + slot(i & 7) * 4 + k % 4];
        sum >>= FOVEA_TAPS_FRACTION;
        out[i] = (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
    }
}

void fovea_image_taps_pack(int16_t *packed, uint8_t *controls, const int32_t *start, const int16_t *weights, int quads,
                           int count) {
    for (long i = 0; i < count; i++)
        for (long k = 0; k < 4L * quads; k++)
            packed[(i / 8 * quads + k / 4) * 32 + slot(i & 7) * 4 + k % 4] = weights[i * 4 * quads + k];
    for (long pair = 0; pair < count / 2; pair++) {
        const long far = start[2 * pair + 1] - start[2 * pair];
        for (long k = 0; k < 8; k++) {
            controls[16 * pair + 2 * k] = (uint8_t)(k < 4 ? k : far + k - 4);
            controls[16 * pair + 2 * k + 1] = 0x80;
        }
    }
}

int fovea_image_taps_reach(const int32_t *start, int count) {
    int32_t far = 0;
    for (long i = 0; i < count; i += 2) far = start[i + 1] - start[i] > far ? start[i + 1] - start[i] : far;
    return far;
}

#if defined(__x86_64__)
/// Four taps each of two outputs in the lower half, of two more in the upper one, as words.
AVX2 static inline __m256i gathered(const uint8_t *low, const uint8_t *high, const uint8_t *controls) {
    const __m256i bytes = _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)low)), _mm_loadu_si128((const __m128i *)high), 1);
    const __m256i order = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)controls)),
                                                  _mm_loadu_si128((const __m128i *)(controls + 32)), 1);
    return _mm256_shuffle_epi8(bytes, order);
}

// Eight outputs at a time, two sums for each.
AVX2 static void scale_avx2(uint8_t *out, const uint8_t *in, const fovea_image_taps *t) {
    // In one of an output's two sums.
    const __m256i half = _mm256_set1_epi64x(1 << (FOVEA_TAPS_FRACTION - 1));
    const __m256i *w = (const __m256i *)t->weights;
    for (long i = 0; i < t->count; i += 8) {
        const int32_t *start = t->start + i;
        const uint8_t *order = t->controls + 8 * i;
        __m256i a = half, b = half;
        for (long q = 0; q < t->quads; q++, w += 2) {
            const uint8_t *at = in + 4 * q;
            const __m256i x = gathered(at + start[0], at + start[4], order);
            const __m256i y = gathered(at + start[2], at + start[6], order + 16);
            a = _mm256_add_epi32(a, _mm256_madd_epi16(x, _mm256_loadu_si256(w)));
            b = _mm256_add_epi32(b, _mm256_madd_epi16(y, _mm256_loadu_si256(w + 1)));
        }
        __m256i s = _mm256_srai_epi32(_mm256_hadd_epi32(a, b), FOVEA_TAPS_FRACTION);
        s = _mm256_packs_epi32(s, s);
        s = _mm256_packus_epi16(s, s);
        _mm_storeu_si32(out + i, _mm256_castsi256_si128(s));
        _mm_storeu_si32(out + i + 4, _mm256_extracti128_si256(s, 1));
    }
}
#endif

void fovea_image_scale(uint8_t *out, const uint8_t *in, const fovea_image_taps *taps, fovea_isa isa) {
#if defined(__x86_64__)
    if (taps->controls && (isa == FOVEA_AVX512 || isa == FOVEA_AVX2)) return scale_avx2(out, in, taps);
#endif
    (void)isa;
    scale_scalar(out, in, taps);
}

INLINE void pick_body(uint8_t *restrict out, const uint8_t *restrict in, long step, long n) {
    for (long i = 0; i < n; i++) out[i] = in[i * step];
}

INLINE void pick(uint8_t *out, const uint8_t *in, long step, long n) {
    if (step == 2) return pick_body(out, in, 2, n);
    if (step == 4) return pick_body(out, in, 4, n);
    pick_body(out, in, step, n);
}

#if defined(__x86_64__)
AVX2 static void pick_avx2(uint8_t *out, const uint8_t *in, long step, long n) { pick(out, in, step, n); }
AVX512 static void pick_avx512(uint8_t *out, const uint8_t *in, long step, long n) { pick(out, in, step, n); }
#endif

void fovea_image_pick(uint8_t *out, const uint8_t *in, int step, int n, fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512) return pick_avx512(out, in, step, n);
    if (isa == FOVEA_AVX2) return pick_avx2(out, in, step, n);
#endif
    (void)isa;
    pick(out, in, step, n);
}

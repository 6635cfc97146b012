// 32 channels of bfloat16: one register, or two of floats.
#pragma once
#include <immintrin.h>
#include "../activation.h"

typedef fovea_bfloat16 bf16;

typedef struct {
    v16 first, last;  // channels 0 ... 15 and 16 ... 31
} v32;

INLINE v16 widen(__m256i x) { return (v16)_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16); }
INLINE v16 load_half(const bf16 *p) { return widen(_mm256_loadu_si256((const __m256i *)p)); }
INLINE v32 load_v32(const bf16 *p) { return (v32){load_half(p), load_half(p + 16)}; }

// Rounded to nearest, ties to even.
INLINE __m512i rounded(v16 first, v16 last) { return (__m512i)_mm512_cvtne2ps_pbh((__m512)last, (__m512)first); }
INLINE v32 widen_both(__m512i x) {
    return (v32){widen(_mm512_castsi512_si256(x)), widen(_mm512_extracti64x4_epi64(x, 1))};
}
INLINE void store_v32(bf16 *p, v32 x) { _mm512_storeu_si512(p, rounded(x.first, x.last)); }

INLINE int64_t blocks32(int64_t channels) { return (channels + 31) / 32; }

// The lanes first ..< end of 32.
INLINE __mmask32 lanes32(int64_t first, int64_t end) {
    first = larger(0, smaller(32, first)), end = larger(first, smaller(32, end));
    return (__mmask32)((((uint64_t)1 << end) - 1) & ~(((uint64_t)1 << first) - 1));
}

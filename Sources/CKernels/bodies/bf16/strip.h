// Copies of input lines, so that the pixels of every tap lie evenly.
#pragma once
#include "shape.h"

// Pixels of one row of a phase: columns first, first + stride … of the picture's row, zero outside of it.
static void copy_row(const fovea_conv_params *p, const bf16 *row, int64_t first, int64_t count, bf16 *to) {
    const __m512i zero = _mm512_setzero_si512();
    int64_t i = 0, x = first;
    for (; i < count && x < 0; ++i, x += p->stride_width, to += 32) _mm512_store_si512(to, zero);
    const int64_t step = 32 * (int64_t)p->stride_width;
    const bf16 *from = row + x * 32;
    for (; i < count && x < p->in_width; ++i, x += p->stride_width, to += 32, from += step)
        _mm512_store_si512(to, _mm512_load_si512(from));
    for (; i < count; ++i, to += 32) _mm512_store_si512(to, zero);
}

// [plane][phase row][phase column][lines + more][pitch][32] for output lines first ..< first + lines.
static void copy_strip(const fovea_conv_params *p, const bf16_shape *s, const bf16 *image, int64_t first, int64_t lines, bf16 *to) {
    for (int64_t plane = 0; plane < s->planes; ++plane)
        for (int32_t a = 0; a < s->phase_rows; ++a)
            for (int32_t b = 0; b < s->phase_columns; ++b)
                for (int64_t r = 0; r < lines + s->more_rows; ++r, to += s->pitch * 32) {
                    const int64_t y = (first + r) * p->stride_height - p->pad_top + a;
                    if (y < 0 || y >= p->in_height) memset(to, 0, (size_t)s->pitch * 64);
                    else copy_row(p, image + (plane * p->in_height + y) * p->in_width * 32, (s->spread ? b * p->dilation_width : b) - p->pad_left, s->pitch, to);
                }
}

// 16 pixels of up to four planes, or zeros, as [16][4].
INLINE void interleave(const float *const *planes, const int32_t channels, __mmask16 inside, int64_t at, bf16 *to) {
    v16 x[4];
    UNROLL for (int c = 0; c < 4; ++c) x[c] = c < channels ? (v16)_mm512_maskz_loadu_ps(inside, planes[c] + at) : splat(0);
    const __m512i ab = rounded(x[0], x[1]), cd = rounded(x[2], x[3]);
    // Pixel i has lanes i and 16 + i of ab, then of cd.
    const __m512i low = _mm512_set_epi16(
        55, 39, 23, 7, 54, 38, 22, 6, 53, 37, 21, 5, 52, 36, 20, 4, 51, 35, 19, 3, 50, 34, 18, 2, 49, 33, 17, 1, 48, 32, 16, 0);
    const __m512i high = _mm512_add_epi16(low, _mm512_set1_epi16(8));
    const __m512i ac = ab;
    // Lanes of the second operand count from 32.
    _mm512_storeu_si512(to, _mm512_permutex2var_epi16(ac, low, cd));
    _mm512_storeu_si512(to + 32, _mm512_permutex2var_epi16(ac, high, cd));
}

// Rows [count of pixels][4] of the planar input for output lines first ..< first + lines.
static void copy_planes(const fovea_conv_params *p, const float *image, int64_t first, int64_t lines, bf16 *to) {
    const int64_t pixels = (int64_t)p->in_height * p->in_width, pitch = planar_pitch(p);
    const int64_t rows = (lines - 1) * p->stride_height + (int64_t)(p->kernel_height - 1) * p->dilation_height + 1;
    for (int64_t r = 0; r < rows; ++r, to += pitch * 4) {
        const int64_t y = first * p->stride_height - p->pad_top + r;
        memset(to, 0, (size_t)pitch * 8);
        if (y < 0 || y >= p->in_height) continue;
        const float *planes[4];
        for (int c = 0; c < 4; ++c) planes[c] = image + smaller(c, p->in_channels - 1) * pixels + y * p->in_width;
        // Pixel x of the picture is at x + pad_left; negative pads crop.
        const int64_t skip = larger(0, -(int64_t)p->pad_left), end = smaller(p->in_width, pitch - p->pad_left);
        int64_t x = skip;
        for (; x + 16 <= end; x += 16) interleave(planes, p->in_channels, 0xffff, x, to + (x + p->pad_left) * 4);
        if (x < end) {
            bf16 rest[64];
            interleave(planes, p->in_channels, (__mmask16)((1 << (end - x)) - 1), x, rest);
            memcpy(to + (x + p->pad_left) * 4, rest, (size_t)(end - x) * 8);
        }
    }
}

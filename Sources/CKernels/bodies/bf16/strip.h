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

// How 16 pixels of each of up to four planes become [16][channels].
typedef struct {
    int channels;
    __m512i lanes[2];    // where each number of the result, 32 and 32, is among [plane][16]
    __mmask32 count[2];  // those that there are
} interleaving;

static interleaving interleaving_of(int channels) {
    interleaving v = {.channels = channels};
    uint16_t lanes[64];
    for (int i = 0; i < 64; ++i) lanes[i] = (uint16_t)(i % channels * 16 + i / channels % 16);
    for (int i = 0; i < 2; ++i) {
        v.lanes[i] = _mm512_loadu_si512(lanes + 32 * i);
        v.count[i] = lanes32(0, 16 * channels - 32 * i);
    }
    return v;
}

// Copies the pixels from `at` on that `inside` marks, and zeros for the others.
INLINE void interleave(const interleaving *v, const float *const *planes, __mmask16 inside, int64_t at, bf16 *to) {
    v16 x[4];
    UNROLL for (int c = 0; c < 4; ++c) x[c] = c < v->channels ? (v16)_mm512_maskz_loadu_ps(inside, planes[c] + at) : splat(0);
    const __m512i first = rounded(x[0], x[1]), last = rounded(x[2], x[3]);
    UNROLL for (int i = 0; i < 2; ++i)
        _mm512_mask_storeu_epi16(to + 32 * i, v->count[i], _mm512_permutex2var_epi16(first, v->lanes[i], last));
}

// Rows of the planar input, planar_pitch numbers each, for output lines first ..< first + lines.
static void copy_planes(const fovea_conv_params *p, const float *image, int64_t first, int64_t lines, bf16 *to) {
    const int64_t pixels = (int64_t)p->in_height * p->in_width, pitch = planar_pitch(p), channels = p->in_channels;
    const int64_t rows = (lines - 1) * p->stride_height + (int64_t)(p->kernel_height - 1) * p->dilation_height + 1;
    const interleaving v = interleaving_of(p->in_channels);
    for (int64_t r = 0; r < rows; ++r, to += pitch) {
        const int64_t y = first * p->stride_height - p->pad_top + r;
        memset(to, 0, (size_t)pitch * sizeof *to);
        if (y < 0 || y >= p->in_height) continue;
        const float *planes[4];
        for (int c = 0; c < 4; ++c) planes[c] = image + smaller(c, channels - 1) * pixels + y * p->in_width;
        // Pixel x of the picture is at x + pad_left; negative pads crop.
        const int64_t skip = larger(0, -(int64_t)p->pad_left), end = smaller(p->in_width, pitch / channels - p->pad_left);
        int64_t x = skip;
        for (; x + 16 <= end; x += 16) interleave(&v, planes, 0xffff, x, to + (x + p->pad_left) * channels);
        if (x < end) {
            bf16 rest[64];
            interleave(&v, planes, (__mmask16)((1 << (end - x)) - 1), x, rest);
            memcpy(to + (x + p->pad_left) * channels, rest, (size_t)((end - x) * channels) * sizeof *to);
        }
    }
}

// Depthwise convolution, a row of one block of 32 channels at a time; products and sums in fp32, even and odd channels apart.
#pragma once
#include "../window.h"
#include "v32.h"

#define DEPTHWISE_RUN 6  // output pixels in registers

// Weights and bias are packed in this order: 16 even channels, 16 odd ones.
INLINE v32 load_even_odd(const bf16 *p) {
    const __m512i x = _mm512_load_si512(p);
    return (v32){(v16)_mm512_slli_epi32(x, 16), (v16)_mm512_and_si512(x, _mm512_set1_epi32((int)0xffff0000))};
}

INLINE __m512i from_even_odd(v32 x) {
    const __m512i order = _mm512_set_epi16(
        31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    return _mm512_permutexvar_epi16(order, rounded(x.first, x.last));
}

static size_t depthwise_weights_size(const fovea_conv_params *p) {
    return (size_t)blocks32(p->out_channels) * 32 * (size_t)p->kernel_height * (size_t)p->kernel_width * sizeof(float);
}

// [ceil(C/32)][kh][kw][2][16] floats, rounded to bfloat16.
static void depthwise_pack(const fovea_conv_params *p, const float *source, float *packed) {
    const int64_t taps = (int64_t)p->kernel_height * p->kernel_width;
    for (int64_t c = 0; c < blocks32(p->out_channels) * 32; ++c)
        for (int64_t t = 0; t < taps; ++t) {
            const v16 w = splat(c < p->out_channels ? source[c * taps + t] : 0);
            packed[(c / 32 * taps + t) * 32 + c % 2 * 16 + c % 32 / 2] = widen_both(rounded(w, w)).first[0];
        }
}

typedef struct {
    const fovea_conv_params *p;
    const bf16 *in;       // the plane
    const float *weights;
    bf16 *out;            // the row
    v32 bias;
    v16 low, high;
    int64_t y;            // the input row of the first tap, perhaps outside
    part_range rows;      // taps of rows that lie inside
    __mmask32 channels;
} depthwise_row;

static const bf16 wide_zeros[32] __attribute__((aligned(64)));

INLINE v32 depthwise_add(v32 acc, v32 x, const float *w) {
    return (v32){fma16(x.first, load(w), acc.first), fma16(x.last, load(w + 16), acc.last)};
}

INLINE void depthwise_store(const depthwise_row *d, int64_t ow, v32 x) {
    x.first = at_most(at_least(x.first, d->low), d->high), x.last = at_most(at_least(x.last, d->low), d->high);
    _mm512_store_si512(d->out + 32 * ow, _mm512_maskz_mov_epi16(d->channels, from_even_odd(x)));
}

// DEPTHWISE_RUN output pixels of a square window whose first tap is in column x; edge: some taps may lie outside.
INLINE void depthwise_run(const int size, const int stride, const int edge, const depthwise_row *d, int64_t x, v32 *acc) {
    const int64_t width = d->p->in_width;
    UNROLL for (int i = 0; i < DEPTHWISE_RUN; ++i) acc[i] = d->bias;
    for (int64_t r = d->rows.first; r < d->rows.end; ++r) {
        const int64_t first = (d->y + r) * width + x;
        UNROLL for (int j = 0; j < (DEPTHWISE_RUN - 1) * stride + size; ++j) {
            const v32 v = load_even_odd(edge && (x + j < 0 || x + j >= width) ? wide_zeros : d->in + (first + j) * 32);
            UNROLL for (int i = 0; i < DEPTHWISE_RUN; ++i)
                if (j - i * stride >= 0 && j - i * stride < size)
                    acc[i] = depthwise_add(acc[i], v, d->weights + (r * size + j - i * stride) * 32);
        }
    }
}

// The last run reaches back over its forerunner, with the same result.
INLINE void depthwise_square(const int size, const int stride, const depthwise_row *d) {
    for (int64_t ow = 0; ow < d->p->out_width; ow += DEPTHWISE_RUN) {
        ow = smaller(ow, d->p->out_width - DEPTHWISE_RUN);
        const int64_t x = ow * stride - d->p->pad_left;
        v32 acc[DEPTHWISE_RUN];
        if (x < 0 || x + (DEPTHWISE_RUN - 1) * stride + size > d->p->in_width) depthwise_run(size, stride, 1, d, x, acc);
        else depthwise_run(size, stride, 0, d, x, acc);
        UNROLL for (int i = 0; i < DEPTHWISE_RUN; ++i) depthwise_store(d, ow + i, acc[i]);
    }
}

static void depthwise_3_1(const depthwise_row *d) { depthwise_square(3, 1, d); }
static void depthwise_3_2(const depthwise_row *d) { depthwise_square(3, 2, d); }
static void depthwise_5_1(const depthwise_row *d) { depthwise_square(5, 1, d); }
static void depthwise_5_2(const depthwise_row *d) { depthwise_square(5, 2, d); }

// Any window, a pixel at a time.
static void depthwise_any(const depthwise_row *d) {
    const fovea_conv_params *p = d->p;
    for (int64_t ow = 0; ow < p->out_width; ++ow) {
        const int64_t x = ow * p->stride_width - p->pad_left;
        const part_range columns = taps_inside(x, p->dilation_width, p->kernel_width, p->in_width);
        v32 acc = d->bias;
        for (int64_t r = d->rows.first; r < d->rows.end; ++r)
            for (int64_t c = columns.first; c < columns.end; ++c) {
                const int64_t at = (d->y + r * p->dilation_height) * p->in_width + x + c * p->dilation_width;
                acc = depthwise_add(acc, load_even_odd(d->in + at * 32), d->weights + (r * p->kernel_width + c) * 32);
            }
        depthwise_store(d, ow, acc);
    }
}

typedef void (*depthwise_function)(const depthwise_row *);

static depthwise_function depthwise_for(const fovea_conv_params *p) {
    const int square = p->kernel_height == p->kernel_width && p->stride_height == p->stride_width;
    if (!square || p->dilation_height != 1 || p->dilation_width != 1 || p->out_width < DEPTHWISE_RUN) return depthwise_any;
    if (p->kernel_width == 3 && p->stride_width == 1) return depthwise_3_1;
    if (p->kernel_width == 3 && p->stride_width == 2) return depthwise_3_2;
    if (p->kernel_width == 5 && p->stride_width == 1) return depthwise_5_1;
    if (p->kernel_width == 5 && p->stride_width == 2) return depthwise_5_2;
    return depthwise_any;
}

// A function that is no clamp, and the residual, over a stored row.
static void depthwise_after(const depthwise_row *d, fovea_activation f, const bf16 *residual) {
    for (int64_t i = 0; i < d->p->out_width; ++i) {
        v32 x = load_v32(d->out + 32 * i);
        if (residual) {
            const v32 r = load_v32(residual + 32 * i);
            x.first += r.first, x.last += r.last;
            if (in_store(f).post) x = widen_both(rounded(x.first, x.last));
        }
        float t[32] __attribute__((aligned(64)));
        store(t, x.first), store(t + 16, x.last);
        activate_span(f, t, t, 32);
        _mm512_store_si512(d->out + 32 * i, _mm512_maskz_mov_epi16(d->channels, rounded(load(t), load(t + 16))));
    }
}

static v32 depthwise_bias(const float *bias, int64_t c, int32_t channels) {
    float t[32] __attribute__((aligned(64))) = {0};
    for (int i = 0; bias && i < 32 && c + i < channels; ++i) t[i % 2 * 16 + i / 2] = bias[c + i];
    return (v32){load(t), load(t + 16)};
}

static void depthwise(const fovea_bf16_conv_params *q, const fovea_bf16_conv_args *a, int part, int parts) {
    const fovea_conv_params *p = &q->conv;
    const store_activation f = in_store(p->activation);
    const int after = a->residual || f.post;
    const depthwise_function row = depthwise_for(p);
    depthwise_row d = {.p = p, .low = splat(after ? -INFINITY : f.low), .high = splat(after ? INFINITY : f.high)};
    const int64_t blocks = blocks32(p->out_channels), plane = (int64_t)p->in_height * p->in_width * 32;
    const int64_t out_row = (int64_t)p->out_width * 32, out_plane = out_row * p->out_height;
    const part_range range = share(p->batch * blocks * p->out_height, part, parts);
    for (int64_t i = range.first; i < range.end; ++i) {
        const int64_t oh = i % p->out_height, c = i / p->out_height % blocks, n = i / p->out_height / blocks;
        d.out = a->output + n * p->out_batch_stride + c * out_plane + oh * out_row;
        d.in = (const bf16 *)a->input + n * p->in_batch_stride + c * plane;
        d.weights = (const float *)a->weights + c * p->kernel_height * p->kernel_width * 32;
        if (i == range.first || oh == 0) d.bias = depthwise_bias(a->bias, 32 * c, p->out_channels);
        d.y = oh * p->stride_height - p->pad_top, d.rows = taps_inside(d.y, p->dilation_height, p->kernel_height, p->in_height);
        d.channels = lanes32(0, p->out_channels - 32 * c);
        row(&d);
        if (after) depthwise_after(&d, p->activation, a->residual ? a->residual + n * p->residual_batch_stride + c * out_plane + oh * out_row : NULL);
    }
}

// Pooling. Largest values are found among whole numbers in the order of the floats.
#pragma once
#include "../window.h"
#include "v32.h"

#define POOL_RUN 8

// bfloat16 to a signed number in the same order, and back: of negative ones every bit but the sign is turned.
INLINE __m512i ordered(__m512i x) {
    const __m512i sign = _mm512_srai_epi16(x, 15);
    return _mm512_ternarylogic_epi32(x, sign, _mm512_set1_epi16(0x7fff), 0x78);  // x ^ (sign & 7fff)
}

// n output pixels whose taps of columns all lie inside.
INLINE void max_pixels(const fovea_pool_params *p, const bf16 *at, part_range rows, part_range columns, const int n, bf16 *out) {
    __m512i most[POOL_RUN];
    UNROLL for (int i = 0; i < n; ++i) most[i] = _mm512_set1_epi16(-32768);
    for (int64_t r = rows.first; r < rows.end; ++r)
        for (int64_t c = columns.first; c < columns.end; ++c) {
            const bf16 *x = at + (r * p->dilation_height * p->in_width + c * p->dilation_width) * 32;
            UNROLL for (int i = 0; i < n; ++i)
                most[i] = _mm512_max_epi16(most[i], ordered(_mm512_load_si512(x + (int64_t)i * p->stride_width * 32)));
        }
    const int empty = rows.end == rows.first || columns.end == columns.first;
    UNROLL for (int i = 0; i < n; ++i) _mm512_store_si512(out + 32 * i, empty ? _mm512_setzero_si512() : ordered(most[i]));
}

INLINE void average_pixel(const fovea_pool_params *p, int64_t y, int64_t x, const bf16 *at, part_range rows, part_range columns, bf16 *out) {
    v32 sum = {splat(0), splat(0)};
    for (int64_t r = rows.first; r < rows.end; ++r)
        for (int64_t c = columns.first; c < columns.end; ++c) {
            const v32 v = load_v32(at + (r * p->dilation_height * p->in_width + c * p->dilation_width) * 32);
            sum.first += v.first, sum.last += v.last;
        }
    pool_divide(p, y, x, rows, columns, &sum.first);
    pool_divide(p, y, x, rows, columns, &sum.last);
    store_v32(out, sum);
}

static void pool_row(const fovea_pool_params *p, part_range inner, const bf16 *in, int64_t oh, bf16 *out) {
    const int64_t y = oh * p->stride_height - p->pad_top;
    const part_range rows = taps_inside(y, p->dilation_height, p->kernel_height, p->in_height);
    for (int64_t ow = 0; ow < p->out_width;) {
        const int64_t x = ow * p->stride_width - p->pad_left;
        const part_range columns = taps_inside(x, p->dilation_width, p->kernel_width, p->in_width);
        const bf16 *at = in + (y * p->in_width + x) * 32;
        bf16 *to = out + 32 * ow;
        const int64_t inside = ow < inner.first ? 0 : inner.end - ow;
        int n = 1;
        if (p->kind == FOVEA_POOL_AVERAGE) average_pixel(p, y, x, at, rows, columns, to);
        else if (inside >= 8) max_pixels(p, at, rows, columns, n = 8, to);
        else if (inside >= 3) max_pixels(p, at, rows, columns, n = 3, to);
        else max_pixels(p, at, rows, columns, 1, to);
        ow += n;
    }
}

static void pool(const fovea_pool_params *p, const bf16 *input, bf16 *output, int part, int parts) {
    const window w = WINDOW_OF(p);
    const part_range inner = inner_columns(&w);
    const int64_t blocks = blocks32(p->channels), plane = (int64_t)p->in_height * p->in_width * 32;
    const part_range range = share(p->batch * blocks * p->out_height, part, parts);
    for (int64_t i = range.first; i < range.end; ++i) {
        const int64_t oh = i % p->out_height, c = i / p->out_height % blocks, n = i / p->out_height / blocks;
        bf16 *out = output + n * p->out_batch_stride + (c * p->out_height + oh) * p->out_width * 32;
        pool_row(p, inner, input + n * p->in_batch_stride + c * plane, oh, out);
    }
}

// One block of 32 channels over `pixels` pixels.
INLINE v32 whole_plane(const bf16 *x, int64_t pixels, const int max) {
    v32 acc[4];
    UNROLL for (int q = 0; q < 4; ++q) acc[q].first = acc[q].last = splat(max ? -INFINITY : 0);
    const int op = max ? POOL_MAX : POOL_SUM;
    for (int64_t k = 0; k < pixels; ++k) {
        const v32 v = load_v32(x + 32 * k);
        acc[k & 3].first = window_step(op, acc[k & 3].first, v.first, NULL, 0);
        acc[k & 3].last = window_step(op, acc[k & 3].last, v.last, NULL, 0);
    }
    UNROLL for (int q = 1; q < 4; ++q) {
        acc[0].first = window_step(op, acc[0].first, acc[q].first, NULL, 0);
        acc[0].last = window_step(op, acc[0].last, acc[q].last, NULL, 0);
    }
    return acc[0];
}

static void global_pool(const fovea_pool_params *p, const bf16 *input, float *output, int part, int parts) {
    const int64_t blocks = blocks32(p->channels), pixels = (int64_t)p->in_height * p->in_width;
    const part_range range = share(p->batch * blocks, part, parts);
    for (int64_t i = range.first; i < range.end; ++i) {
        const bf16 *x = input + i / blocks * p->in_batch_stride + i % blocks * pixels * 32;
        float *y = output + i / blocks * p->out_batch_stride + i % blocks * 32;
        const int max = p->kind == FOVEA_POOL_MAX;
        const v32 all = max ? whole_plane(x, pixels, 1) : whole_plane(x, pixels, 0);
        const v16 by = splat(max ? 1 : (float)pixels);
        store(y, all.first / by);
        if (i % blocks * 2 + 1 < blocks16(p->channels)) store(y + 16, all.last / by);
    }
}

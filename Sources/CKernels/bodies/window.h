// Windows that slide over each block of 16 channels by itself, of any extents: depthwise convolution and pooling.
#pragma once
#include "activation.h"

// Where the taps of a window fall.
typedef struct {
    int32_t in_height, in_width, out_height, out_width;
    int32_t kernel_height, kernel_width, stride_height, stride_width, dilation_height, dilation_width, pad_top, pad_left;
} window;

#define WINDOW_OF(p) \
    { \
        (p)->in_height, (p)->in_width, (p)->out_height, (p)->out_width, (p)->kernel_height, (p)->kernel_width, \
            (p)->stride_height, (p)->stride_width, (p)->dilation_height, (p)->dilation_width, (p)->pad_top, (p)->pad_left \
    }

// The taps first ..< end that fall inside 0 ..< size, for the window whose first tap is at `start`.
INLINE part_range taps_inside(int64_t start, int32_t dilation, int32_t taps, int32_t size) {
    int64_t before = start >= 0 ? 0 : -start, room = size - start;  // in elements; the first tap inside, and one past the last
    if (dilation != 1) before = (before + dilation - 1) / dilation, room = (room + dilation - 1) / dilation;
    part_range r;
    r.first = smaller(taps, before);
    r.end = larger(r.first, smaller(taps, room));
    return r;
}

// The output columns first ..< end of which every tap falls inside.
static part_range inner_columns(const window *w) {
    part_range r;
    const int64_t last = (int64_t)w->in_width - 1 - (int64_t)(w->kernel_width - 1) * w->dilation_width + w->pad_left;
    r.first = w->pad_left <= 0 ? 0 : smaller(w->out_width, (w->pad_left + w->stride_width - 1) / w->stride_width);
    r.end = last < 0 ? r.first : larger(r.first, smaller(w->out_width, last / w->stride_width + 1));
    return r;
}

enum { DEPTHWISE, POOL_MAX, POOL_SUM };

INLINE v16 window_step(const int op, v16 acc, v16 x, const float *k, int64_t tap) {
    if (op == DEPTHWISE) return fma16(x, load(k + tap), acc);
    if (op == POOL_SUM) return acc + x;
    return pick((x > acc) | (x != x), x, acc);
}

#define WINDOW_PIXELS 7

// n output pixels, all taps of columns inside; first: where in the plane the first pixel's first tap lies, perhaps outside.
INLINE void window_pixels(
    const int op, const window *w, const float *in, int64_t first, const float *k, part_range rows, part_range columns, v16 start,
    const int n, v16 *acc) {
    const int64_t step = (int64_t)w->stride_width * 16;
    UNROLL for (int p = 0; p < n; ++p) acc[p] = start;
    for (int64_t r = rows.first; r < rows.end; ++r)
        for (int64_t c = columns.first; c < columns.end; ++c) {
            const float *at = in + (first + (r * w->dilation_height * w->in_width + c * w->dilation_width) * 16);
            const int64_t tap = (r * w->kernel_width + c) * 16;
            UNROLL for (int p = 0; p < n; ++p) acc[p] = window_step(op, acc[p], load(at + p * step), k, tap);
        }
}

static void pool_divide(const fovea_pool_params *p, int64_t y, int64_t x, part_range rows, part_range columns, v16 *acc) {
    int64_t count = (rows.end - rows.first) * (columns.end - columns.first);
    if (p->count_include_pad) {
        const part_range r = taps_inside(y + p->pad_top, p->dilation_height, p->kernel_height, p->in_height + p->pad_top + p->pad_bottom);
        const part_range c = taps_inside(x + p->pad_left, p->dilation_width, p->kernel_width, p->in_width + p->pad_left + p->pad_right);
        count = (r.end - r.first) * (c.end - c.first);
    }
    *acc = count > 0 ? *acc / splat((float)count) : splat(0);
}

// One row of output. in: the plane; k: weights of the block; inner: of inner_columns; pool: read for POOL_SUM.
// Inside, pixels go in sevens or threes; the last such run reaches back over its forerunner, with the same result.
INLINE void window_row(
    const int op, const window *w, part_range inner, const fovea_pool_params *pool, const float *in, const float *k, v16 start,
    int64_t oh, float *out) {
    const int64_t y = oh * w->stride_height - w->pad_top;
    const part_range rows = taps_inside(y, w->dilation_height, w->kernel_height, w->in_height), all = {0, w->kernel_width};
    const int run = inner.end - inner.first >= WINDOW_PIXELS ? WINDOW_PIXELS : inner.end - inner.first >= 3 ? 3 : 1;
    for (int64_t ow = 0; ow < w->out_width;) {
        const int inside = run > 1 && ow >= inner.first && ow < inner.end, n = inside ? run : 1;
        if (inside) ow = smaller(ow, inner.end - run);
        const int64_t x = ow * w->stride_width - w->pad_left;
        const int64_t first = (y * w->in_width + x) * 16;
        const part_range columns = inside ? all : taps_inside(x, w->dilation_width, w->kernel_width, w->in_width);
        v16 acc[WINDOW_PIXELS];
        if (n == WINDOW_PIXELS) window_pixels(op, w, in, first, k, rows, columns, start, WINDOW_PIXELS, acc);
        else if (n == 3) window_pixels(op, w, in, first, k, rows, columns, start, 3, acc);
        else window_pixels(op, w, in, first, k, rows, columns, start, 1, acc);
        const int empty = rows.end == rows.first || columns.end == columns.first;
        for (int q = 0; q < n; ++q) {
            if (op == POOL_MAX && empty) acc[q] = splat(0);
            if (op == POOL_SUM) pool_divide(pool, y, x + q * w->stride_width, rows, columns, acc + q);
            store(out + (ow + q) * 16, acc[q]);
        }
        ow += n;
    }
}

// Rows of the windows that networks use most: square, equal strides, no dilation, their extents known to the compiler. Taps beside
// the picture are read from `outside`, so that borders run as fast as the middle.
#pragma once
#include "window.h"

// Output pixels of a run: what the registers hold.
#define SLIDE (TILE_VECTORS == 2 ? 7 : 4)

// One row of output. f: of a depthwise convolution; pool: of POOL_SUM.
typedef struct {
    const window *w;
    const float *in;  // the plane
    const float *k;   // weights of the block
    float *out;
    v16 start;
    store_activation f;
    int64_t y;        // the input row of the first tap, perhaps outside
    part_range rows;  // the taps of rows that lie inside
    const fovea_pool_params *pool;
} slide;

typedef void (*slide_function)(const slide *);

static const float slide_zeros[16] __attribute__((aligned(64)));
static const float slide_lowest[16] __attribute__((aligned(64))) = {
    -INFINITY, -INFINITY, -INFINITY, -INFINITY, -INFINITY, -INFINITY, -INFINITY, -INFINITY,
    -INFINITY, -INFINITY, -INFINITY, -INFINITY, -INFINITY, -INFINITY, -INFINITY, -INFINITY};

// SLIDE output pixels whose first tap is in column x; edge: some taps may lie outside.
INLINE void slide_pixels(const int op, const int size, const int stride, const int edge, const slide *s, int64_t x, v16 *acc) {
    const float *outside = op == POOL_MAX ? slide_lowest : slide_zeros;
    const int64_t width = s->w->in_width;
    UNROLL for (int p = 0; p < SLIDE; ++p) acc[p] = s->start;
    for (int64_t r = s->rows.first; r < s->rows.end; ++r) {
        const int64_t first = (s->y + r) * width + x;
        const float *at[(SLIDE - 1) * 2 + 5];
        UNROLL for (int j = 0; j < (SLIDE - 1) * stride + size; ++j)
            at[j] = edge && (x + j < 0 || x + j >= width) ? outside : s->in + (first + j) * 16;
        UNROLL for (int c = 0; c < size; ++c)
            UNROLL for (int p = 0; p < SLIDE; ++p)
                acc[p] = window_step(op, acc[p], load(at[p * stride + c]), s->k, (r * size + c) * 16);
    }
}

// The largest of SLIDE windows: of each column first, then of neighbouring columns. Without regard to NaN, which a sum of all
// that was read shows; then 0 is returned and acc is not to be used. (So does an infinite sum, perhaps needlessly.)
INLINE int slide_largest(const int size, const int stride, const int edge, const slide *s, int64_t x, v16 *acc) {
    const int64_t width = s->w->in_width;
    v16 columns[(SLIDE - 1) * 2 + 5], sum = splat(0);
    UNROLL for (int j = 0; j < (SLIDE - 1) * stride + size; ++j) columns[j] = splat(-INFINITY);
    for (int64_t r = s->rows.first; r < s->rows.end; ++r) {
        const float *row = s->in + ((s->y + r) * width + x) * 16;
        UNROLL for (int j = 0; j < (SLIDE - 1) * stride + size; ++j) {
            const v16 v = load(edge && (x + j < 0 || x + j >= width) ? slide_lowest : row + j * 16);
            columns[j] = at_least(v, columns[j]);
            sum += v;
        }
    }
    UNROLL for (int p = 0; p < SLIDE; ++p) {
        acc[p] = columns[p * stride];
        UNROLL for (int c = 1; c < size; ++c) acc[p] = at_least(acc[p], columns[p * stride + c]);
    }
    return !__builtin_reduce_or(sum != sum);
}

// The last run reaches back over its forerunner, with the same result.
INLINE void slide_row(const int op, const int size, const int stride, const slide *s) {
    const window *w = s->w;
    for (int64_t ow = 0; ow < w->out_width; ow += SLIDE) {
        ow = smaller(ow, w->out_width - SLIDE);
        const int64_t x = ow * stride - w->pad_left;
        v16 acc[SLIDE];
        const int edge = x < 0 || x + (SLIDE - 1) * stride + size > w->in_width;
        if (op == POOL_MAX && (edge ? slide_largest(size, stride, 1, s, x, acc) : slide_largest(size, stride, 0, s, x, acc))) {
            // Done.
        } else if (edge) slide_pixels(op, size, stride, 1, s, x, acc);
        else slide_pixels(op, size, stride, 0, s, x, acc);
        for (int p = 0; op == POOL_SUM && p < SLIDE; ++p)
            pool_divide(s->pool, s->y, x + p * stride, s->rows, taps_inside(x + p * stride, 1, size, w->in_width), acc + p);
        if (op == DEPTHWISE && s->f.rounds)
            UNROLL for (int p = 0; p < SLIDE; ++p) acc[p] = stored(1, &s->f, acc[p]);
        else if (op == DEPTHWISE)
            UNROLL for (int p = 0; p < SLIDE; ++p) acc[p] = stored(0, &s->f, acc[p]);
        UNROLL for (int p = 0; p < SLIDE; ++p) store(s->out + (ow + p) * 16, acc[p]);
    }
}

#define SLIDER(op, size, stride) \
    static void slide_##op##_##size##_##stride(const slide *s) { slide_row(op, size, stride, s); }
SLIDER(DEPTHWISE, 3, 1)
SLIDER(DEPTHWISE, 3, 2)
SLIDER(DEPTHWISE, 5, 1)
SLIDER(DEPTHWISE, 5, 2)
SLIDER(POOL_MAX, 2, 2)
SLIDER(POOL_MAX, 3, 1)
SLIDER(POOL_MAX, 3, 2)
SLIDER(POOL_SUM, 2, 2)
SLIDER(POOL_SUM, 3, 1)

static const struct {
    int op, size, stride;
    slide_function row;
} sliders[] = {
    {DEPTHWISE, 3, 1, slide_DEPTHWISE_3_1}, {DEPTHWISE, 3, 2, slide_DEPTHWISE_3_2},
    {DEPTHWISE, 5, 1, slide_DEPTHWISE_5_1}, {DEPTHWISE, 5, 2, slide_DEPTHWISE_5_2},
    {POOL_MAX, 2, 2, slide_POOL_MAX_2_2},   {POOL_MAX, 3, 1, slide_POOL_MAX_3_1},
    {POOL_MAX, 3, 2, slide_POOL_MAX_3_2},   {POOL_SUM, 2, 2, slide_POOL_SUM_2_2},
    {POOL_SUM, 3, 1, slide_POOL_SUM_3_1},
};

// The function for rows of this window; NULL when there is none, or when a row could have a window without any tap inside.
static slide_function slider_for(int op, const window *w) {
    const int square = w->kernel_height == w->kernel_width && w->stride_height == w->stride_width;
    if (!square || w->dilation_height != 1 || w->dilation_width != 1 || w->out_width < SLIDE) return NULL;
    const int64_t last = (int64_t)(w->out_width - 1) * w->stride_width - w->pad_left;
    if (w->pad_left >= w->kernel_width || last >= w->in_width) return NULL;
    for (size_t i = 0; i < sizeof sliders / sizeof *sliders; ++i)
        if (sliders[i].op == op && sliders[i].size == w->kernel_width && sliders[i].stride == w->stride_width) return sliders[i].row;
    return NULL;
}

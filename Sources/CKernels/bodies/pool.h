// Pooling over windows and over whole planes.
#pragma once
#include "slide.h"

static void pool(const fovea_pool_params *p, const float *input, float *output, int part, int parts) {
    const window w = WINDOW_OF(p);
    const part_range inner = inner_columns(&w);
    const int op = p->kind == FOVEA_POOL_MAX ? POOL_MAX : POOL_SUM;
    const slide_function row = slider_for(op, &w);
    slide s = {.w = &w, .start = splat(op == POOL_MAX ? -INFINITY : 0), .pool = p};
    const int64_t blocks = blocks16(p->channels), plane = (int64_t)p->in_height * p->in_width * 16;
    const int64_t out_row = (int64_t)p->out_width * 16;
    const part_range range = share(p->batch * blocks * p->out_height, part, parts);
    for (int64_t i = range.first; i < range.end; ++i) {
        const int64_t oh = i % p->out_height, c = i / p->out_height % blocks, n = i / p->out_height / blocks;
        const float *in = input + n * p->in_batch_stride + c * plane;
        float *out = output + n * p->out_batch_stride + (c * p->out_height + oh) * out_row;
        s.in = in, s.out = out, s.y = oh * p->stride_height - p->pad_top;
        s.rows = taps_inside(s.y, p->dilation_height, p->kernel_height, p->in_height);
        if (row && s.rows.end > s.rows.first) row(&s);
        else if (op == POOL_MAX) window_row(POOL_MAX, &w, inner, p, in, NULL, splat(-INFINITY), oh, out);
        else window_row(POOL_SUM, &w, inner, p, in, NULL, splat(0), oh, out);
    }
}

static void global_pool(const fovea_pool_params *p, const float *input, float *output, int part, int parts) {
    const int64_t blocks = blocks16(p->channels), pixels = (int64_t)p->in_height * p->in_width;
    const part_range range = share(p->batch * blocks, part, parts);
    for (int64_t i = range.first; i < range.end; ++i) {
        const float *x = input + i / blocks * p->in_batch_stride + i % blocks * pixels * 16;
        v16 acc[4];
        const int max = p->kind == FOVEA_POOL_MAX;
        for (int q = 0; q < 4; ++q) acc[q] = splat(max ? -INFINITY : 0);
        for (int64_t k = 0; k < pixels; ++k)
            acc[k & 3] = window_step(max ? POOL_MAX : POOL_SUM, acc[k & 3], load(x + 16 * k), NULL, 0);
        for (int q = 1; q < 4; ++q) acc[0] = window_step(max ? POOL_MAX : POOL_SUM, acc[0], acc[q], NULL, 0);
        store(output + i / blocks * p->out_batch_stride + i % blocks * 16, max ? acc[0] : acc[0] / splat((float)pixels));
    }
}

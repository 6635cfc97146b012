// Depthwise convolution, a row of one block of 16 channels at a time.
#pragma once
#include "conv.h"
#include "slide.h"

static size_t depthwise_weights_size(const fovea_conv_params *p) {
    return (size_t)blocks16(p->out_channels) * 16 * (size_t)p->kernel_height * (size_t)p->kernel_width;
}

// [ceil(C/16)][kh][kw][16]
static void depthwise_pack(const fovea_conv_params *p, const float *source, float *packed) {
    const int64_t taps = (int64_t)p->kernel_height * p->kernel_width;
    for (int64_t c = 0; c < blocks16(p->out_channels) * 16; ++c)
        for (int64_t t = 0; t < taps; ++t)
            packed[(c / 16 * taps + t) * 16 + c % 16] = c < p->out_channels ? source[c * taps + t] : 0;
}

static void depthwise(const fovea_conv_params *p, const fovea_conv_args *a, int part, int parts) {
    const window w = WINDOW_OF(p);
    const part_range inner = inner_columns(&w);
    const slide_function row = slider_for(DEPTHWISE, &w);
    // The activation comes after the residual, and after the store of a window of any extents.
    const int after = a->residual || !row;
    const fovea_activation none = {FOVEA_ACT_NONE, 0, 0, 0}, before = a->residual ? p->before : none;
    const store_activation f = in_rounding_store(after ? before : p->activation);
    slide s = {.w = &w, .f = f};
    const int64_t blocks = blocks16(p->out_channels), plane = (int64_t)p->in_height * p->in_width * 16;
    const int64_t out_row = (int64_t)p->out_width * 16, out_plane = out_row * p->out_height;
    const part_range range = share(p->batch * blocks * p->out_height, part, parts);
    const int clear = fills_padding(p->activation, p->out_channels);
    for (int64_t i = range.first; i < range.end; ++i) {
        const int64_t oh = i % p->out_height, c = i / p->out_height % blocks, n = i / p->out_height / blocks;
        float *out = a->output + n * p->out_batch_stride + c * out_plane + oh * out_row;
        const float *k = a->weights + c * p->kernel_height * p->kernel_width * 16;
        const v16 bias = a->bias ? loadu(a->bias + 16 * c) : splat(0);
        s.in = a->input + n * p->in_batch_stride + c * plane, s.k = k, s.out = out, s.start = bias;
        s.y = oh * p->stride_height - p->pad_top, s.rows = taps_inside(s.y, p->dilation_height, p->kernel_height, p->in_height);
        if (row) row(&s);
        else window_row(DEPTHWISE, &w, inner, NULL, s.in, k, bias, oh, out);
        if (!row && before.kind != FOVEA_ACT_NONE) activate_span(before, out, out, out_row);
        if (a->residual) {
            const float *r = a->residual + n * p->residual_batch_stride + c * out_plane + oh * out_row;
            for (int64_t x = 0; x < out_row; x += 16) store(out + x, load(out + x) + load(r + x));
        }
        if (after || f.post) activate_span(p->activation, out, out, out_row);
        if (p->gated) gate_span(p, a, out, out_row);
        if (clear && c == blocks - 1) clear_lanes(out, p->out_width, p->out_channels % 16);
    }
}

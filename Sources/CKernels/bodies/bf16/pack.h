// Weights for tiles: [block of 32 output channels][step of K][half][16 pairs][16 channels][2]; the last block without its second half when that is empty.
#pragma once
#include "shape.h"

// 16-channel halves of block b, 1 or 2.
INLINE int block_halves(const fovea_bf16_conv_params *q, int64_t b) {
    return q->first_lane + q->conv.out_channels - 32 * b > 16 ? 2 : 1;
}

static size_t dense_weights_size(const fovea_bf16_conv_params *q) {
    const bf16_shape s = bf16_plan(q);
    return (size_t)s.steps * 1024 * (size_t)(2 * (s.blocks - 1) + block_halves(q, s.blocks - 1));
}

static bf16 rounded_one(float x) {
    const __m128i r = (__m128i)_mm_cvtneps_pbh(_mm_set_ss(x));
    return (bf16)_mm_extract_epi16(r, 0);
}

// The weight of number `i` of step k, for one output channel; zero past the ends.
static float step_weight(const fovea_conv_params *p, const float *source, int64_t out, int32_t k, int32_t i) {
    const int64_t taps = (int64_t)p->kernel_height * p->kernel_width;
    int64_t in, row, column;
    if (p->algorithm == FOVEA_CONV_PLANAR) {
        const int32_t steps = planar_steps(p), pixel = k % steps * 8 + i / 4;
        if (pixel % p->dilation_width != 0) return 0;
        in = i % 4, row = k / steps, column = pixel / p->dilation_width;
    } else in = k / taps * 32 + i, row = k % taps / p->kernel_width, column = k % p->kernel_width;
    if (in >= p->in_channels || column >= p->kernel_width || out < 0 || out >= p->out_channels) return 0;
    return source[((out * p->in_channels + in) * p->kernel_height + row) * p->kernel_width + column];
}

static void dense_pack(const fovea_bf16_conv_params *q, const float *source, bf16 *packed) {
    const bf16_shape s = bf16_plan(q);
    for (int64_t b = 0; b < s.blocks; ++b)
        for (int32_t k = 0; k < s.steps; ++k)
            for (int h = 0; h < block_halves(q, b); ++h)
                for (int i = 0; i < 512; ++i)
                    *packed++ = rounded_one(step_weight(&q->conv, source, 32 * b + 16 * h + i / 2 % 16 - q->first_lane, k, i / 32 * 2 + i % 2));
}

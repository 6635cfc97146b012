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

// To nearest, ties to even.
INLINE bf16 rounded_weight(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (bf16)(x != x ? bits >> 16 | 0x40 : (bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// One half of a block for one step: rows first ..< end of 16 output channels, `ins` numbers of 32; zero beyond.
static void pack_half(const float *source, int64_t out_step, int64_t in_step, int first, int end, int ins, bf16 *to) {
    memset(to, 0, 1024);
    for (int o = first; o < end; ++o)
        for (int i = 0; i < ins; ++i) to[i / 2 * 32 + 2 * o + i % 2] = rounded_weight(source[o * out_step + i * in_step]);
}

// The same of a planar kernel's row, from number `from` on.
static void pack_planar(const fovea_conv_params *p, const float *source, int64_t out_step, int from, int first, int end, bf16 *to) {
    const int taps = p->kernel_height * p->kernel_width;
    memset(to, 0, 1024);
    for (int o = first; o < end; ++o)
        for (int i = 0; i < 32; ++i) {
            const int pixel = (from + i) / p->in_channels, in = (from + i) % p->in_channels, column = pixel / p->dilation_width;
            if (pixel % p->dilation_width != 0 || column >= p->kernel_width) continue;
            to[i / 2 * 32 + 2 * o + i % 2] = rounded_weight(source[o * out_step + in * taps + column]);
        }
}

static void dense_pack(const fovea_bf16_conv_params *q, const float *source, bf16 *packed) {
    const fovea_conv_params *p = &q->conv;
    const bf16_shape s = bf16_plan(q);
    const int64_t taps = (int64_t)p->kernel_height * p->kernel_width, out_step = p->in_channels * taps;
    for (int64_t b = 0; b < s.blocks; ++b)
        for (int32_t k = 0; k < s.steps; ++k)
            for (int h = 0; h < block_halves(q, b); ++h, packed += 512) {
                const int64_t out = 32 * b + 16 * h - q->first_lane;
                const int first = (int)larger(0, smaller(16, -out)), end = (int)larger(0, smaller(16, p->out_channels - out));
                const float *from = source + out * out_step;
                if (p->algorithm == FOVEA_CONV_PLANAR) {
                    const int32_t steps = planar_steps(p);
                    pack_planar(p, from + k / steps * p->kernel_width, out_step, k % steps * 32, first, end, packed);
                } else {
                    const int64_t in = k / taps * 32;
                    pack_half(from + in * taps + k % taps, out_step, taps, first, end, (int)smaller(32, p->in_channels - in), packed);
                }
            }
}

// What direct convolutions sum over, and their weights in that order: [block of output channels][step of K][16 or 32].
#pragma once
#include "vector.h"

// The steps of K that one block of output channels reads: input channels first ..< first + 16 (outer - 1) + inner_last. With groups the
// block reads all channels of every group that it touches, and weights that join different groups are zero.
typedef struct {
    int32_t first, outer, columns, inner, inner_last;
    int64_t steps;
} reduction;

static int conv_vectors(const fovea_conv_params *p) {
    const int32_t group = p->out_channels / p->groups;
    return TILE_VECTORS == 2 && (p->groups == 1 || group % 32 == 0) ? 2 : 1;
}

static reduction conv_reduction(const fovea_conv_params *p, int vectors, int32_t block) {
    reduction k = {0};
    if (p->algorithm == FOVEA_CONV_PLANAR) {
        k.outer = p->in_channels;
        k.columns = p->dilation_width == 1 ? 1 : p->kernel_width;
        k.inner = k.inner_last = p->dilation_width == 1 ? p->kernel_width : 1;
        k.steps = (int64_t)k.outer * p->kernel_height * p->kernel_width;
        return k;
    }
    const int32_t in_group = p->in_channels / p->groups, out_group = p->out_channels / p->groups;
    const int32_t c0 = block * 16 * vectors, c1 = (int32_t)smaller(c0 + 16 * vectors, p->out_channels);
    k.first = c0 / out_group * in_group / 16 * 16;
    const int32_t end = ((c1 - 1) / out_group + 1) * in_group;
    k.outer = (int32_t)blocks16(end - k.first);
    k.columns = p->kernel_width;
    k.inner = 16;
    k.inner_last = end - k.first - 16 * (k.outer - 1);
    k.steps = (int64_t)(end - k.first) * p->kernel_height * p->kernel_width;
    return k;
}

static size_t conv_dense_weights_size(const fovea_conv_params *p) {
    const int v = conv_vectors(p);
    const int64_t vectors = blocks16(p->out_channels);
    size_t size = 0;
    for (int32_t b = 0; (int64_t)b * v < vectors; ++b)
        size += (size_t)conv_reduction(p, v, b).steps * 16 * (size_t)smaller(v, vectors - (int64_t)b * v);
    return size;
}

// Where the weights of one output channel lie in an OIHW tensor that one step of K after the other meets: at + i * step. Those of the steps
// before `first` and from `end` on lie between groups, and are zero.
typedef struct {
    int64_t at, step;
    int32_t first, end;
} weight_row;

// The row of output channel `out` at plane `o` of the reduction, kernel row `kh` and column `c`; `steps` of it are wanted.
static weight_row conv_weight_row(
    const fovea_conv_params *p, const reduction *k, int32_t out, int32_t o, int32_t kh, int32_t c, int32_t steps) {
    const int32_t in_group = p->in_channels / p->groups, out_group = p->out_channels / p->groups;
    const int64_t taps = (int64_t)p->kernel_height * p->kernel_width;
    if (out >= p->out_channels) return (weight_row){0};
    const int64_t at = out * in_group * taps + kh * p->kernel_width + c;
    if (p->algorithm == FOVEA_CONV_PLANAR) return (weight_row){at + o * taps, 1, 0, steps};
    const int32_t in = k->first + 16 * o - out / out_group * in_group;  // of step 0, counted in the group
    const int32_t first = (int32_t)smaller(steps, larger(0, -(int64_t)in)), end = (int32_t)smaller(steps, larger(first, in_group - (int64_t)in));
    return (weight_row){at + in * taps, taps, first, end};
}

static void conv_dense_pack(const fovea_conv_params *p, const float *source, float *packed) {
    const int v = conv_vectors(p);
    const int64_t vectors = blocks16(p->out_channels);
    for (int32_t b = 0; (int64_t)b * v < vectors; ++b) {
        const reduction k = conv_reduction(p, v, b);
        const int32_t lanes = 16 * (int32_t)smaller(v, vectors - (int64_t)b * v);
        for (int32_t o = 0; o < k.outer; ++o)
            for (int32_t kh = 0; kh < p->kernel_height; ++kh)
                for (int32_t c = 0; c < k.columns; ++c) {
                    const int32_t steps = o == k.outer - 1 ? k.inner_last : k.inner;
                    for (int32_t l = 0; l < lanes; ++l) {
                        const weight_row r = conv_weight_row(p, &k, b * 16 * v + l, o, kh, c, steps);
                        for (int32_t i = 0; i < steps; ++i) packed[i * lanes + l] = i >= r.first && i < r.end ? source[r.at + i * r.step] : 0;
                    }
                    packed += steps * lanes;
                }
    }
}

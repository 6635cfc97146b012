// ConvTranspose as a gather: the output pixels of one phase (column modulo stride) form a convolution of stride 1 with every
// stride-th tap, so a few of them share each weight vector.
#pragma once
#include "activation.h"
#include "conv.h"
#include "depthwise.h"

#define PHASE_PIXELS 4

// Every channel by itself: packed and shared as a depthwise convolution is.
static int deconv_is_depthwise(const fovea_conv_params *p) {
    return p->groups > 1 && p->groups == p->in_channels && p->groups == p->out_channels;
}

static size_t deconv_weights_size(const fovea_conv_params *p) {
    if (deconv_is_depthwise(p)) return depthwise_weights_size(p);
    size_t size = 0;
    for (int32_t b = 0; b < blocks16(p->out_channels); ++b) size += (size_t)conv_reduction(p, 1, b).steps * 16;
    return size;
}

// Each block of 16 outputs: [kh][kw][its input channels][16].
static void deconv_pack(const fovea_conv_params *p, const float *source, float *packed) {
    if (deconv_is_depthwise(p)) {
        depthwise_pack(p, source, packed);
        return;
    }
    const int32_t in_group = p->in_channels / p->groups, out_group = p->out_channels / p->groups;
    const int64_t taps = (int64_t)p->kernel_height * p->kernel_width;
    for (int32_t b = 0; b < blocks16(p->out_channels); ++b) {
        const reduction k = conv_reduction(p, 1, b);
        const int32_t channels = 16 * (k.outer - 1) + k.inner_last;
        for (int64_t t = 0; t < taps; ++t)
            for (int32_t i = k.first; i < k.first + channels; ++i)
                for (int32_t o = b * 16; o < b * 16 + 16; ++o) {
                    const int joined = o < p->out_channels && o / out_group == i / in_group;
                    *packed++ = joined ? source[((int64_t)i * out_group + o % out_group) * taps + t] : 0;
                }
    }
}

// What one call of deconv_pixels works on: n pixels of one phase of an output row, from column `first` in steps of the stride.
typedef struct {
    const fovea_conv_params *p;
    const float *image, *weights;
    reduction k;
    int64_t oh, first, n;
} phase_run;

// Adds one tap: at[q] is the input pixel of output pixel q in the first plane, step floats between planes.
INLINE void deconv_tap(const reduction *k, const float *const *at, const int64_t *step, const float *w, v16 *acc) {
    for (int32_t o = 0; o < k->outer; ++o) {
        const int32_t inner = o == k->outer - 1 ? k->inner_last : 16;
        for (int32_t i = 0; i < inner; ++i, w += 16)
            UNROLL for (int q = 0; q < PHASE_PIXELS; ++q) acc[q] = fma16(splat(at[q][o * step[q] + i]), load(w), acc[q]);
    }
}

static void deconv_pixels(const phase_run *r, v16 *acc) {
    static const float zeros[16];
    const fovea_conv_params *p = r->p;
    const int64_t plane = (int64_t)p->in_height * p->in_width * 16, channels = 16 * (r->k.outer - 1) + r->k.inner_last;
    for (int32_t kh = 0; kh < p->kernel_height; ++kh) {
        const int64_t y = r->oh + p->pad_top - (int64_t)kh * p->dilation_height;
        if (y < 0 || y % p->stride_height || y / p->stride_height >= p->in_height) continue;
        for (int32_t kw = 0; kw < p->kernel_width; ++kw) {
            const int64_t x = r->first + p->pad_left - (int64_t)kw * p->dilation_width;
            if (x % p->stride_width) continue;
            const float *at[PHASE_PIXELS];
            int64_t step[PHASE_PIXELS];
            for (int64_t q = 0; q < PHASE_PIXELS; ++q) {
                const int64_t column = x / p->stride_width + q;
                const int inside = q < r->n && column >= 0 && column < p->in_width;
                at[q] = inside ? r->image + r->k.first / 16 * plane + (y / p->stride_height * p->in_width + column) * 16 : zeros;
                step[q] = inside ? plane : 0;
            }
            deconv_tap(&r->k, at, step, r->weights + (kh * p->kernel_width + kw) * channels * 16, acc);
        }
    }
}

static void deconv_row(phase_run *r, int64_t c, const fovea_conv_args *a, const float *residual, float *out) {
    const fovea_conv_params *p = r->p;
    const int64_t stride = p->stride_width;
    for (int64_t phase = 0; phase < smaller(stride, p->out_width); ++phase)
        for (int64_t x = phase; x < p->out_width; x += PHASE_PIXELS * stride) {
            v16 acc[PHASE_PIXELS];
            for (int q = 0; q < PHASE_PIXELS; ++q) acc[q] = a->bias ? loadu(a->bias + 16 * c) : splat(0);
            r->first = x;
            r->n = smaller(PHASE_PIXELS, (p->out_width - x + stride - 1) / stride);
            deconv_pixels(r, acc);
            for (int64_t q = 0; q < r->n; ++q) {
                const int64_t at = (x + q * stride) * 16;
                store(out + at, residual ? acc[q] + load(residual + at) : acc[q]);
            }
        }
}

// One output row of 16 channels of a depthwise one: in and out are planes of the block, k its weights [kh][kw][16].
static void deconv_depthwise_row(
    const fovea_conv_params *p, const float *in, const float *k, v16 bias, int64_t oh, const float *residual, float *out) {
    for (int64_t x = 0; x < p->out_width; ++x) {
        v16 sum = bias;
        for (int32_t kh = 0; kh < p->kernel_height; ++kh) {
            const int64_t y = oh + p->pad_top - (int64_t)kh * p->dilation_height;
            if (y < 0 || y % p->stride_height || y / p->stride_height >= p->in_height) continue;
            const float *row = in + y / p->stride_height * p->in_width * 16;
            for (int32_t kw = 0; kw < p->kernel_width; ++kw) {
                const int64_t c = x + p->pad_left - (int64_t)kw * p->dilation_width;
                if (c < 0 || c % p->stride_width || c / p->stride_width >= p->in_width) continue;
                sum = fma16(load(row + c / p->stride_width * 16), load(k + (kh * p->kernel_width + kw) * 16), sum);
            }
        }
        if (residual) sum += load(residual + 16 * x);
        store(out + 16 * x, sum);
    }
}

// The same for stride 2 and no dilation: no division where it matters.
static void deconv_depthwise_row_2(
    const fovea_conv_params *p, const float *in, const float *k, v16 bias, int64_t oh, const float *residual, float *out) {
    const int32_t first_row = (int32_t)((oh + p->pad_top) & 1);
    for (int64_t x = 0; x < p->out_width; ++x) {
        v16 sum = bias;
        const int64_t base = (x + p->pad_left) >> 1, phase = (x + p->pad_left) & 1;
        for (int32_t kh = first_row; kh < p->kernel_height; kh += 2) {
            const int64_t y = (oh + p->pad_top - kh) >> 1;
            if (y < 0 || y >= p->in_height) continue;
            const float *row = in + y * p->in_width * 16, *w = k + (kh * p->kernel_width + phase) * 16;
            for (int64_t c = base, kw = phase; kw < p->kernel_width; kw += 2, --c, w += 32)
                if (c >= 0 && c < p->in_width) sum = fma16(load(row + c * 16), load(w), sum);
        }
        if (residual) sum += load(residual + 16 * x);
        store(out + 16 * x, sum);
    }
}

static void deconv_depthwise(const fovea_conv_params *p, const fovea_conv_args *a, int part, int parts) {
    const int64_t blocks = blocks16(p->out_channels), row = (int64_t)p->out_width * 16;
    const part_range range = share(p->batch * blocks * p->out_height, part, parts);
    const int clear = fills_padding(p->activation, p->out_channels);
    const int fast = p->stride_height == 2 && p->stride_width == 2 && p->dilation_height == 1 && p->dilation_width == 1 &&
                     p->pad_top >= 0 && p->pad_left >= 0;
    for (int64_t i = range.first; i < range.end; ++i) {
        const int64_t oh = i % p->out_height, c = i / p->out_height % blocks, n = i / p->out_height / blocks;
        const int64_t at = (c * p->out_height + oh) * row;
        float *out = a->output + n * p->out_batch_stride + at;
        const float *in = a->input + n * p->in_batch_stride + c * p->in_height * p->in_width * 16;
        const float *k = a->weights + c * p->kernel_height * p->kernel_width * 16;
        const float *residual = a->residual ? a->residual + n * p->residual_batch_stride + at : NULL;
        const v16 bias = a->bias ? loadu(a->bias + 16 * c) : splat(0);
        if (fast) deconv_depthwise_row_2(p, in, k, bias, oh, residual, out);
        else deconv_depthwise_row(p, in, k, bias, oh, residual, out);
        if (p->activation.kind != FOVEA_ACT_NONE) activate_span(p->activation, out, out, row);
        if (p->gated) gate_span(p, a, out, row);
        if (clear && c == blocks - 1) clear_lanes(out, p->out_width, p->out_channels % 16);
    }
}

static void deconv(const fovea_conv_params *p, const fovea_conv_args *a, int part, int parts) {
    if (deconv_is_depthwise(p)) {
        deconv_depthwise(p, a, part, parts);
        return;
    }
    const int64_t blocks = blocks16(p->out_channels), row = (int64_t)p->out_width * 16;
    const part_range range = share(p->batch * blocks * p->out_height, part, parts);
    const int clear = fills_padding(p->activation, p->out_channels);
    const float *w = a->weights;
    for (int64_t c = 0; c < blocks; ++c) {
        const reduction k = conv_reduction(p, 1, (int32_t)c);
        for (int64_t n = 0; n < p->batch; ++n)
            for (int64_t oh = 0; oh < p->out_height; ++oh) {
                const int64_t i = (n * blocks + c) * p->out_height + oh;
                if (i < range.first || i >= range.end) continue;
                const int64_t at = (c * p->out_height + oh) * row;
                float *out = a->output + n * p->out_batch_stride + at;
                phase_run r = {p, a->input + n * p->in_batch_stride, w, k, oh, 0, 0};
                deconv_row(&r, c, a, a->residual ? a->residual + n * p->residual_batch_stride + at : NULL, out);
                if (p->activation.kind != FOVEA_ACT_NONE) activate_span(p->activation, out, out, row);
                if (p->gated) gate_span(p, a, out, row);
                if (clear && c == blocks - 1) clear_lanes(out, p->out_width, p->out_channels % 16);
            }
        w += k.steps * 16;
    }
}

// Scalar references of the bfloat16 kernels, straight from their definitions, sums in double. Weights are floats in ONNX's order, rounded.
#include <math.h>
#include <string.h>
#include "bf16_table.h"

static float widened(fovea_bfloat16 x) {
    const uint32_t bits = (uint32_t)x << 16;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

// To nearest, ties to even; numbers below the normal ones become zero, as in vcvtneps2bf16.
static fovea_bfloat16 rounded(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    if (x != x) return (fovea_bfloat16)(bits >> 16 | 0x40);
    if ((bits & 0x7f800000) == 0) return (fovea_bfloat16)(bits >> 16 & 0x8000);
    return (fovea_bfloat16)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static int64_t blocks32(int64_t channels) { return (channels + 31) / 32; }

// Element (channel, pixel) of one image.
static int64_t wide_at(int64_t channel, int64_t pixel, int64_t pixels) { return (channel / 32 * pixels + pixel) * 32 + channel % 32; }

static size_t weight_count(const fovea_conv_params *p) {
    return (size_t)p->in_channels / (size_t)p->groups * (size_t)p->out_channels * (size_t)p->kernel_height * (size_t)p->kernel_width;
}

static size_t weights_size(const fovea_bf16_conv_params *q) { return (weight_count(&q->conv) * sizeof(float) + 63) / 64 * 64; }

static void pack(const fovea_bf16_conv_params *q, const float *source, void *packed) {
    float *to = packed;
    for (size_t i = 0; i < weight_count(&q->conv); ++i) to[i] = widened(rounded(source[i]));
}

static size_t scratch_size(const fovea_bf16_conv_params *q, int parts) { return (void)q, (void)parts, 0; }
static int splits_channels(const fovea_bf16_conv_params *q, int parts) { return (void)q, (void)parts, 0; }

static double input_at(const fovea_conv_params *p, const void *image, int64_t c, int64_t y, int64_t x) {
    if (y < 0 || y >= p->in_height || x < 0 || x >= p->in_width) return 0;
    const int64_t pixels = (int64_t)p->in_height * p->in_width, pixel = y * p->in_width + x;
    if (p->algorithm == FOVEA_CONV_PLANAR) return widened(rounded(((const float *)image)[c * pixels + pixel]));
    return widened(((const fovea_bfloat16 *)image)[wide_at(c, pixel, pixels)]);
}

static double conv_sum(const fovea_conv_params *p, const void *image, const float *weights, int64_t oc, int64_t oh, int64_t ow) {
    const int64_t in_group = p->in_channels / p->groups, first = oc / (p->out_channels / p->groups) * in_group;
    double sum = 0;
    for (int64_t i = 0; i < in_group; ++i)
        for (int64_t kh = 0; kh < p->kernel_height; ++kh)
            for (int64_t kw = 0; kw < p->kernel_width; ++kw) {
                const int64_t y = oh * p->stride_height - p->pad_top + kh * p->dilation_height;
                const int64_t x = ow * p->stride_width - p->pad_left + kw * p->dilation_width;
                sum += input_at(p, image, first + i, y, x) * weights[((oc * in_group + i) * p->kernel_height + kh) * p->kernel_width + kw];
            }
    return sum;
}

static fovea_bfloat16 finished(const fovea_conv_params *p, double sum, const fovea_bfloat16 *residual) {
    float y = (float)sum;
    if (residual) y = widened(rounded(y)) + widened(*residual);
    if (!fovea_is_clamp(p->activation)) y = widened(rounded(y));
    return rounded(fovea_activate(p->activation, y));
}

static void conv(const fovea_bf16_conv_params *q, const fovea_bf16_conv_args *a, int part, int parts) {
    const fovea_conv_params *p = &q->conv;
    const int64_t pixels = (int64_t)p->out_height * p->out_width, end = q->first_lane + p->out_channels;
    const int64_t lanes = blocks32(end) * 32;
    const part_range r = share(p->batch * lanes, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        const int64_t n = i / lanes, lane = i % lanes, c = lane - q->first_lane;
        if (c < 0 || (lane >= end && q->keeps_rest)) continue;
        const size_t item = p->algorithm == FOVEA_CONV_PLANAR ? sizeof(float) : sizeof(fovea_bfloat16);
        const char *image = (const char *)a->input + n * p->in_batch_stride * (int64_t)item;
        for (int64_t pixel = 0; pixel < pixels; ++pixel) {
            fovea_bfloat16 *y = a->output + n * p->out_batch_stride + wide_at(lane, pixel, pixels);
            *y = 0;
            if (lane >= end) continue;
            const double sum = conv_sum(p, image, a->weights, c, pixel / p->out_width, pixel % p->out_width);
            const fovea_bfloat16 *residual = a->residual ? a->residual + n * p->residual_batch_stride + wide_at(c, pixel, pixels) : NULL;
            *y = finished(p, sum + (a->bias ? a->bias[c] : 0), residual);
        }
    }
}

static fovea_bfloat16 pool_window(const fovea_pool_params *p, const fovea_bfloat16 *image, int64_t c, int64_t oh, int64_t ow) {
    double sum = 0;
    float top = -INFINITY;
    int64_t inside = 0, padded = 0;
    for (int64_t kh = 0; kh < p->kernel_height; ++kh)
        for (int64_t kw = 0; kw < p->kernel_width; ++kw) {
            const int64_t y = oh * p->stride_height - p->pad_top + kh * p->dilation_height;
            const int64_t x = ow * p->stride_width - p->pad_left + kw * p->dilation_width;
            padded += y < p->in_height + p->pad_bottom && x < p->in_width + p->pad_right;
            if (y < 0 || x < 0 || y >= p->in_height || x >= p->in_width) continue;
            const float v = widened(image[wide_at(c, y * p->in_width + x, (int64_t)p->in_height * p->in_width)]);
            ++inside, sum += v, top = v > top ? v : top;
        }
    if (p->kind == FOVEA_POOL_MAX) return inside ? rounded(top) : 0;
    const int64_t count = p->count_include_pad ? padded : inside;
    return count ? rounded((float)(sum / (double)count)) : 0;
}

static void pool(const fovea_pool_params *p, const fovea_bfloat16 *input, fovea_bfloat16 *output, int part, int parts) {
    const int64_t pixels = (int64_t)p->out_height * p->out_width, lanes = blocks32(p->channels) * 32;
    const part_range r = share(p->batch * lanes, part, parts);
    for (int64_t i = r.first; i < r.end; ++i)
        for (int64_t pixel = 0; pixel < pixels; ++pixel)
            output[i / lanes * p->out_batch_stride + wide_at(i % lanes, pixel, pixels)] =
                pool_window(p, input + i / lanes * p->in_batch_stride, i % lanes, pixel / p->out_width, pixel % p->out_width);
}

static void global_pool(const fovea_pool_params *p, const fovea_bfloat16 *input, float *output, int part, int parts) {
    const int64_t pixels = (int64_t)p->in_height * p->in_width, lanes = blocks16(p->channels) * 16;
    const part_range r = share(p->batch * lanes, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        double sum = 0, top = -INFINITY;
        for (int64_t pixel = 0; pixel < pixels; ++pixel) {
            const float v = widened(input[i / lanes * p->in_batch_stride + wide_at(i % lanes, pixel, pixels)]);
            sum += v, top = v > top ? v : top;
        }
        output[i / lanes * p->out_batch_stride + i % lanes] = (float)(p->kind == FOVEA_POOL_MAX ? top : sum / (double)pixels);
    }
}

static void map(
    const fovea_extent *e, fovea_activation f, const fovea_bfloat16 *x, const float *scale, const float *shift,
    const fovea_bfloat16 *other, fovea_bfloat16 *y, int part, int parts) {
    const int64_t lanes = blocks32(e->channels) * 32;
    const part_range r = share(e->batch * lanes * e->pixels, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        const int64_t c = i / 32 / e->pixels % (lanes / 32) * 32 + i % 32;
        y[i] = 0;
        if (c >= e->channels) continue;
        double v = (double)widened(x[i]) * (scale ? scale[c] : 1) + (shift ? shift[c] : 0);
        if (other) v += widened(other[i]);
        const float sum = fovea_is_clamp(f) ? (float)v : widened(rounded((float)v));
        y[i] = rounded(fovea_activate(f, sum));
    }
}

static void place(
    int64_t channels, int64_t pixels, int first_lane, int keeps_rest, const fovea_bfloat16 *x, fovea_bfloat16 *y, int part,
    int parts) {
    const int64_t end = first_lane + channels, lanes = keeps_rest ? end : blocks32(end) * 32;
    const part_range r = share(lanes - first_lane, part, parts);
    for (int64_t c = r.first; c < r.end; ++c)
        for (int64_t pixel = 0; pixel < pixels; ++pixel)
            y[wide_at(c + first_lane, pixel, pixels)] = c < channels ? x[wide_at(c, pixel, pixels)] : 0;
}

static void from_blocked(const fovea_extent *e, const float *x, fovea_bfloat16 *y, int part, int parts) {
    const int64_t lanes = blocks32(e->channels) * 32, halves = blocks16(e->channels);
    const part_range r = share(e->batch * lanes * e->pixels, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        const int64_t pixel = i / 32 % e->pixels, c = i / 32 / e->pixels % (lanes / 32) * 32 + i % 32, n = i / e->pixels / lanes;
        y[i] = c < 16 * halves ? rounded(x[((n * halves + c / 16) * e->pixels + pixel) * 16 + c % 16]) : 0;
    }
}

static void to_blocked(const fovea_extent *e, const fovea_bfloat16 *x, float *y, int part, int parts) {
    const int64_t lanes = blocks32(e->channels) * 32, halves = blocks16(e->channels);
    const part_range r = share(e->batch * halves * 16 * e->pixels, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        const int64_t pixel = i / 16 % e->pixels, c = i / 16 / e->pixels % halves * 16 + i % 16, n = i / 16 / e->pixels / halves;
        y[i] = widened(x[n * lanes * e->pixels + wide_at(c, pixel, e->pixels)]);
    }
}

static double product_loop(int64_t rounds, float *result) {
    float sum = 0;
    for (int64_t i = 0; i < rounds; ++i) sum += widened(0x3f80) * widened(0x3f80);
    *result = sum;
    return 2.0 * (double)rounds;
}

const bf16_table fovea_bf16_reference = {
    .weights_size = weights_size,
    .pack = pack,
    .scratch_size = scratch_size,
    .splits_channels = splits_channels,
    .conv = conv,
    .pool = pool,
    .global_pool = global_pool,
    .map = map,
    .place = place,
    .from_blocked = from_blocked,
    .to_blocked = to_blocked,
    .product_loop = product_loop,
};

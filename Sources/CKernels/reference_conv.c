// Scalar references: convolution and pooling straight from their definitions, sums in double. Weights stay in ONNX's order.
#include <math.h>
#include <string.h>
#include "reference.h"

size_t reference_conv_weights_size(const fovea_conv_params *p) {
    return (size_t)p->in_channels * (size_t)(p->out_channels / p->groups) * (size_t)p->kernel_height * (size_t)p->kernel_width;
}

size_t reference_conv_packed_size(const fovea_conv_params *p) { return (reference_conv_weights_size(p) + 15) / 16 * 16; }

void reference_conv_pack(const fovea_conv_params *p, const float *source, float *packed) {
    memcpy(packed, source, reference_conv_weights_size(p) * sizeof(float));
}

size_t reference_conv_scratch_size(const fovea_conv_params *p, int parts) {
    (void)p, (void)parts;
    return 0;
}

// Element (channel, pixel) of one image.
static int64_t blocked_at(int64_t channel, int64_t pixel, int64_t pixels) {
    return (channel / 16 * pixels + pixel) * 16 + channel % 16;
}

typedef struct {
    const fovea_conv_params *p;
    const float *image, *weights;
} source;

// y and x lie inside.
static double input_at(const source *s, int64_t c, int64_t y, int64_t x) {
    const fovea_conv_params *p = s->p;
    const int64_t pixels = (int64_t)p->in_height * p->in_width, pixel = y * p->in_width + x;
    const int plain = p->algorithm == FOVEA_CONV_PLANAR || p->algorithm == FOVEA_CONV_WINOGRAD_PHASES;
    return s->image[plain ? c * pixels + pixel : blocked_at(c, pixel, pixels)];
}

// Taps outside the input add nothing.
static double forward_sum(const source *s, int64_t oc, int64_t oh, int64_t ow) {
    const fovea_conv_params *p = s->p;
    const int64_t in_group = p->in_channels / p->groups, first = oc / (p->out_channels / p->groups) * in_group;
    const int64_t taps = (int64_t)p->kernel_height * p->kernel_width;
    double sum = 0;
    for (int64_t kh = 0; kh < p->kernel_height; ++kh)
        for (int64_t kw = 0; kw < p->kernel_width; ++kw) {
            const int64_t y = oh * p->stride_height - p->pad_top + kh * p->dilation_height;
            const int64_t x = ow * p->stride_width - p->pad_left + kw * p->dilation_width;
            if (y < 0 || y >= p->in_height || x < 0 || x >= p->in_width) continue;
            const float *weights = s->weights + oc * in_group * taps + kh * p->kernel_width + kw;
            for (int64_t i = 0; i < in_group; ++i) sum += input_at(s, first + i, y, x) * weights[i * taps];
        }
    return sum;
}

static double transpose_sum(const source *s, int64_t oc, int64_t oh, int64_t ow) {
    const fovea_conv_params *p = s->p;
    const int64_t in_group = p->in_channels / p->groups, out_group = p->out_channels / p->groups;
    const int64_t first = oc / out_group * in_group;
    double sum = 0;
    for (int64_t i = first; i < first + in_group; ++i)
        for (int64_t kh = 0; kh < p->kernel_height; ++kh)
            for (int64_t kw = 0; kw < p->kernel_width; ++kw) {
                const int64_t y = oh + p->pad_top - kh * p->dilation_height, x = ow + p->pad_left - kw * p->dilation_width;
                if (y < 0 || x < 0 || y % p->stride_height || x % p->stride_width) continue;
                if (y / p->stride_height >= p->in_height || x / p->stride_width >= p->in_width) continue;
                const int64_t w = ((i * out_group + oc % out_group) * p->kernel_height + kh) * p->kernel_width + kw;
                sum += input_at(s, i, y / p->stride_height, x / p->stride_width) * s->weights[w];
            }
    return sum;
}

// Element (y, x) of channel c of image n of the result.
static float conv_value(const fovea_conv_params *p, const fovea_conv_args *a, const source *s, int64_t n, int64_t c, int64_t y, int64_t x) {
    if (c >= p->out_channels) return 0;
    const int64_t at = blocked_at(c, y * p->out_width + x, (int64_t)p->out_height * p->out_width);
    double sum = p->algorithm == FOVEA_CONV_TRANSPOSE ? transpose_sum(s, c, y, x) : forward_sum(s, c, y, x);
    if (a->bias) sum += a->bias[c];
    // Rounded before the residual joins, as when a step of its own adds it: the same number.
    float value = (float)sum;
    if (a->residual) value = (float)fovea_activate(p->before, value) + a->residual[n * p->residual_batch_stride + at];
    value = (float)fovea_activate(p->activation, value);
    if (!p->gated) return value;
    const float gate = ((const fovea_gated_conv_args *)a)->gate[n * p->out_batch_stride + at];
    return gate > p->gate_low && gate < p->gate_high ? value : 0;
}

void reference_conv(const fovea_conv_params *p, const fovea_conv_args *a, int part, int parts) {
    const int64_t step = p->pooled ? 2 : 1, width = p->out_width / step, pixels = p->out_height / step * width;
    const int64_t lanes = blocks16(p->out_channels) * 16;
    const part_range r = share(p->batch * lanes, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        const int64_t n = i / lanes, c = i % lanes;
        const source s = {p, a->input + n * p->in_batch_stride, a->weights};
        for (int64_t pixel = 0; pixel < pixels; ++pixel) {
            const int64_t y = pixel / width * step, x = pixel % width * step;
            float top = conv_value(p, a, &s, n, c, y, x);
            for (int64_t k = 1; k < step * step; ++k) {
                const float value = conv_value(p, a, &s, n, c, y + k / 2, x + k % 2);
                if (value > top || value != value) top = value;
            }
            a->output[n * p->out_batch_stride + blocked_at(c, pixel, pixels)] = top;
        }
    }
}

static float pool_window(const fovea_pool_params *p, const float *image, int64_t c, int64_t oh, int64_t ow) {
    const int64_t pixels = (int64_t)p->in_height * p->in_width;
    double sum = 0, top = -INFINITY;
    int64_t inside = 0, padded = 0;
    for (int64_t kh = 0; kh < p->kernel_height; ++kh)
        for (int64_t kw = 0; kw < p->kernel_width; ++kw) {
            const int64_t y = oh * p->stride_height - p->pad_top + kh * p->dilation_height;
            const int64_t x = ow * p->stride_width - p->pad_left + kw * p->dilation_width;
            padded += y < p->in_height + p->pad_bottom && x < p->in_width + p->pad_right;
            if (y < 0 || x < 0 || y >= p->in_height || x >= p->in_width) continue;
            const float v = image[blocked_at(c, y * p->in_width + x, pixels)];
            ++inside, sum += v;
            if (v > top || v != v) top = v;
        }
    if (p->kind == FOVEA_POOL_MAX) return inside ? (float)top : 0;
    const int64_t count = p->count_include_pad ? padded : inside;
    return count ? (float)(sum / (double)count) : 0;
}

void reference_pool(const fovea_pool_params *p, const float *input, float *output, int part, int parts) {
    const int64_t pixels = (int64_t)p->out_height * p->out_width, lanes = blocks16(p->channels) * 16;
    const part_range r = share(p->batch * lanes, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        const int64_t n = i / lanes, c = i % lanes;
        for (int64_t pixel = 0; pixel < pixels; ++pixel)
            output[n * p->out_batch_stride + blocked_at(c, pixel, pixels)] =
                pool_window(p, input + n * p->in_batch_stride, c, pixel / p->out_width, pixel % p->out_width);
    }
}

void reference_global_pool(const fovea_pool_params *p, const float *input, float *output, int part, int parts) {
    fovea_pool_params q = *p;
    q.kernel_height = p->in_height, q.kernel_width = p->in_width;
    q.out_height = q.out_width = q.stride_height = q.stride_width = q.dilation_height = q.dilation_width = 1;
    q.pad_top = q.pad_left = q.pad_bottom = q.pad_right = q.count_include_pad = 0;
    reference_pool(&q, input, output, part, parts);
}

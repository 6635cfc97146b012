// Winograd for large windows with a stride over few channels, as first layers have them: 7x7 and 8x8 with stride 2, 9x9 to 12x12 with stride 4.
// With stride s every s-th row and column of the picture make pictures of their own, its s s phases, in which the window has r = ceil(k / s)
// rows and columns and stride 1:
//     sum over k of w[k] x[s o + k]  =  sum over phases p and a of w[s a + p] x[s (o + a) + p]
// The phases of all channels are the channels of one convolution: F(3x3,4x4) with stride 2 and F(4x4,3x3) with stride 4, a third of the direct
// convolution's multiplications. (F(4x4,4x4) needs a quarter, but its seven points round eight times worse.)
#pragma once
#include "winograd.h"

#define MOST_PHASE_WEIGHTS (16 * 4 * 144)

// The convolution of the phases of one image.
static fovea_conv_params phase_params(const fovea_conv_params *p) {
    fovea_conv_params q = *p;
    const int32_t stride = p->stride_height, taps = stride == 2 ? 4 : 3;
    q.algorithm = stride == 2 ? FOVEA_CONV_WINOGRAD_3_4 : FOVEA_CONV_WINOGRAD_4_3;
    q.batch = 1, q.in_channels = stride * stride * p->in_channels;
    q.in_height = p->out_height + taps - 1, q.in_width = p->out_width + taps - 1;
    q.kernel_height = q.kernel_width = taps;
    q.stride_height = q.stride_width = 1;
    q.pad_top = q.pad_left = 0;
    return q;
}

static size_t phases_weights_size(const fovea_conv_params *p) {
    const fovea_conv_params q = phase_params(p);
    return winograd_weights_size(&q);
}

// The weights of 16 output channels from `first` on as [16][channel][row phase][column phase][r][r].
static void phase_weights(const fovea_conv_params *p, int32_t taps, const float *source, int32_t first, int32_t outs, float *to) {
    const int64_t plane = (int64_t)p->kernel_height * p->kernel_width;
    const int32_t stride = p->stride_height, all = taps * taps;
    for (int64_t o = first; o < first + outs; ++o)
        for (int64_t c = 0; c < p->in_channels; ++c)
            for (int32_t i = 0; i < stride * stride * all; ++i, ++to) {
                const int64_t kh = i % all / taps * stride + i / all / stride, kw = i % taps * stride + i / all % stride;
                *to = kh < p->kernel_height && kw < p->kernel_width ? source[(o * p->in_channels + c) * plane + kh * p->kernel_width + kw] : 0;
            }
}

static void phases_pack(const fovea_conv_params *p, const float *source, float *packed) {
    const fovea_conv_params q = phase_params(p);
    float weights[MOST_PHASE_WEIGHTS];
    for (int32_t first = 0; first < p->out_channels; first += 16) {
        const int32_t outs = (int32_t)smaller(16, p->out_channels - first);
        phase_weights(p, q.kernel_height, source, first, outs, weights);
        winograd_pack_vector(&q, first / 16, weights, packed);
    }
}

// The rows of a phase picture that a part's tiles read.
static part_range phase_rows(const winograd_shape *s, int32_t in_height, part_range blocks) {
    const part_range all = {0, in_height};
    if (s->split_channels) return all;
    const int64_t first = blocks.first * s->tiles / s->blocks / s->tiles_x, last = (blocks.end * s->tiles / s->blocks - 1) / s->tiles_x;
    return (part_range){first * s->m, smaller(in_height, last * s->m + s->n)};
}

// Floats of the largest share of the phase picture.
static int64_t phase_floats(const fovea_conv_params *q, const winograd_shape *s, int parts) {
    int64_t rows = 0;
    for (int part = 0; part < parts; ++part) {
        const part_range blocks = share(s->blocks, part, parts);
        if (!s->split_channels && blocks.first == blocks.end) continue;
        const part_range r = phase_rows(s, q->in_height, blocks);
        rows = larger(rows, r.end - r.first);
    }
    return s->planes * rows * q->in_width * 16;
}

static size_t phases_scratch_size(const fovea_conv_params *p, int parts) {
    const fovea_conv_params q = phase_params(p);
    const winograd_shape s = winograd_plan(&q, parts);
    return winograd_scratch_size(&q, parts) + (size_t)phase_floats(&q, &s, parts) * sizeof(float) * (size_t)parts;
}

static int64_t phases_points(const fovea_conv_params *p) {
    const fovea_conv_params q = phase_params(p);
    return winograd_points(&q) * p->batch;
}

static int phases_splits_channels(const fovea_conv_params *p, int parts) {
    const fovea_conv_params q = phase_params(p);
    return winograd_splits_channels(&q, parts);
}

// One row of the picture to the column phases: pixel i gets columns s i - pad_left … + s - 1, zero outside; `row` is NULL outside.
INLINE void phase_row(const fovea_conv_params *p, const int s, const float *row, int64_t width, float *to) {
    const int64_t pad = p->pad_left, in_width = row ? p->in_width : 0;
    const int64_t first = smaller(width, larger(0, (pad + s - 1) / s)), end = larger(first, smaller(width, (in_width + pad) / s));
    for (int64_t i = 0; i < width; ++i, to += 16) {
        const int64_t x = s * i - pad;
        if (i >= first && i < end) {
            memcpy(to, row + x, (size_t)s * sizeof(float));
            continue;
        }
        for (int64_t b = 0; b < s; ++b) to[b] = x + b >= 0 && x + b < in_width ? row[x + b] : 0;
    }
}

// Rows `rows` of the phases, [plane][row][column][16]: channel, row phase and column phase one after the other; those past the last channel
// are never read.
INLINE void phase_picture(const fovea_conv_params *p, const int s, int64_t width, const float *image, part_range rows, float *to) {
    const int64_t plane = (rows.end - rows.first) * width * 16;
    for (int64_t y = rows.first; y < rows.end; ++y)
        for (int64_t c = 0; c < p->in_channels; ++c)
            for (int64_t a = 0; a < s; ++a) {
                const int64_t row = s * y + a - p->pad_top, lane = (c * s + a) * s;
                const float *from = image + (c * p->in_height + row) * p->in_width;
                float *pixels = to + lane / 16 * plane + (y - rows.first) * width * 16 + lane % 16;
                phase_row(p, s, row < 0 || row >= p->in_height ? NULL : from, width, pixels);
            }
}

static void winograd_of_phases(const fovea_conv_params *p, const fovea_conv_args *a, int part, int parts) {
    fovea_conv_params q = phase_params(p);
    const winograd_shape s = winograd_plan(&q, parts);
    const part_range blocks = share(s.blocks, part, parts);
    if (!s.split_channels && blocks.first == blocks.end) return;
    float *picture = (float *)a->scratch + winograd_scratch_size(&q, parts) / sizeof(float) + phase_floats(&q, &s, parts) * part;
    const part_range rows = phase_rows(&s, q.in_height, blocks);
    // The rows that this part reads are its picture; the others are cropped.
    q.in_height = (int32_t)(rows.end - rows.first), q.pad_top = (int32_t)rows.first;
    fovea_conv_args inner = *a;
    inner.input = picture;
    for (int64_t n = 0; n < p->batch; ++n) {
        const float *image = a->input + n * p->in_batch_stride;
        if (p->stride_height == 2) phase_picture(p, 2, q.in_width, image, rows, picture);
        else phase_picture(p, 4, q.in_width, image, rows, picture);
        inner.output = a->output + n * p->out_batch_stride;
        if (a->residual) inner.residual = a->residual + n * p->residual_batch_stride;
        winograd(&q, &inner, part, parts);
    }
}

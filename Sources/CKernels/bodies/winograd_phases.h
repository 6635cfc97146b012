// Winograd for windows of 7x7 or 8x8 with stride 2 over few channels, as first layers have them. The even and the odd rows and columns of
// the picture are four pictures of their own, its phases, in which the window is 4x4 with stride 1:
//     sum over k of w[k] x[2 o + k]  =  sum over phases p and a of w[2 a + p] x[2 (o + a) + p]
// F(3x3,4x4) over the phases of all channels, lanes of one block, needs a third of the direct convolution's multiplications. (F(4x4,4x4)
// needs a quarter, but its seven points round eight times worse.)
#pragma once
#include "winograd.h"

#define PHASE_TAPS 4

// The convolution of the phases of one image.
static fovea_conv_params phase_params(const fovea_conv_params *p) {
    fovea_conv_params q = *p;
    q.batch = 1, q.in_channels = 4 * p->in_channels;
    q.in_height = p->out_height + PHASE_TAPS - 1, q.in_width = p->out_width + PHASE_TAPS - 1;
    q.kernel_height = q.kernel_width = PHASE_TAPS;
    q.stride_height = q.stride_width = 1;
    q.pad_top = q.pad_left = 0;
    return q;
}

static size_t phases_weights_size(const fovea_conv_params *p) {
    const fovea_conv_params q = phase_params(p);
    return winograd_weights_size(&q);
}

// The weights of 16 output channels from `first` on as [16][channel][row phase][column phase][4][4].
static void phase_weights(const fovea_conv_params *p, const float *source, int32_t first, int32_t outs, float *to) {
    const int64_t plane = (int64_t)p->kernel_height * p->kernel_width;
    for (int64_t o = first; o < first + outs; ++o)
        for (int64_t c = 0; c < p->in_channels; ++c)
            for (int64_t i = 0; i < 4 * PHASE_TAPS * PHASE_TAPS; ++i, ++to) {
                const int64_t kh = i / 4 % 4 * 2 + i / 32, kw = i % 4 * 2 + i / 16 % 2;
                *to = kh < p->kernel_height && kw < p->kernel_width ? source[(o * p->in_channels + c) * plane + kh * p->kernel_width + kw] : 0;
            }
}

static void phases_pack(const fovea_conv_params *p, const float *source, float *packed) {
    const fovea_conv_params q = phase_params(p);
    float weights[16 * 16 * PHASE_TAPS * PHASE_TAPS];
    for (int32_t first = 0; first < p->out_channels; first += 16) {
        const int32_t outs = (int32_t)smaller(16, p->out_channels - first);
        phase_weights(p, source, first, outs, weights);
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
    return rows * q->in_width * 16;
}

static size_t phases_scratch_size(const fovea_conv_params *p, int parts) {
    const fovea_conv_params q = phase_params(p);
    const winograd_shape s = winograd_plan(&q, parts);
    return winograd_scratch_size(&q, parts) + (size_t)phase_floats(&q, &s, parts) * sizeof(float) * (size_t)parts;
}

static int phases_splits_channels(const fovea_conv_params *p, int parts) {
    const fovea_conv_params q = phase_params(p);
    return winograd_splits_channels(&q, parts);
}

// One row of a phase: pixel i is column 2 i + x of the picture's row, zero outside; `row` is NULL outside.
static void phase_row(const float *row, int64_t in_width, int64_t x, int64_t width, float *to) {
    const int64_t first = row ? smaller(width, larger(0, (1 - x) / 2)) : width;
    const int64_t end = larger(first, smaller(width, (in_width - x + 1) / 2));
    for (int64_t i = 0; i < first; ++i) to[16 * i] = 0;
    for (int64_t i = first; i < end; ++i) to[16 * i] = row[2 * i + x];
    for (int64_t i = end; i < width; ++i) to[16 * i] = 0;
}

// Rows `rows` of the phases, [row][column][channel][row phase][column phase], 16 lanes a pixel; those past the last channel are never read.
static void phase_picture(const fovea_conv_params *p, const fovea_conv_params *q, const float *image, part_range rows, float *to) {
    for (int64_t y = rows.first; y < rows.end; ++y, to += q->in_width * 16)
        for (int64_t lane = 0; lane < q->in_channels; ++lane) {
            const int64_t row = 2 * y + lane / 2 % 2 - p->pad_top;
            const float *from = image + (lane / 4 * p->in_height + row) * p->in_width;
            phase_row(row < 0 || row >= p->in_height ? NULL : from, p->in_width, lane % 2 - p->pad_left, q->in_width, to + lane);
        }
}

static void winograd_of_phases(const fovea_conv_params *p, const fovea_conv_args *a, int part, int parts) {
    const fovea_conv_params q = phase_params(p);
    const winograd_shape s = winograd_plan(&q, parts);
    const part_range blocks = share(s.blocks, part, parts);
    if (!s.split_channels && blocks.first == blocks.end) return;
    const part_range rows = phase_rows(&s, q.in_height, blocks);
    float *picture = (float *)a->scratch + winograd_scratch_size(&q, parts) / sizeof(float) + phase_floats(&q, &s, parts) * part;
    fovea_conv_args inner = *a;
    inner.input = picture - rows.first * q.in_width * 16;
    for (int64_t n = 0; n < p->batch; ++n) {
        phase_picture(p, &q, a->input + n * p->in_batch_stride, rows, picture);
        inner.output = a->output + n * p->out_batch_stride;
        if (a->residual) inner.residual = a->residual + n * p->residual_batch_stride;
        winograd(&q, &inner, part, parts);
    }
}

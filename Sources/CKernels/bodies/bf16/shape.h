// How a convolution is cut: strips of output lines whose input stays in the cache, groups of 16 pixels, blocks of 32 channels.
//
// Pixels of a strip are numbered as if its lines followed one another in rows of `pitch` pixels, of which the first `width` are output.
// Then pixel q of tap t lies at q * pixel_bytes + offset[t], the same for all q, and groups run across the ends of lines. Where
// the picture itself is not so (pads, strides), the strip is copied: with pads, and one plane for each remainder of row and column by the strides.
// Short lines (below SPREAD_WIDTH, which the including file defines) are copied once for each column of the window, shifted, so that no pixel between
// them is computed in vain.
#pragma once
#include "tile.h"

#define STRIP_TARGET (512 * 1024)  // bytes of a strip's input
#define LINE_PIXELS 64             // of a line when the picture is one row

typedef enum {
    SOURCE_ROW,     // read in place; the picture is one row of pixels (1x1, stride 1)
    SOURCE_PLACE,   // read in place, row by row of the picture (no pads, stride 1)
    SOURCE_COPY,    // copied, in phases
    SOURCE_PLANAR,  // copied from fp32 planes: the channels of a pixel together; each line by itself
} source_kind;

typedef struct {
    source_kind source;
    int32_t steps;                  // of K
    int32_t blocks;                 // of 32 output channels, the lanes before the first included
    int32_t planes;                 // blocks of 32 input channels
    int32_t phase_rows, phase_columns;
    int32_t spread;                 // 1: a phase for each column of the window
    int32_t more_rows;              // rows that a phase has beyond a strip's lines
    int64_t pitch, width;           // pixels of a row, and those that are output
    int32_t lines, strip_lines;     // of an image; in a strip
    int64_t pixel_bytes;
    int64_t strip_bytes, table_bytes;  // of one part's scratch: the strip, and what tells of each step
} bf16_shape;

// Where a tap reads, by row or by column: the remainder by the stride, and the shift in steps of the stride.
INLINE int32_t tap_phase(int32_t tap, int32_t dilation, int32_t stride) { return tap * dilation % stride; }
INLINE int32_t tap_shift(int32_t tap, int32_t dilation, int32_t stride) { return tap * dilation / stride; }

static int has_pads(const fovea_conv_params *p) {
    const int64_t bottom = (int64_t)(p->out_height - 1) * p->stride_height - p->pad_top + (int64_t)(p->kernel_height - 1) * p->dilation_height;
    const int64_t right = (int64_t)(p->out_width - 1) * p->stride_width - p->pad_left + (int64_t)(p->kernel_width - 1) * p->dilation_width;
    return p->pad_top != 0 || p->pad_left != 0 || bottom >= p->in_height || right >= p->in_width;
}

// A planar kernel's row: numbers, the channels of a pixel one after the other, and steps of 32 of them.
INLINE int32_t planar_numbers(const fovea_conv_params *p) { return p->in_channels * ((p->kernel_width - 1) * p->dilation_width + 1); }
INLINE int32_t planar_steps(const fovea_conv_params *p) { return (planar_numbers(p) + 31) / 32; }
// Numbers in a copied planar row, those that only meet zero weights included.
INLINE int64_t planar_pitch(const fovea_conv_params *p) {
    return (int64_t)(p->out_width + 15) * p->stride_width * p->in_channels + 32 * planar_steps(p);
}

static int64_t plane_bytes(const bf16_shape *s, int64_t lines) { return (lines + s->more_rows) * s->pitch * s->pixel_bytes; }

static int64_t strip_size(const bf16_shape *s, int64_t lines) {
    // Groups read past the end: up to 15 pixels more.
    if (s->source == SOURCE_COPY) return s->planes * s->phase_rows * s->phase_columns * plane_bytes(s, lines) + 16 * s->pixel_bytes;
    return 0;
}

static void shape_source(const fovea_conv_params *p, bf16_shape *s) {
    const int plain = !has_pads(p) && p->stride_height == 1 && p->stride_width == 1;
    const int64_t pixels = (int64_t)p->in_height * p->in_width;
    s->planes = (int32_t)blocks32(p->in_channels);
    s->steps = s->planes * p->kernel_height * p->kernel_width;
    s->pixel_bytes = 64;
    s->pitch = s->width = p->out_width, s->lines = p->out_height;
    if (plain && p->kernel_height == 1 && p->kernel_width == 1 && pixels >= 16) {
        s->source = SOURCE_ROW;
        s->pitch = s->width = pixels, s->lines = (int32_t)((pixels + LINE_PIXELS - 1) / LINE_PIXELS);
    } else if (plain && p->out_width >= 16) {
        s->source = SOURCE_PLACE;
        s->pitch = p->in_width;
    } else {
        s->source = SOURCE_COPY;
        s->phase_rows = (int32_t)smaller(p->stride_height, (int64_t)(p->kernel_height - 1) * p->dilation_height + 1);
        s->phase_columns = (int32_t)smaller(p->stride_width, (int64_t)(p->kernel_width - 1) * p->dilation_width + 1);
        s->more_rows = tap_shift(p->kernel_height - 1, p->dilation_height, p->stride_height);
        s->pitch = p->out_width + tap_shift(p->kernel_width - 1, p->dilation_width, p->stride_width);
        s->spread = p->kernel_width > 1 && p->out_width < SPREAD_WIDTH;
        if (s->spread) s->phase_columns = p->kernel_width, s->pitch = p->out_width;
    }
}

static bf16_shape bf16_plan(const fovea_bf16_conv_params *q) {
    const fovea_conv_params *p = &q->conv;
    bf16_shape s = {.phase_rows = 1, .phase_columns = 1};
    if (p->algorithm == FOVEA_CONV_PLANAR) {
        s.source = SOURCE_PLANAR;
        s.planes = 1, s.steps = p->kernel_height * planar_steps(p);
        s.pixel_bytes = 2 * (int64_t)p->stride_width * p->in_channels;
        s.pitch = s.width = p->out_width, s.lines = p->out_height;
    } else shape_source(p, &s);
    s.blocks = (int32_t)blocks32((int64_t)q->first_lane + p->out_channels);
    const int64_t line_bytes = s.source == SOURCE_ROW ? LINE_PIXELS * 64 * (int64_t)s.planes
                               : s.source == SOURCE_PLANAR ? planar_pitch(p) * 2 * p->stride_height
                                                           : s.pitch * 64 * s.planes * s.phase_rows * s.phase_columns;
    s.strip_lines = (int32_t)larger(1, smaller(s.lines, STRIP_TARGET / line_bytes));
    s.strip_bytes = s.source == SOURCE_PLANAR
                        ? (((int64_t)(s.strip_lines - 1) * p->stride_height + (int64_t)(p->kernel_height - 1) * p->dilation_height + 1) * planar_pitch(p) * 2 + 63) / 64 * 64
                        : strip_size(&s, s.strip_lines);
    s.table_bytes = ((int64_t)s.steps * 8 + 63) / 64 * 64;
    return s;
}

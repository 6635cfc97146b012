// Convolution as register tiles over strips of output lines that stay in the cache, padded once per strip.
#pragma once
#include "activation.h"
#include "conv_weights.h"
#include "tile.h"

#define STRIP_BYTES (768 * 1024)
#define PREFETCH_FLOATS (128 * 1024)

// What follows from the parameters.
typedef struct {
    int32_t vectors;              // output vectors of 16 in a block
    int32_t blocks;               // blocks of output channels
    int32_t planar;               // 1: plain input
    int32_t flat;                 // 1: pixels in one row, lines are tiles
    int32_t pad;                  // 1: strips are copied to scratch with their pads
    int32_t gather;               // 1: flat, and strips are the pixels that a 1x1 window with a stride meets, copied to scratch
    int32_t lines, line_rows;     // lines in an image; output rows in a line
    int32_t tiles;                // tiles in a line
    int64_t width;                // pixels of the output row that tiles share
    int32_t planes;               // blocks of 16 input channels, or plain planes
    int32_t lane;                 // floats of a pixel in a plane: 16, or 1 when planar
    int64_t strip_width;          // pixels in a row of a copied strip
    int32_t strip_lines;          // lines in a strip
    int64_t scratch_floats;       // of one part
} conv_shape;

static int conv_needs_pad(const fovea_conv_params *p) {
    const int64_t bottom = (int64_t)(p->out_height - 1) * p->stride_height - p->pad_top + (int64_t)(p->kernel_height - 1) * p->dilation_height;
    const int64_t right = (int64_t)(p->out_width - 1) * p->stride_width - p->pad_left + (int64_t)(p->kernel_width - 1) * p->dilation_width;
    return p->pad_top > 0 || p->pad_left > 0 || bottom >= p->in_height || right >= p->in_width;
}

static int64_t strip_rows(const fovea_conv_params *p, int64_t out_rows) {
    return (out_rows - 1) * p->stride_height + (int64_t)(p->kernel_height - 1) * p->dilation_height + 1;
}

static conv_shape conv_plan(const fovea_conv_params *p) {
    conv_shape s = {0};
    s.vectors = conv_vectors(p);
    s.blocks = (int32_t)((blocks16(p->out_channels) + s.vectors - 1) / s.vectors);
    s.planar = p->algorithm == FOVEA_CONV_PLANAR;
    s.pad = conv_needs_pad(p);
    s.planes = s.planar ? p->in_channels : (int32_t)blocks16(p->in_channels);
    s.lane = s.planar ? 1 : 16;
    const int pointwise = !s.planar && !s.pad && p->kernel_height == 1 && p->kernel_width == 1 && p->pad_left == 0 && p->pad_top == 0;
    s.gather = pointwise && (p->stride_height > 1 || p->stride_width > 1);
    s.flat = s.gather || (pointwise && p->in_width == p->out_width);
    s.width = s.flat ? (int64_t)p->out_height * p->out_width : p->out_width;
    const int32_t tiles = (int32_t)((s.width + TILE_PIXELS - 1) / TILE_PIXELS);
    s.line_rows = !s.flat && s.width > 1 && s.width <= TILE_GROUP && p->out_height > 1 ? 2 : 1;
    s.lines = s.flat ? tiles : (p->out_height + s.line_rows - 1) / s.line_rows;
    s.tiles = s.flat ? 1 : tiles;
    s.strip_width = (int64_t)(p->out_width - 1) * p->stride_width + (int64_t)(p->kernel_width - 1) * p->dilation_width + 1;
    const int64_t line_floats = s.flat ? TILE_PIXELS * 16 : s.strip_width * s.lane * p->stride_height * s.line_rows;
    s.strip_lines = (int32_t)larger(1, smaller(s.lines, STRIP_BYTES / 4 / (line_floats * s.planes)));
    if (s.gather) s.scratch_floats = s.planes * smaller(s.width, (int64_t)s.strip_lines * TILE_PIXELS) * 16;
    if (s.pad) s.scratch_floats = (s.planes * strip_rows(p, (int64_t)s.strip_lines * s.line_rows) * s.strip_width * s.lane + 15) / 16 * 16;
    return s;
}

static size_t conv_dense_scratch_size(const fovea_conv_params *p, int parts) {
    return (size_t)conv_plan(p).scratch_floats * sizeof(float) * (size_t)parts;
}

// Copies `rows` input rows from `top` on, with their pads, for all planes: strip is [planes][rows][strip_width][lane].
static void conv_copy_strip(
    const fovea_conv_params *p, const conv_shape *s, const float *image, int64_t top, int64_t rows, float *strip) {
    const int64_t left = larger(0, p->pad_left), skip = larger(0, -(int64_t)p->pad_left);
    const int64_t middle = larger(0, smaller(p->in_width - skip, s->strip_width - left));
    const int64_t right = larger(0, s->strip_width - left - middle);
    const size_t pixel = sizeof(float) * (size_t)s->lane;
    for (int64_t plane = 0; plane < s->planes; ++plane)
        for (int64_t r = top; r < top + rows; ++r, strip += s->strip_width * s->lane) {
            if (r < 0 || r >= p->in_height || middle == 0) {
                memset(strip, 0, (size_t)s->strip_width * pixel);
                continue;
            }
            const float *row = image + ((plane * p->in_height + r) * p->in_width + skip) * s->lane;
            memset(strip, 0, (size_t)left * pixel);
            memcpy(strip + left * s->lane, row, (size_t)middle * pixel);
            memset(strip + (left + middle) * s->lane, 0, (size_t)right * pixel);
        }
}

// Copies the input pixels that output pixels first ..< end meet: strip is [planes][end - first][16].
static void conv_gather_strip(
    const fovea_conv_params *p, const conv_shape *s, const float *image, int64_t first, int64_t end, float *strip) {
    for (int64_t plane = 0; plane < s->planes; ++plane) {
        const float *from = image + plane * p->in_height * p->in_width * 16;
        int64_t y = first / p->out_width, x = first % p->out_width;
        for (int64_t i = first; i < end; ++i, strip += 16) {
            store(strip, load(from + (y * p->stride_height * p->in_width + x * p->stride_width) * 16));
            if (++x == p->out_width) x = 0, ++y;
        }
    }
}

// How an image is seen by the tiles: element (plane, row, column) is at plane * plane_step + row * row_step + column * lane.
typedef struct {
    const float *origin;  // of output row 0's first tap
    int64_t plane_step, row_step;
} conv_source;

typedef struct {
    const fovea_conv_params *p;
    const fovea_conv_args *a;
    conv_shape s;
    store_activation before, f;
    int32_t prefetch;     // 1: the weights are too large to stay in the cache between runs
    int32_t plane;           // the only block of input channels to use, of a flat convolution; -1 for all
    int32_t gated, clear;    // gated: what the gate does not let pass is zeroed; clear: lanes past the last channel are zeroed
} conv_job;

// Zeroes the outputs of a run whose gate values lie outside its bounds.
static void gate_span(const fovea_conv_params *p, const fovea_conv_args *a, float *out, int64_t count) {
    const float *gate = ((const fovea_gated_conv_args *)a)->gate + (out - a->output);
    const v16 low = splat(p->gate_low), high = splat(p->gate_high);
    for (int64_t i = 0; i < count; i += 16) {
        const v16 w = load(gate + i);
        store(out + i, pick((w > low) & (w < high), load(out + i), splat(0)));
    }
}

static const float no_bias[32] __attribute__((aligned(64)));

static void conv_after(const conv_job *j, const tile *t, int v, int rows, int n, int32_t vector) {
    for (int i = 0; i < v; ++i)
        for (int r = 0; r < rows; ++r) {
            float *out = (r ? t->out_b : t->out_a) + i * t->out_vector;
            if (j->f.post) activate_span(j->p->activation, out, out, 16 * n);
            const int lanes = (int)(j->p->out_channels - (int64_t)(vector + i) * 16);
            if (j->gated) gate_span(j->p, j->a, out, 16 * n);
            if (j->clear && lanes < 16)
                for (int q = 0; q < n; ++q) store(out + 16 * q, pick(first_lanes(lanes), load(out + 16 * q), splat(0)));
        }
}

// One tile: the pixels x ..< x + n of `rows` output rows from y on, for the block of channels that `t` has weights of.
INLINE void conv_tile(
    const conv_job *j, tile *t, const conv_source *src, int64_t in_offset, int64_t image, int v, int32_t vector, int64_t y,
    int rows, int64_t x, int n) {
    const fovea_conv_params *p = j->p;
    const int64_t pixel = j->s.flat ? x : y * p->out_width + x;
    const int64_t out = ((int64_t)vector * p->out_height * p->out_width + pixel) * 16;
    t->a = src->origin + in_offset + (j->s.flat ? x * 16 : y * p->stride_height * src->row_step + x * t->pixel_step);
    t->out_a = j->a->output + image * p->out_batch_stride + out;
    t->residual_a = t->residual_b = j->a->residual && t->last ? j->a->residual + image * p->residual_batch_stride + out : NULL;
    if (rows == 2) {
        t->b = t->a + p->stride_height * src->row_step;
        t->out_b = t->out_a + (int64_t)p->out_width * 16;
        if (t->residual_a) t->residual_b = t->residual_a + (int64_t)p->out_width * 16;
    }
    tile_dispatch(t, v, rows, n);
    if (t->last && (j->f.post || j->clear || j->gated)) conv_after(j, t, v, rows, n, vector);
}

// Lines first ..< end of one image for the block of channels that `t` has weights of.
static void conv_block(
    const conv_job *j, tile *t, const conv_source *src, int64_t in_offset, int64_t image, int v, int32_t vector, part_range lines) {
    const conv_shape *s = &j->s;
    for (int64_t line = lines.first; line < lines.end; ++line) {
        const int64_t y = s->flat ? 0 : line * s->line_rows;
        const int rows = s->flat ? 1 : (int)smaller(s->line_rows, j->p->out_height - y);
        for (int64_t i = s->flat ? line : 0, stop = s->flat ? line + 1 : s->tiles; i < stop; ++i) {
            const int64_t all = s->flat ? s->lines : s->tiles;
            const int64_t x = i * s->width / all, n = (i + 1) * s->width / all - x;
            conv_tile(j, t, src, in_offset, image, v, vector, y, rows, x, (int)n);
        }
    }
}

// A block of channels in passes over parts of K: a narrow tile reads its weights so often that they should stay in the first-level
// cache. A pass is one chain of additions, so that passes and chains give the same numbers.
static void conv_passes(
    const conv_job *j, const tile *whole, const conv_source *src, int64_t in_offset, int64_t image, int32_t vector, part_range lines) {
    const int64_t outer_weights = (int64_t)whole->rows * whole->columns * whole->inner * 16;
    tile t = *whole;
    for (int32_t o = 0; o < whole->outer; o += whole->chain) {
        t.last = o + whole->chain >= whole->outer;
        t.outer = t.last ? whole->outer - o : whole->chain;
        t.inner_last = t.last ? whole->inner_last : whole->inner;
        t.w = whole->w + o * outer_weights;
        t.continues = o > 0;
        t.bias = o > 0 ? no_bias : whole->bias;
        t.f = t.last ? whole->f : no_activation;
        conv_block(j, &t, src, in_offset + o * whole->outer_step, image, 1, vector, lines);
    }
}

// True when passes pay: the weights of a tile do not leave room for its pixels in the first-level cache. The output must be free to hold
// sums, and the tile of one or two pixels knows no chains.
static int conv_takes_passes(const conv_job *j, const reduction *k, int v) {
    return TILE_VECTORS == 1 && v == 1 && k->steps > 2 * CHAIN_STEPS && j->s.width > 2 && j->a->residual != j->a->output;
}

// Lines first ..< end of one image for the blocks of channels in `range`.
static void conv_lines(
    const conv_job *j, const conv_source *src, int64_t image, int64_t first, int64_t end, part_range range) {
    const fovea_conv_params *p = j->p;
    const conv_shape *s = &j->s;
    const float *w = j->a->weights;
    const int64_t vectors = blocks16(p->out_channels);
    for (int32_t b = 0; b < range.end; ++b) {
        const reduction k = conv_reduction(p, s->vectors, b);
        const int v = (int)smaller(s->vectors, vectors - (int64_t)b * s->vectors);
        const int32_t vector = b * s->vectors;
        tile t = {.w = w, .outer = k.outer, .rows = p->kernel_height, .columns = k.columns, .inner = k.inner};
        t.inner_last = k.inner_last, t.last = 1;
        t.chain = chain_length((int64_t)t.rows * t.columns * t.inner);
        t.outer_step = src->plane_step;
        t.row_step = p->dilation_height * src->row_step;
        t.column_step = (ptrdiff_t)p->dilation_width * s->lane;
        t.pixel_step = s->flat ? 16 : (ptrdiff_t)p->stride_width * s->lane;
        t.half = v == TILE_VECTORS && p->out_channels - (vector + v) * 16 <= -8;
        t.bias = j->a->bias ? j->a->bias + vector * 16 : no_bias;
        t.out_pixel = 16, t.out_vector = (ptrdiff_t)p->out_height * p->out_width * 16;
        t.f = j->f, t.before = j->before.rounds ? &j->before : NULL;
        w += k.steps * 16 * v;
        if (b < range.first) continue;
        if (j->plane >= 0) {
            t.w += (int64_t)j->plane * 256 * v;
            t.inner_last = j->plane == t.outer - 1 ? t.inner_last : 16;
            t.outer = 1;
        }
        if (b + 1 < range.end && j->prefetch) {
            const int64_t visits = (end - first) * s->tiles;
            t.next = (const char *)w;
            t.next_quarter = (k.steps * 16 * v + 63) / 64 * 64;  // of four bytes each
            t.next_end = t.next + t.next_quarter;
            t.next_lines = (int32_t)((k.inner * v + visits - 1) / visits + 3) / 4 * 4;
        }
        const int64_t in_offset = (j->plane >= 0 ? j->plane : k.first / 16) * src->plane_step;
        const part_range lines = {first, end};
        if (j->plane < 0 && conv_takes_passes(j, &k, v)) conv_passes(j, &t, src, in_offset, image, vector, lines);
        else conv_block(j, &t, src, in_offset, image, v, vector, lines);
    }
}

// Strip by strip, so that a strip's input stays in the cache over all blocks of channels.
static void conv_strips(const conv_job *j, int64_t image, part_range lines, part_range blocks, float *scratch) {
    const fovea_conv_params *p = j->p;
    const conv_shape *s = &j->s;
    const float *input = j->a->input + image * p->in_batch_stride;
    for (int64_t line = lines.first; line < lines.end; line += s->strip_lines) {
        const int64_t end = smaller(line + s->strip_lines, lines.end);
        conv_source src = {input, (int64_t)p->in_height * p->in_width * s->lane, (int64_t)p->in_width * s->lane};
        if (s->gather) {
            const int64_t x = line * s->width / s->lines, stop = end * s->width / s->lines;
            conv_gather_strip(p, s, input, x, stop, scratch);
            src = (conv_source){scratch - x * 16, (stop - x) * 16, 0};
        } else if (s->pad) {
            const int64_t y = line * s->line_rows, rows = strip_rows(p, smaller(end * s->line_rows, p->out_height) - y);
            conv_copy_strip(p, s, input, y * p->stride_height - p->pad_top, rows, scratch);
            src = (conv_source){scratch, rows * s->strip_width * s->lane, s->strip_width * s->lane};
            src.origin -= y * p->stride_height * src.row_step;
        } else if (!s->flat) {
            src.origin -= (int64_t)p->pad_top * src.row_step + (int64_t)p->pad_left * s->lane;
        }
        conv_lines(j, &src, image, line, end, blocks);
    }
}

// 1 when parts share blocks of channels rather than lines: few lines, or weights larger than the input and an even split.
static int conv_split_channels(const fovea_conv_params *p, const conv_shape *s, int parts) {
    const int64_t lines = (int64_t)s->lines * p->batch;
    const int64_t line_turns = (lines + parts - 1) / parts * s->blocks, block_turns = (s->blocks + parts - 1) / parts * lines;
    const int64_t weights = (int64_t)p->out_channels * (p->in_channels / p->groups) * p->kernel_height * p->kernel_width;
    const int64_t input = (int64_t)p->in_channels * p->in_height * p->in_width;
    return weights > input ? block_turns * 9 <= line_turns * 10 : block_turns * 10 < line_turns * 9;
}

// Blocks of input channels that are worth a pass of their own each.
#define SPARSE_PLANES 4

// The blocks of input channels that hold anything but zeros, or -1 when there are more than SPARSE_PLANES.
static int conv_find_planes(const fovea_conv_params *p, const float *input, int32_t *planes) {
    const int64_t floats = (int64_t)p->in_height * p->in_width * 16;
    int count = 0;
    for (int32_t c = 0; c < blocks16(p->in_channels); ++c) {
        i16 any = (i16)0;
        for (int64_t i = 0; i < floats && !__builtin_reduce_or(any); i += 16) any |= load(input + c * floats + i) != splat(0);
        if (!__builtin_reduce_or(any)) continue;
        if (count == SPARSE_PLANES) return -1;
        planes[count++] = c;
    }
    return count;
}

// A flat convolution of one picture, block by block of its input channels: the sums are those of all blocks at once, but for rounding.
static int conv_sparse(const conv_job *all, part_range lines, part_range blocks, float *scratch) {
    const fovea_conv_params *p = all->p;
    int32_t planes[SPARSE_PLANES] = {0};
    const int count = conv_find_planes(p, all->a->input, planes);
    if (count < 0) return 0;
    fovea_gated_conv_args a = {.args = *all->a};
    if (p->gated) a.gate = ((const fovea_gated_conv_args *)all->a)->gate;
    for (int i = 0; i < (count > 1 ? count : 1); ++i) {
        conv_job j = *all;
        j.a = &a.args, j.plane = planes[i];
        if (i + 1 < count) j.f = no_activation, j.gated = 0;
        if (i > 0) a.args.bias = NULL, a.args.residual = a.args.output;
        conv_strips(&j, 0, lines, blocks, scratch);
    }
    return 1;
}

static void conv_dense(const fovea_conv_params *p, const fovea_conv_args *a, int part, int parts) {
    conv_job j = {.p = p, .a = a, .s = conv_plan(p)};
    j.before = in_rounding_store(p->before), j.f = in_rounding_store(p->activation);
    j.plane = -1, j.gated = p->gated;
    j.prefetch = (int64_t)j.s.vectors * j.s.blocks * 16 * conv_reduction(p, j.s.vectors, 0).steps > PREFETCH_FLOATS;
    j.clear = fills_padding(p->activation, p->out_channels);
    float *scratch = (float *)a->scratch + j.s.scratch_floats * part;
    part_range blocks = {0, j.s.blocks}, lines = {0, (int64_t)j.s.lines * p->batch};
    if (conv_split_channels(p, &j.s, parts)) blocks = share(j.s.blocks, part, parts);
    else lines = share(lines.end, part, parts);
    if (blocks.first == blocks.end) return;
    if (p->sparse && !j.before.rounds && p->batch == 1 && p->groups == 1 && j.s.flat && !j.s.gather && conv_sparse(&j, lines, blocks, scratch)) return;
    for (int64_t line = lines.first; line < lines.end;) {
        const int64_t image = line / j.s.lines, from = line % j.s.lines;
        const int64_t to = smaller(j.s.lines, from + lines.end - line);
        conv_strips(&j, image, (part_range){from, to}, blocks, scratch);
        line += to - from;
    }
}

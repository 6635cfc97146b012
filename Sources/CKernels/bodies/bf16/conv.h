// Convolution as products of tiles; bias, residual and activation in the store.
#pragma once
#include "pack.h"
#include "strip.h"

#define PREFETCH_WEIGHTS (256 * 1024)  // bytes that do not stay in the second-level cache from run to run

typedef struct {
    const fovea_bf16_conv_params *q;
    const fovea_bf16_conv_args *a;
    bf16_shape s;
    store_activation f;
    int32_t prefetch;
} bf16_job;

// Where a block of output channels goes.
typedef struct {
    int halves;
    __mmask32 channels, written;  // lanes that hold channels; lanes that are stored
    const bf16 *residual;
    bf16 *output;                 // pixel 0 of the strip's first line
    float bias[32] __attribute__((aligned(64)));
} bf16_block;

// 16 pixels of a strip, from number q on; those from `skip` to below `end` are stored.
typedef struct {
    int64_t q;
    int skip, end;
} bf16_group;

// n pixels whose sums are [16][16] at c, and at c + 256 for the second half.
INLINE void store_run(
    const bf16_job *j, const bf16_block *b, const float *c, int n, bf16 *out, const bf16 *residual, const int halves,
    const int masked, const int below) {
    const v16 low = splat(j->f.low), high = splat(j->f.high);
    for (int i = 0; i < n; ++i, out += 32) {
        v32 x = {load(c + 16 * i), halves == 2 ? load(c + 256 + 16 * i) : splat(0)};
        if (residual) x = add_residual(x, residual + 32 * i);
        x = clamped(x, low, high, below);
        const __m512i y = rounded(x.first, x.last);
        if (masked) _mm512_mask_storeu_epi16(out, b->written, _mm512_maskz_mov_epi16(b->channels, y));
        else _mm512_store_si512(out, y);
    }
}

// The same for functions that are no clamp.
static void store_function(const bf16_job *j, const bf16_block *b, const float *c, int n, bf16 *out, const bf16 *residual) {
    float t[512] __attribute__((aligned(64)));
    for (int i = 0; i < n; ++i) {
        v32 x = {load(c + 16 * i), b->halves == 2 ? load(c + 256 + 16 * i) : splat(0)};
        x = residual ? add_residual(x, residual + 32 * i) : x;
        x = widen_both(rounded(x.first, x.last));
        store(t + 32 * i, x.first), store(t + 32 * i + 16, x.last);
    }
    activate_span(j->q->conv.activation, t, t, 32 * n);
    for (int i = 0; i < n; ++i)
        _mm512_mask_storeu_epi16(
            out + 32 * i, b->written, _mm512_maskz_mov_epi16(b->channels, rounded(load(t + 32 * i), load(t + 32 * i + 16))));
}

static void store_pixels(const bf16_job *j, const bf16_block *b, const float *c, int n, int64_t pixel) {
    bf16 *out = b->output + pixel * 32;
    const bf16 *residual = b->residual ? b->residual + pixel * 32 : NULL;
    const int whole = b->channels == 0xffffffff && b->written == 0xffffffff;
    if (j->f.post) store_function(j, b, c, n, out, residual);
    else if (!whole && b->halves == 2) store_run(j, b, c, n, out, residual, 2, 1, 1);
    else if (!whole) store_run(j, b, c, n, out, residual, 1, 1, 1);
    else if (residual) store_run(j, b, c, n, out, residual, 2, 0, 1);
    else if (j->f.high < INFINITY) store_run(j, b, c, n, out, NULL, 2, 0, 1);
    else store_run(j, b, c, n, out, NULL, 2, 0, 0);
}

// Pixels past the width of a line are no output.
static void store_group(const bf16_job *j, const bf16_block *b, const float *c, bf16_group g) {
    for (int i = g.skip; i < g.end;) {
        const int64_t line = (g.q + i) / j->s.pitch, x = (g.q + i) % j->s.pitch;
        if (x >= j->s.width) {
            i += (int)(j->s.pitch - x);
            continue;
        }
        const int n = (int)smaller(g.end - i, j->s.width - x);
        store_pixels(j, b, c + 16 * i, n, line * j->s.width + x);
        i += n;
    }
}

// The group of pixels q …< q + 16 of `count`. Where nothing may be read past the end it reaches back.
INLINE bf16_group group_at(const bf16_job *j, int64_t q, int64_t count) {
    const int past = (int)larger(0, q + 16 - count);
    if (j->s.source == SOURCE_ROW || j->s.source == SOURCE_PLACE) return (bf16_group){q - past, past, 16};
    return (bf16_group){q, 0, 16 - past};
}

// True where the product may store its sums itself: all lanes are channels, only a clamp follows, and pixels of the strip are pixels of the
// output.
INLINE int stores_sums(const bf16_job *j, const bf16_block *b) {
    return TILE_STORES && (b->channels & b->written) == 0xffffffff && !j->f.post && j->s.pitch == j->s.width;
}

// Group g of the tile. What lies past the width of a line does not count at its beginning and end.
INLINE void set_group(const bf16_job *j, const bf16_block *b, bf16_tile *t, int g, const char *pixels, bf16_group group) {
    t->pixels[g] = pixels + group.q * t->pixel_bytes;
    t->output[g] = b->output + 32 * group.q, t->residual[g] = b->residual ? b->residual + 32 * group.q : NULL;
    t->from[g] = group.skip, t->to[g] = group.end;
    if (j->s.pitch == j->s.width) return;
    const int64_t first = (group.q + group.skip) % j->s.pitch, last = (group.q + group.end - 1) % j->s.pitch;
    if (first >= j->s.width) t->from[g] += (int32_t)(j->s.pitch - first);
    if (last >= j->s.width) t->to[g] -= (int32_t)(last - j->s.width + 1);
}

// 33 to 64 pixels of windows larger than 1x1.
static void block_columns(const bf16_job *j, const bf16_block *b, bf16_tile *t, const char *pixels, int64_t count) {
    float sums[TILE_SUMS] __attribute__((aligned(64)));
    const int n = (int)((count + 15) / 16);
    bf16_group groups[4];
    for (int g = 0; g < n; ++g) {
        groups[g] = group_at(j, 16 * g, count);
        set_group(j, b, t, g, pixels, groups[g]);
    }
    tile_columns(t, n, b->halves, sums);
    if (t->stores) return;
    for (int g = 0; g < n; ++g) store_group(j, b, sums + 512 * g, groups[g]);
}

// All pixels of a strip for one block: `count` of them from `pixels` on. While tiles multiply, the product before is stored.
static void block_pixels(const bf16_job *j, const bf16_block *b, bf16_tile *t, const char *pixels, int64_t count) {
    float sums[2][1024] __attribute__((aligned(64)));
    bf16_group groups[2][2];
    int waiting = 0, turn = 0;
    for (int64_t q = 0; q < count; q += 32, turn ^= 1) {
        const int n = q + 16 < count ? 2 : 1;
        for (int g = 0; g < n; ++g) {
            groups[turn][g] = group_at(j, q + 16 * g, count);
            set_group(j, b, t, g, pixels, groups[turn][g]);
        }
        tile_products(t, n, b->halves, sums[turn]);
        if (t->stores) continue;
        for (int g = 0; g < waiting; ++g) store_group(j, b, sums[turn ^ 1] + 512 * g, groups[turn ^ 1][g]);
        tile_store(n, b->halves, sums[turn]);
        waiting = n;
    }
    for (int g = 0; g < waiting; ++g) store_group(j, b, sums[turn ^ 1] + 512 * g, groups[turn ^ 1][g]);
}

static bf16_block block_of(const bf16_job *j, int64_t image, int64_t index, int64_t first_pixel) {
    const fovea_conv_params *p = &j->q->conv;
    const int64_t before = j->q->first_lane - 32 * index, last = before + p->out_channels;
    const int64_t at = (index * p->out_height * p->out_width + first_pixel) * 32;
    bf16_block b = {.halves = block_halves(j->q, index), .channels = lanes32(before, last)};
    b.written = lanes32(before, j->q->keeps_rest ? last : 32);
    b.output = j->a->output + image * p->out_batch_stride + at;
    b.residual = j->a->residual ? j->a->residual + image * p->residual_batch_stride + at : NULL;
    for (int h = 0; h < 2; ++h) {
        const int64_t c = 16 * h - before;
        store(b.bias + 16 * h, j->a->bias && c >= 0 && c < p->out_channels ? loadu(j->a->bias + c) : splat(0));
    }
    return b;
}

// Where each step of K reads, from the strip's first pixel on, and how many pairs of its numbers are not zeros for all pixels.
static void fill_steps(const bf16_job *j, int64_t lines, int32_t *offsets, int32_t *pairs) {
    const fovea_conv_params *p = &j->q->conv;
    const bf16_shape *s = &j->s;
    if (s->source == SOURCE_PLANAR) {
        for (int32_t k = 0, steps = planar_steps(p); k < s->steps; ++k) {
            *offsets++ = (int32_t)(k / steps * p->dilation_height * planar_pitch(p) * 2 + k % steps * 64);
            *pairs++ = (int32_t)smaller(16, (planar_numbers(p) - k % steps * 32 + 1) / 2);
        }
        return;
    }
    const int copied = s->source == SOURCE_COPY;
    const int64_t phase = plane_bytes(s, lines), picture = (int64_t)p->in_height * p->in_width * 64;
    for (int64_t plane = 0; plane < s->planes; ++plane)
        for (int32_t a = 0; a < p->kernel_height; ++a)
            for (int32_t b = 0; b < p->kernel_width; ++b) {
                const int32_t row = tap_phase(a, p->dilation_height, p->stride_height);
                const int32_t column = s->spread ? b : tap_phase(b, p->dilation_width, p->stride_width);
                const int32_t shift = s->spread ? 0 : tap_shift(b, p->dilation_width, p->stride_width);
                const int64_t of_plane = copied ? ((plane * s->phase_rows + row) * s->phase_columns + column) * phase : plane * picture;
                const int64_t pixel = tap_shift(a, p->dilation_height, p->stride_height) * s->pitch + shift;
                *offsets++ = (int32_t)(of_plane + pixel * 64);
                *pairs++ = (int32_t)smaller(16, (p->in_channels - 32 * plane + 1) / 2);
            }
}

// Lines first ..< end of an image, a strip, for the blocks in `range`.
static void conv_strip(const bf16_job *j, int64_t image, int64_t first, int64_t end, part_range range, char *scratch) {
    const fovea_conv_params *p = &j->q->conv;
    const bf16_shape *s = &j->s;
    int32_t *offsets = (int32_t *)scratch, *pairs = offsets + s->steps;
    char *strip = scratch + s->table_bytes;
    const int64_t line_pixels = s->source == SOURCE_ROW ? LINE_PIXELS : s->pitch, first_pixel = first * (s->source == SOURCE_ROW ? LINE_PIXELS : s->width);
    const char *pixels = strip;
    int64_t count = (end - first) * line_pixels - (s->pitch - s->width) * (s->source != SOURCE_ROW);
    if (s->source == SOURCE_ROW) count = smaller(count, s->width - first_pixel);
    if (s->source == SOURCE_COPY) copy_strip(p, s, (const bf16 *)j->a->input + image * p->in_batch_stride, first, end - first, (bf16 *)strip);
    else if (s->source == SOURCE_PLANAR) copy_planes(p, (const float *)j->a->input + image * p->in_batch_stride, first, end - first, (bf16 *)strip);
    else pixels = (const char *)((const bf16 *)j->a->input + image * p->in_batch_stride) + first * line_pixels * 64;
    fill_steps(j, end - first, offsets, pairs);
    for (int64_t index = range.first; index < range.end; ++index) {
        bf16_block b = block_of(j, image, index, first_pixel);
        bf16_tile t = {.pixel_bytes = s->pixel_bytes, .offsets = offsets, .pairs = pairs, .steps = s->steps, .bias = b.bias};
        t.stores = stores_sums(j, &b), t.low = j->f.low, t.high = j->f.high;
        t.weights = (const char *)j->a->weights + index * s->steps * 2048;
        if (j->prefetch && index + 1 < range.end) {
            t.next = t.weights + (int64_t)s->steps * 2048;
            t.next_quarter = (int64_t)s->steps * 512;
            t.next_lines = (int32_t)larger(1, 8 / ((count + 31) / 32));
        }
        if (s->source == SOURCE_COPY && s->steps > s->planes && count > 32 && count <= 64) {
            block_columns(j, &b, &t, pixels, count);
            continue;
        }
        if (s->source != SOURCE_PLANAR) {
            block_pixels(j, &b, &t, pixels, count);
            continue;
        }
        for (int64_t line = 0; line < end - first; ++line, b.output += s->width * 32, b.residual += b.residual ? s->width * 32 : 0)
            block_pixels(j, &b, &t, pixels + line * p->stride_height * planar_pitch(p) * 2, s->width);
    }
}

// 1 when parts share blocks of channels rather than lines: few lines, or weights larger than the input and an even split.
static int dense_splits_channels(const fovea_conv_params *p, const bf16_shape *s, int parts) {
    const int64_t lines = (int64_t)s->lines * p->batch;
    const int64_t line_turns = (lines + parts - 1) / parts * s->blocks, block_turns = (s->blocks + parts - 1) / parts * lines;
    const int64_t weights = (int64_t)p->out_channels * p->in_channels * p->kernel_height * p->kernel_width;
    const int64_t input = (int64_t)p->in_channels * p->in_height * p->in_width;
    return weights > input ? block_turns * 9 <= line_turns * 10 : block_turns * 10 < line_turns * 9;
}

static void dense(const fovea_bf16_conv_params *q, const fovea_bf16_conv_args *a, int part, int parts) {
    const fovea_conv_params *p = &q->conv;
    bf16_job j = {.q = q, .a = a, .s = bf16_plan(q), .f = in_store(p->activation)};
    j.prefetch = (int64_t)j.s.steps * j.s.blocks * 2048 > PREFETCH_WEIGHTS;
    char *scratch = (char *)a->scratch + (j.s.table_bytes + j.s.strip_bytes) * part;
    part_range blocks = {0, j.s.blocks}, lines = {0, (int64_t)j.s.lines * p->batch};
    if (dense_splits_channels(p, &j.s, parts)) blocks = share(j.s.blocks, part, parts);
    else lines = share(lines.end, part, parts);
    if (blocks.first == blocks.end) return;
    tile_begin();
    for (int64_t line = lines.first; line < lines.end;) {
        const int64_t image = line / j.s.lines, from = line % j.s.lines;
        const int64_t to = smaller(smaller(j.s.lines, from + j.s.strip_lines), from + lines.end - line);
        conv_strip(&j, image, from, to, blocks, scratch);
        line += to - from;
    }
    tile_end();
}

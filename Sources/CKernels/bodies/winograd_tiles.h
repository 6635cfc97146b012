// Tiles of a picture to points and back: the two-dimensional transforms are the one-dimensional ones along columns, then rows.
#pragma once
#include "activation.h"
#include "winograd_transform.h"

// What follows from the parameters.
typedef struct {
    int kind, n, m;
    int32_t tiles_x, tiles_y;      // tiles in a row and in a column of the output
    int64_t tiles;                 // of the whole batch
    int64_t blocks, block_groups;  // blocks of tiles; groups of at most TILE_PIXELS tiles in a block
    int split_channels;            // 1 when parts share output channels and not blocks of tiles
    int32_t planes, vectors;       // blocks of 16 input and output channels
    int64_t run_pairs;             // pairs of vectors of output channels whose products are kept at a time
    int64_t x_point, y_point;      // floats from one point to the next in transformed input and in products
} winograd_shape;

// Transformed data of a group of tiles is [n][n][plane][TILE_PIXELS][16] floats, so that a product reads its operand linearly. A line
// between the points spreads them over the sets of the caches.
#define PLANE_FLOATS (TILE_PIXELS * 16)

static int64_t winograd_point_floats(int32_t planes) { return (planes * TILE_PIXELS | 1) * 16; }

typedef struct {
    const fovea_conv_params *p;
    const fovea_conv_args *a;
    winograd_shape s;
    float low, high;
    int post, clear;  // post: the activation is run over what is stored; clear: lanes past the last channel are zeroed
} winograd_job;

// Where a tile lies: its image, and the output row and column of its corner.
typedef struct {
    int64_t image;
    int32_t y, x;
} tile_place;

static tile_place winograd_place(const winograd_shape *s, int64_t tile) {
    const int64_t row = tile / s->tiles_x;
    return (tile_place){row / s->tiles_y, (int32_t)(row % s->tiles_y) * s->m, (int32_t)(tile % s->tiles_x) * s->m};
}

static void winograd_next(const winograd_shape *s, tile_place *at) {
    if ((at->x += s->m) < s->tiles_x * s->m) return;
    at->x = 0;
    if ((at->y += s->m) < s->tiles_y * s->m) return;
    at->y = 0, ++at->image;
}

// One tile of one block of channels: n rows of n pixels to n x n points.
INLINE void tile_to_points(const int kind, const int n, const float *from, ptrdiff_t row, float *to, ptrdiff_t step) {
    for (int half = 0; half < 16; half += LANES) {
        vec columns[WINOGRAD_MOST_POINTS][WINOGRAD_MOST_POINTS];
        UNROLL for (int c = 0; c < n; ++c) {
            vec d[WINOGRAD_MOST_POINTS];
            UNROLL for (int i = 0; i < n; ++i) d[i] = vec_load(from + i * row + c * 16 + half);
            transform_input(kind, d, columns[c]);
        }
        UNROLL for (int i = 0; i < n; ++i) {
            vec d[WINOGRAD_MOST_POINTS], o[WINOGRAD_MOST_POINTS];
            UNROLL for (int c = 0; c < n; ++c) d[c] = columns[c][i];
            transform_input(kind, d, o);
            float *point = to + i * n * step + half;
            OPAQUE(point);
            UNROLL for (int c = 0; c < n; ++c) vec_store(point + c * step, o[c]);
        }
    }
}

// The n x n pixels whose corner is (y, x), zero outside of the plane.
static void winograd_patch(const fovea_conv_params *p, const float *plane, int64_t y, int64_t x, int n, float *patch) {
    const int64_t left = larger(0, smaller(-x, n)), right = larger(left, smaller(n, p->in_width - x));
    for (int64_t i = 0; i < n; ++i, patch += n * 16) {
        const int outside = y + i < 0 || y + i >= p->in_height;
        const int64_t first = outside ? n : left, end = outside ? n : right;
        for (int64_t c = 0; c < first; ++c) store(patch + c * 16, splat(0));
        for (int64_t c = first; c < end; ++c) store(patch + c * 16, load(plane + ((y + i) * p->in_width + x + c) * 16));
        for (int64_t c = end; c < n; ++c) store(patch + c * 16, splat(0));
    }
}

// `count` <= TILE_PIXELS tiles from `first` on, all input channels, to the group x.
INLINE void winograd_input(const winograd_job *j, const int kind, const int n, int64_t first, int64_t count, float *x) {
    const fovea_conv_params *p = j->p;
    const winograd_shape *s = &j->s;
    const int64_t stride = winograd_kinds[kind].stride;
    const ptrdiff_t row = (ptrdiff_t)p->in_width * 16;
    float patch[WINOGRAD_MOST_POINTS * WINOGRAD_MOST_POINTS * 16] __attribute__((aligned(64)));
    for (int64_t plane = 0; plane < s->planes; ++plane) {
        tile_place at = winograd_place(s, first);
        float *to = x + plane * PLANE_FLOATS;
        for (int64_t t = 0; t < count; ++t, to += 16, winograd_next(s, &at)) {
            const float *from = j->a->input + at.image * p->in_batch_stride + plane * p->in_height * row;
            const int64_t top = (int64_t)at.y * stride - p->pad_top, left = (int64_t)at.x * stride - p->pad_left;
            if (top >= 0 && left >= 0 && top + n <= p->in_height && left + n <= p->in_width) {
                tile_to_points(kind, n, from + top * row + left * 16, row, to, s->x_point);
            } else {
                winograd_patch(p, from, top, left, n, patch);
                tile_to_points(kind, n, patch, n * 16, to, s->x_point);
            }
        }
    }
}

// Where the sums of one tile of 16 channels go.
typedef struct {
    const float *residual;  // of the corner of the tile, or NULL
    float *out;
    ptrdiff_t row;          // floats from one row of output and residual to the next
    int rows, columns;      // of the tile that lie inside
} tile_target;

INLINE v16 winograd_finish(const winograd_job *j, v16 sum, const float *residual) {
    sum = residual ? sum + load(residual) : sum;
    return at_most(at_least(sum, splat(j->low)), splat(j->high));
}

// n x n points to m x m pixels, with the bias.
INLINE void points_to_pixels(const int kind, const int n, const int m, const float *from, ptrdiff_t step, const float *bias, float *pixels) {
    for (int half = 0; half < 16; half += LANES) {
        vec columns[WINOGRAD_MOST_POINTS][4];
        const vec b = vec_load(bias + half);
        UNROLL for (int c = 0; c < n; ++c) {
            vec d[WINOGRAD_MOST_POINTS];
            const float *point = from + c * step + half;
            OPAQUE(point);
            UNROLL for (int i = 0; i < n; ++i) d[i] = vec_load(point + i * n * step);
            transform_output(kind, d, columns[c]);
        }
        UNROLL for (int i = 0; i < m; ++i) {
            vec d[WINOGRAD_MOST_POINTS], o[4];
            UNROLL for (int c = 0; c < n; ++c) d[c] = columns[c][i];
            transform_output(kind, d, o);
            UNROLL for (int c = 0; c < m; ++c) vec_store(pixels + (i * m + c) * 16 + half, o[c] + b);
        }
    }
}

static void winograd_after(const winograd_job *j, const tile_target *t, int32_t vector) {
    const int lanes = (int)(j->p->out_channels - (int64_t)vector * 16);
    for (int i = 0; i < t->rows; ++i) {
        float *out = t->out + i * t->row;
        if (j->post) activate_span(j->p->activation, out, out, 16 * t->columns);
        if (j->p->gated) gate_span(j->p, j->a, out, 16 * t->columns);
        if (j->clear && lanes < 16) clear_lanes(out, t->columns, lanes);
    }
}

INLINE void winograd_store(const winograd_job *j, const int m, const tile_target *t, const float *pixels) {
    if (t->rows == m && t->columns == m) {
        UNROLL for (int i = 0; i < m; ++i)
            UNROLL for (int c = 0; c < m; ++c) {
                const ptrdiff_t at = i * t->row + c * 16;
                store(t->out + at, winograd_finish(j, load(pixels + (i * m + c) * 16), t->residual ? t->residual + at : NULL));
            }
        return;
    }
    for (int i = 0; i < t->rows; ++i)
        for (int c = 0; c < t->columns; ++c) {
            const ptrdiff_t at = i * t->row + c * 16;
            store(t->out + at, winograd_finish(j, load(pixels + (i * m + c) * 16), t->residual ? t->residual + at : NULL));
        }
}

INLINE v16 larger_or_nan(v16 a, v16 b) { return pick((b > a) | (b != b), b, a); }

// The largest of each whole 2x2 of the tile's pixels; the rows and columns of the target are those that lie inside before.
INLINE void winograd_store_maxima(const winograd_job *j, const int m, const tile_target *t, const float *pixels) {
    for (int i = 0; i + 1 < t->rows; i += 2)
        for (int c = 0; c + 1 < t->columns; c += 2) {
            const float *corner = pixels + (i * m + c) * 16;
            const v16 top = larger_or_nan(winograd_finish(j, load(corner), NULL), winograd_finish(j, load(corner + 16), NULL));
            const v16 below = larger_or_nan(winograd_finish(j, load(corner + m * 16), NULL), winograd_finish(j, load(corner + m * 16 + 16), NULL));
            store(t->out + i / 2 * t->row + c / 2 * 16, larger_or_nan(top, below));
        }
}

static const float winograd_no_bias[16] __attribute__((aligned(64)));

// `count` <= TILE_PIXELS tiles from `first` on, one vector of output channels: y is its plane of a group of products.
INLINE void winograd_output(
    const winograd_job *j, const int kind, const int n, const int m, int64_t first, int64_t count, int32_t vector, const float *y) {
    const fovea_conv_params *p = j->p;
    const float *bias = j->a->bias ? j->a->bias + vector * 16 : winograd_no_bias;
    const int step = p->pooled ? 2 : 1;  // pixels of the result to one that is stored
    const ptrdiff_t row = (ptrdiff_t)(p->out_width / step) * 16;
    float pixels[4 * 4 * 16] __attribute__((aligned(64)));
    tile_place at = winograd_place(&j->s, first);
    for (int64_t t = 0; t < count; ++t, y += 16, winograd_next(&j->s, &at)) {
        const int64_t corner = ((int64_t)vector * (p->out_height / step) + at.y / step) * row + (int64_t)(at.x / step) * 16;
        tile_target target = {.row = row, .out = j->a->output + at.image * p->out_batch_stride + corner};
        if (j->a->residual) target.residual = j->a->residual + at.image * p->residual_batch_stride + corner;
        target.rows = (int)smaller(m, p->out_height - at.y), target.columns = (int)smaller(m, p->out_width - at.x);
        points_to_pixels(kind, n, m, y, j->s.y_point, bias, pixels);
        if (p->pooled) {
            winograd_store_maxima(j, m, &target, pixels);
            target.rows /= 2, target.columns /= 2;
        } else {
            winograd_store(j, m, &target, pixels);
        }
        if (j->post || j->clear || p->gated) winograd_after(j, &target, vector);
    }
}

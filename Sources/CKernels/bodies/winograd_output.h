// Points to tiles of the output: the one-dimensional transforms along columns, then along rows; bias, residual, activation, pooling.
#pragma once
#include "winograd_tiles.h"

// Where the sums of one tile of 16 channels go.
typedef struct {
    const float *residual;  // of the corner of the tile, or NULL
    float *out;
    ptrdiff_t row;          // floats from one row of output and residual to the next
    int rows, columns;      // of the tile that lie inside
} tile_target;

// rounds: 1 where the job may round, known when inlined.
INLINE v16 winograd_finish(const winograd_job *j, const int rounds, v16 sum, const float *residual) {
    if (rounds && residual && j->before.rounds) sum = stored(1, &j->before, sum);
    return stored(rounds && j->f.rounds, &j->f, residual ? sum + load(residual) : sum);
}

// Points to rows x columns pixels, m apart, with the bias.
INLINE void points_to_pixels(
    const int kind, const int rows, const int columns, const int edged, const float *from, const tile_points *at, const float *bias,
    float *pixels) {
    const winograd_axis r = winograd_axis_of(kind, rows), c = winograd_axis_of(kind, columns);
    const int m = winograd_kinds[kind].m;
    for (int half = 0; half < 16; half += LANES) {
        vec lines[WINOGRAD_MOST_POINTS][4];
        const vec b = vec_load(bias + half);
        UNROLL for (int x = 0; x < c.n; ++x) {
            vec d[WINOGRAD_MOST_POINTS];
            const float *point = from + half;
            if (!edged) point += c.points[x] * at->step;
            OPAQUE(point);
            UNROLL for (int i = 0; i < r.n; ++i)
                d[i] = vec_load(point + r.points[i] * at->row + (edged ? column_offset(at, 1, r.points[i], c.points[x]) : 0));
            transform_output_of(kind, rows, d, lines[x]);
        }
        UNROLL for (int i = 0; i < rows; ++i) {
            vec d[WINOGRAD_MOST_POINTS], o[4];
            UNROLL for (int x = 0; x < c.n; ++x) d[x] = lines[x][i];
            transform_output_of(kind, columns, d, o);
            UNROLL for (int x = 0; x < columns; ++x) vec_store(pixels + (i * m + x) * 16 + half, o[x] + b);
        }
    }
}

typedef void (*edge_to_pixels)(const float *, const tile_points *, const float *, float *);

#define EDGE_OUTPUT(kind, rows, columns) \
    static void to_pixels_##kind##_##rows##_##columns(const float *from, const tile_points *at, const float *bias, float *pixels) { \
        points_to_pixels(WINOGRAD_##kind, rows, columns, 1, from, at, bias, pixels); \
    }
EDGE_FUNCTIONS(EDGE_OUTPUT, to_pixels, edge_to_pixels, edge_outputs);

INLINE void output_tile(const int kind, const float *from, const tile_points *at, const float *bias, float *pixels) {
    const edge_tile *e = at->edge;
    const int m = winograd_kinds[kind].m;
    if (e) edge_outputs[kind][e->rows - 1][e->columns - 1](from, at, bias, pixels);
    else points_to_pixels(kind, m, m, 0, from, at, bias, pixels);
}

static void winograd_after(const winograd_job *j, const tile_target *t, int32_t vector) {
    const int lanes = (int)(j->p->out_channels - (int64_t)vector * 16);
    for (int i = 0; i < t->rows; ++i) {
        float *out = t->out + i * t->row;
        if (j->f.post) activate_span(j->p->activation, out, out, 16 * t->columns);
        if (j->p->gated) gate_span(j->p, j->a, out, 16 * t->columns);
        if (j->clear && lanes < 16) clear_lanes(out, t->columns, lanes);
    }
}

INLINE void winograd_store(const winograd_job *j, const int rounds, const int m, const tile_target *t, const float *pixels) {
    if (t->rows == m && t->columns == m) {
        UNROLL for (int i = 0; i < m; ++i)
            UNROLL for (int c = 0; c < m; ++c) {
                const ptrdiff_t at = i * t->row + c * 16;
                store(t->out + at, winograd_finish(j, rounds, load(pixels + (i * m + c) * 16), t->residual ? t->residual + at : NULL));
            }
        return;
    }
    for (int i = 0; i < t->rows; ++i)
        for (int c = 0; c < t->columns; ++c) {
            const ptrdiff_t at = i * t->row + c * 16;
            store(t->out + at, winograd_finish(j, rounds, load(pixels + (i * m + c) * 16), t->residual ? t->residual + at : NULL));
        }
}

INLINE v16 larger_or_nan(v16 a, v16 b) { return pick((b > a) | (b != b), b, a); }

// The largest of each whole 2x2 of the tile's pixels; the rows and columns of the target are those that lie inside before.
INLINE void winograd_store_maxima(const winograd_job *j, const int m, const tile_target *t, const float *pixels) {
    for (int i = 0; i + 1 < t->rows; i += 2)
        for (int c = 0; c + 1 < t->columns; c += 2) {
            const float *corner = pixels + (i * m + c) * 16;
            const v16 top = larger_or_nan(winograd_finish(j, 0, load(corner), NULL), winograd_finish(j, 0, load(corner + 16), NULL));
            const v16 below = larger_or_nan(winograd_finish(j, 0, load(corner + m * 16), NULL), winograd_finish(j, 0, load(corner + m * 16 + 16), NULL));
            store(t->out + i / 2 * t->row + c / 2 * 16, larger_or_nan(top, below));
        }
}

static const float winograd_no_bias[16] __attribute__((aligned(64)));

// `count` <= TILE_PIXELS tiles from `first` on, one vector of output channels: y is its plane of a group of products. `edges` are of the
// shape's y_point, or NULL.
INLINE void winograd_output(
    const winograd_job *j, const int kind, int64_t first, int64_t count, const edge_tile *edges, int32_t vector, const float *y) {
    const fovea_conv_params *p = j->p;
    const int n = winograd_kinds[kind].n, m = winograd_kinds[kind].m;
    const float *bias = j->a->bias ? j->a->bias + vector * 16 : winograd_no_bias;
    const int step = p->pooled ? 2 : 1;  // pixels of the result to one that is stored
    const ptrdiff_t row = (ptrdiff_t)(p->out_width / step) * 16;
    float pixels[4 * 4 * 16] __attribute__((aligned(64)));
    tile_points points = {n * j->s.y_point, j->s.y_point, NULL, j->s.lacks_row};
    tile_place at = winograd_place(&j->s, first);
    for (int64_t t = 0; t < count; ++t, winograd_next(&j->s, &at)) {
        if (edges) points.edge = edges + t;
        const int64_t corner = ((int64_t)vector * (p->out_height / step) + at.y / step) * row + (int64_t)(at.x / step) * 16;
        tile_target target = {.row = row, .out = j->a->output + at.image * p->out_batch_stride + corner};
        if (j->a->residual) target.residual = j->a->residual + at.image * p->residual_batch_stride + corner;
        target.rows = tile_rows_inside(&j->s, &at), target.columns = tile_columns_inside(&j->s, &at);
        output_tile(kind, edges ? y : y + t * 16, &points, bias, pixels);
        if (p->pooled) {
            winograd_store_maxima(j, m, &target, pixels);
            target.rows /= 2, target.columns /= 2;
        } else if (j->f.rounds || j->before.rounds) {
            winograd_store(j, 1, m, &target, pixels);
        } else {
            winograd_store(j, 0, m, &target, pixels);
        }
        if (j->f.post || j->clear || p->gated) winograd_after(j, &target, vector);
    }
}

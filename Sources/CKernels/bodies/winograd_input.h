// Tiles of a picture to points: the one-dimensional transforms along columns, then along rows.
#pragma once
#include "winograd_tiles.h"

// One tile of one block of channels: the pixels that `rows` x `columns` outputs read to points; edged: `at` has an edge.
INLINE void tile_to_points(
    const int kind, const int rows, const int columns, const int edged, const float *from, ptrdiff_t row, float *to, const tile_points *at) {
    const winograd_axis r = winograd_axis_of(kind, rows), c = winograd_axis_of(kind, columns);
    for (int half = 0; half < 16; half += LANES) {
        vec lines[WINOGRAD_MOST_POINTS][WINOGRAD_MOST_POINTS];
        UNROLL for (int x = 0; x < c.n; ++x) {
            vec d[WINOGRAD_MOST_POINTS];
            UNROLL for (int i = 0; i < r.n; ++i) d[i] = vec_load(from + i * row + x * 16 + half);
            transform_input_of(kind, rows, d, lines[x]);
        }
        UNROLL for (int i = 0; i < r.n; ++i) {
            vec d[WINOGRAD_MOST_POINTS], o[WINOGRAD_MOST_POINTS];
            UNROLL for (int x = 0; x < c.n; ++x) d[x] = lines[x][i];
            transform_input_of(kind, columns, d, o);
            float *point = to + r.points[i] * at->row + half;
            OPAQUE(point);
            UNROLL for (int x = 0; x < c.n; ++x) vec_store(point + column_offset(at, edged, r.points[i], c.points[x]), o[x]);
        }
    }
}

// The rows x columns pixels whose corner is (y, x), zero outside of the plane; rows are n pixels apart.
static void winograd_patch(const fovea_conv_params *p, const float *plane, int64_t y, int64_t x, int rows, int columns, int n, float *patch) {
    const int64_t left = larger(0, smaller(-x, columns)), right = larger(left, smaller(columns, p->in_width - x));
    for (int64_t i = 0; i < rows; ++i, patch += n * 16) {
        const int outside = y + i < 0 || y + i >= p->in_height;
        const int64_t first = outside ? columns : left, end = outside ? columns : right;
        for (int64_t c = 0; c < first; ++c) store(patch + c * 16, splat(0));
        for (int64_t c = first; c < end; ++c) store(patch + c * 16, load(plane + ((y + i) * p->in_width + x + c) * 16));
        for (int64_t c = end; c < columns; ++c) store(patch + c * 16, splat(0));
    }
}

typedef void (*edge_to_points)(const float *, ptrdiff_t, float *, const tile_points *);

#define EDGE_INPUT(kind, rows, columns) \
    static void to_points_##kind##_##rows##_##columns(const float *from, ptrdiff_t row, float *to, const tile_points *at) { \
        tile_to_points(WINOGRAD_##kind, rows, columns, 1, from, row, to, at); \
    }
EDGE_FUNCTIONS(EDGE_INPUT, to_points, edge_to_points, edge_inputs);

INLINE void input_tile(const int kind, const float *from, ptrdiff_t row, float *to, const tile_points *at) {
    const edge_tile *e = at->edge;
    const int m = winograd_kinds[kind].m;
    if (e) edge_inputs[kind][e->rows - 1][e->columns - 1](from, row, to, at);
    else tile_to_points(kind, m, m, 0, from, row, to, at);
}

// `count` <= TILE_PIXELS tiles from `first` on, all input channels, to the group x. `edges` are of the shape's x_point, or NULL.
INLINE void winograd_input(const winograd_job *j, const int kind, int64_t first, int64_t count, const edge_tile *edges, float *x) {
    const fovea_conv_params *p = j->p;
    const int n = winograd_kinds[kind].n;
    const winograd_shape *s = &j->s;
    const int64_t stride = winograd_kinds[kind].stride;
    const ptrdiff_t row = (ptrdiff_t)p->in_width * 16;
    float patch[WINOGRAD_MOST_POINTS * WINOGRAD_MOST_POINTS * 16] __attribute__((aligned(64)));
    tile_points points = {n * s->x_point, s->x_point, NULL, s->lacks_row};
    for (int64_t plane = 0; plane < s->planes; ++plane) {
        tile_place at = winograd_place(s, first);
        float *to = x + plane * PLANE_FLOATS;
        for (int64_t t = 0; t < count; ++t, winograd_next(s, &at)) {
            const float *from = j->a->input + at.image * p->in_batch_stride + plane * p->in_height * row;
            const int64_t top = (int64_t)at.y * stride - p->pad_top, left = (int64_t)at.x * stride - p->pad_left;
            int rows = n, columns = n;
            if (edges) {
                points.edge = edges + t;
                rows = winograd_axis_of(kind, edges[t].rows).n, columns = winograd_axis_of(kind, edges[t].columns).n;
            }
            float *tile = edges ? to : to + t * 16;
            if (top >= 0 && left >= 0 && top + rows <= p->in_height && left + columns <= p->in_width) {
                input_tile(kind, from + top * row + left * 16, row, tile, &points);
            } else {
                winograd_patch(p, from, top, left, rows, columns, n, patch);
                input_tile(kind, patch, n * 16, tile, &points);
            }
        }
    }
}

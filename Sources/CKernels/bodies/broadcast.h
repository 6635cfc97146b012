// Binary functions of two plain operands of which each may repeat along some axes.
#pragma once
#include "elementwise.h"

// Where the walk over the rows is: the index along each outer axis, and the first float of the row in both operands.
typedef struct {
    int64_t position[8], x, other;
} axes_walk;

static axes_walk axes_walk_at(const fovea_binary_axes_params *p, int64_t row) {
    axes_walk w = {{0}, 0, 0};
    for (int axis = p->rank - 2; axis >= 0; --axis) {
        w.position[axis] = row % p->extents[axis], row /= p->extents[axis];
        w.x += w.position[axis] * p->x_steps[axis], w.other += w.position[axis] * p->other_steps[axis];
    }
    return w;
}

static void axes_walk_on(const fovea_binary_axes_params *p, axes_walk *w) {
    for (int axis = p->rank - 2; axis >= 0; --axis) {
        w->x += p->x_steps[axis], w->other += p->other_steps[axis];
        if (++w->position[axis] < p->extents[axis]) return;
        w->x -= p->x_steps[axis] * p->extents[axis], w->other -= p->other_steps[axis] * p->extents[axis];
        w->position[axis] = 0;
    }
}

static void axes_span(
    const fovea_binary_axes_params *p, int64_t x_step, int64_t other_step, const float *x, const float *b, float *y, int64_t count) {
    if (x_step && other_step) binary_span(p->kind, 0, MOVE, x, b, y, count);
    else if (x_step) binary_span(p->kind, 0, HOLD_SCALAR, x, b, y, count);
    else binary_span(p->kind, 1, HOLD_SCALAR, b, x, y, count);
}

// Part of one row, in pieces that stay in the nearest cache until the activation has run. The last vector overlaps the one before.
static void axes_row(const fovea_binary_axes_params *p, const float *x, const float *b, float *y, int64_t count) {
    enum { PIECE = 4096 };
    const int64_t x_step = p->x_steps[p->rank - 1], other_step = p->other_steps[p->rank - 1];
    for (int64_t i = 0; i < count; i += PIECE) {
        const int64_t n = smaller(PIECE, count - i), whole = n < 16 ? n : n & ~(int64_t)15;
        axes_span(p, x_step, other_step, x + i * x_step, b + i * other_step, y + i, whole);
        if (whole < n) axes_span(p, x_step, other_step, x + (i + n - 16) * x_step, b + (i + n - 16) * other_step, y + i + n - 16, 16);
        if (p->activation.kind != FOVEA_ACT_NONE) activate_span(p->activation, y + i, y + i, n);
    }
}

// Rows of less than a vector: as many as fit are put one behind the other first.
static void axes_short_rows(
    const fovea_binary_axes_params *p, const float *x, const float *other, float *y, part_range rows, int64_t length) {
    enum { ROOM = 512 };
    float left[ROOM], right[ROOM];
    const int64_t x_step = p->x_steps[p->rank - 1], other_step = p->other_steps[p->rank - 1], most = ROOM / length;
    axes_walk w = axes_walk_at(p, rows.first);
    for (int64_t row = rows.first; row < rows.end; row += most) {
        const int64_t count = smaller(most, rows.end - row);
        for (int64_t k = 0; k < count; ++k, axes_walk_on(p, &w))
            for (int64_t i = 0; i < length; ++i) {
                left[k * length + i] = x[w.x + i * x_step];
                right[k * length + i] = other[w.other + i * other_step];
            }
        binary_span(p->kind, 0, MOVE, left, right, y + row * length, count * length);
        activate_span(p->activation, y + row * length, y + row * length, count * length);
    }
}

static void binary_axes(
    const fovea_binary_axes_params *p, const float *x, const float *other, float *y, int part, int parts) {
    const int64_t length = p->extents[p->rank - 1];
    int64_t rows = 1;
    for (int axis = 0; axis < p->rank - 1; ++axis) rows *= p->extents[axis];
    if (length < 16) return axes_short_rows(p, x, other, y, share(rows, part, parts), length);
    const part_range r = span_share(rows * length, part, parts);
    axes_walk w = axes_walk_at(p, r.first / length);
    for (int64_t i = r.first; i < r.end; axes_walk_on(p, &w)) {
        const int64_t column = i % length, end = smaller(r.end, i - column + length);
        axes_row(
            p, x + w.x + column * p->x_steps[p->rank - 1], other + w.other + column * p->other_steps[p->rank - 1], y + i,
            end - i);
        i = end;
    }
}

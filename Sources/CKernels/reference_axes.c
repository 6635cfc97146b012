// The scalar reference of broadcasting, of reductions along any axis, and of normalisation by a picture's own numbers.
#include <math.h>
#include "reference.h"

float reference_combine(fovea_binary_kind kind, float x, float b) {
    switch (kind) {
    case FOVEA_ADD: return x + b;
    case FOVEA_SUB: return x - b;
    case FOVEA_MUL: return x * b;
    case FOVEA_DIV: return x / b;
    case FOVEA_MIN: return b < x || b != b ? b : x;
    case FOVEA_MAX: return b > x || b != b ? b : x;
    case FOVEA_PRELU: return x < 0 ? x * b : x;
    default: return powf(x, b);
    }
}

void reference_binary_axes(
    const fovea_binary_axes_params *p, const float *x, const float *other, float *y, int part, int parts) {
    int64_t count = 1;
    for (int axis = 0; axis < p->rank; ++axis) count *= p->extents[axis];
    const part_range r = share(count, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        int64_t left = i, a = 0, b = 0;
        for (int axis = p->rank - 1; axis >= 0; left /= p->extents[axis--]) {
            a += left % p->extents[axis] * p->x_steps[axis];
            b += left % p->extents[axis] * p->other_steps[axis];
        }
        y[i] = fovea_activate(p->activation, reference_combine(p->kind, x[a], other[b]));
    }
}

double reference_reduce(fovea_reduce_kind kind, const float *x, int64_t count, int64_t stride) {
    double acc = kind == FOVEA_REDUCE_MAX || kind == FOVEA_REDUCE_MIN ? x[0] : kind == FOVEA_REDUCE_PRODUCT;
    for (int64_t i = 0; i < count; ++i) {
        const double v = x[i * stride];
        switch (kind) {
        case FOVEA_REDUCE_MAX: acc = v > acc || v != v ? v : acc; break;
        case FOVEA_REDUCE_MIN: acc = v < acc || v != v ? v : acc; break;
        case FOVEA_REDUCE_SQUARES: acc += v * v; break;
        case FOVEA_REDUCE_ABS: acc += fabs(v); break;
        case FOVEA_REDUCE_PRODUCT: acc *= v; break;
        default: acc += v;
        }
    }
    return kind == FOVEA_REDUCE_MEAN ? acc / (double)count : acc;
}

void reference_reduce_columns(
    fovea_reduce_kind kind, int64_t outer, int64_t count, int64_t inner, const float *x, float *y, int part, int parts) {
    const part_range r = share(outer * inner, part, parts);
    for (int64_t i = r.first; i < r.end; ++i)
        y[i] = (float)reference_reduce(kind, x + i / inner * count * inner + i % inner, count, inner);
}

void reference_channel_moments(
    const fovea_extent *e, const float *x, float *mean, float *squares, int part, int parts) {
    const int64_t lanes = e->blocked ? 16 : 1;
    const part_range r = share(fovea_extent_size(e) / e->pixels, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        const float *from = x + i / lanes * lanes * e->pixels + i % lanes;
        const double m = reference_reduce(FOVEA_REDUCE_MEAN, from, e->pixels, lanes);
        double sum = 0;
        for (int64_t p = 0; p < e->pixels; ++p) sum += (from[p * lanes] - m) * (from[p * lanes] - m);
        mean[i] = (float)m, squares[i] = (float)sum;
    }
}

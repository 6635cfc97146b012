// Kernels over the rows of a plain matrix: softmax, layer normalisation, reductions.
#pragma once
#include "activation.h"

INLINE v16 take(const int kind, v16 acc, v16 x) {
    switch (kind) {
    case FOVEA_REDUCE_MAX: return pick((x > acc) | (x != x), x, acc);
    case FOVEA_REDUCE_MIN: return pick((x < acc) | (x != x), x, acc);
    case FOVEA_REDUCE_SQUARES: return fma16(x, x, acc);
    case FOVEA_REDUCE_ABS: return acc + abs16(x);
    case FOVEA_REDUCE_PRODUCT: return acc * x;
    default: return acc + x;
    }
}

// One number of sixteen lanes: halves onto halves, which waits four times, not fifteen.
INLINE float fold_lanes(const int kind, v16 x) {
    x = take(kind, x, __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    x = take(kind, x, __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
    x = take(kind, x, __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
    x = take(kind, x, __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
    return x[0];
}
INLINE float sum_lanes(v16 x) { return fold_lanes(FOVEA_REDUCE_SUM, x); }

// Two partial vectors; the tail's missing lanes take the neutral value.
INLINE float row_reduce(const int kind, const float *x, int64_t columns) {
    const float neutral = kind == FOVEA_REDUCE_MAX ? -INFINITY : kind == FOVEA_REDUCE_MIN ? INFINITY : kind == FOVEA_REDUCE_PRODUCT;
    v16 a = splat(neutral), b = splat(neutral);
    int64_t i = 0;
    for (; i + 32 <= columns; i += 32) a = take(kind, a, loadu(x + i)), b = take(kind, b, loadu(x + i + 16));
    if (i + 16 <= columns) a = take(kind, a, loadu(x + i)), i += 16;
    if (i < columns) {
        const int n = (int)(columns - i);
        b = take(kind, b, pick(first_lanes(n), load_first(x + i, n), splat(neutral)));
    }
    if (kind == FOVEA_REDUCE_MAX || kind == FOVEA_REDUCE_MIN || kind == FOVEA_REDUCE_PRODUCT)
        return fold_lanes(kind, take(kind, a, b));
    const float sum = sum_lanes(a + b);
    return kind == FOVEA_REDUCE_MEAN ? sum / (float)columns : sum;
}

static void reduce_rows(
    fovea_reduce_kind kind, int64_t rows, int64_t columns, const float *x, float *y, int part, int parts) {
    const part_range r = share(rows, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        const float *row = x + i * columns;
        switch (kind) {
        case FOVEA_REDUCE_MAX: y[i] = row_reduce(FOVEA_REDUCE_MAX, row, columns); break;
        case FOVEA_REDUCE_MIN: y[i] = row_reduce(FOVEA_REDUCE_MIN, row, columns); break;
        case FOVEA_REDUCE_SQUARES: y[i] = row_reduce(FOVEA_REDUCE_SQUARES, row, columns); break;
        case FOVEA_REDUCE_MEAN: y[i] = row_reduce(FOVEA_REDUCE_MEAN, row, columns); break;
        case FOVEA_REDUCE_ABS: y[i] = row_reduce(FOVEA_REDUCE_ABS, row, columns); break;
        case FOVEA_REDUCE_PRODUCT: y[i] = row_reduce(FOVEA_REDUCE_PRODUCT, row, columns); break;
        case FOVEA_REDUCE_SUM: y[i] = row_reduce(FOVEA_REDUCE_SUM, row, columns); break;
        }
    }
}

// y = exp(x - shift) when `keep`, and the sum of exp(x - shift) either way.
INLINE float exp_sum(const float *x, float *y, int64_t columns, float shift, const int keep) {
    v16 sum = splat(0);
    int64_t i = 0;
    for (; i + 16 <= columns; i += 16) {
        const v16 e = exp16(loadu(x + i) - splat(shift));
        if (keep) storeu(y + i, e);
        sum += e;
    }
    if (i < columns) {
        const int n = (int)(columns - i);
        const v16 e = exp16(load_first(x + i, n) - splat(shift));
        if (keep) store_first(y + i, e, n);
        sum += pick(first_lanes(n), e, splat(0));
    }
    return sum_lanes(sum);
}

static void softmax(int64_t rows, int64_t columns, int log, const float *x, float *y, int part, int parts) {
    const part_range r = share(rows, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        const float *in = x + i * columns;
        float *out = y + i * columns;
        const float top = row_reduce(FOVEA_REDUCE_MAX, in, columns);
        if (log) {
            const float shift = logf(exp_sum(in, out, columns, top, 0));
            for (int64_t c = 0; c < columns; ++c) out[c] = in[c] - top - shift;
        } else {
            const float scale = 1 / exp_sum(in, out, columns, top, 1);
            activate_span((fovea_activation){FOVEA_ACT_AFFINE, scale, 0, 0}, out, out, columns);
        }
    }
}

INLINE float row_variance(const float *x, int64_t columns, float mean) {
    v16 sum = splat(0);
    int64_t i = 0;
    for (; i + 16 <= columns; i += 16) {
        const v16 d = loadu(x + i) - splat(mean);
        sum = fma16(d, d, sum);
    }
    if (i < columns) {
        const int n = (int)(columns - i);
        const v16 d = pick(first_lanes(n), load_first(x + i, n) - splat(mean), splat(0));
        sum = fma16(d, d, sum);
    }
    return sum_lanes(sum) / (float)columns;
}

static void layer_norm(
    int64_t rows, int64_t columns, float epsilon, const float *x, const float *gamma, const float *beta, float *y, int part,
    int parts) {
    const part_range r = share(rows, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        const float *in = x + i * columns;
        float *out = y + i * columns;
        const float mean = row_reduce(FOVEA_REDUCE_MEAN, in, columns);
        const float scale = 1 / sqrtf(row_variance(in, columns, mean) + epsilon);
        for (int64_t c = 0; c < columns; c += 16) {
            const int n = (int)smaller(16, columns - c);
            v16 v = ((n == 16 ? loadu(in + c) : load_first(in + c, n)) - splat(mean)) * splat(scale);
            if (gamma) v *= n == 16 ? loadu(gamma + c) : load_first(gamma + c, n);
            if (beta) v += n == 16 ? loadu(beta + c) : load_first(beta + c, n);
            if (n == 16) storeu(out + c, v);
            else store_first(out + c, v, n);
        }
    }
}

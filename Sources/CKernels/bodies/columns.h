// Reductions along an axis that is not the last one.
#pragma once
#include "rows.h"

INLINE v16 neutral16(const int kind) {
    return splat(kind == FOVEA_REDUCE_MAX ? -INFINITY : kind == FOVEA_REDUCE_MIN ? INFINITY : kind == FOVEA_REDUCE_PRODUCT);
}

// What joins two partial results.
INLINE v16 join(const int kind, v16 a, v16 b) {
    return take(kind == FOVEA_REDUCE_SQUARES || kind == FOVEA_REDUCE_ABS ? FOVEA_REDUCE_SUM : kind, a, b);
}

// `vectors` neighbouring vectors of columns, at most four. Long sums are made of shorter ones, which keeps them exact.
INLINE void reduce_tile(const int kind, const int vectors, int64_t count, int64_t stride, const float *x, v16 *result) {
    UNROLL for (int k = 0; k < vectors; ++k) result[k] = neutral16(kind);
    for (int64_t first = 0; first < count; first += 128) {
        const int64_t end = smaller(count, first + 128);
        v16 acc[4];
        UNROLL for (int k = 0; k < vectors; ++k) acc[k] = neutral16(kind);
        for (int64_t i = first; i < end; ++i)
            UNROLL for (int k = 0; k < vectors; ++k) acc[k] = take(kind, acc[k], loadu(x + i * stride + 16 * k));
        UNROLL for (int k = 0; k < vectors; ++k) result[k] = join(kind, result[k], acc[k]);
    }
    if (kind == FOVEA_REDUCE_MEAN) UNROLL for (int k = 0; k < vectors; ++k) result[k] /= splat((float)count);
}

// Less than a vector of columns: whole vectors are read as long as they end within `left` floats; what they hold of the next row is
// not used.
INLINE void reduce_narrow(const int kind, int64_t count, int64_t stride, const float *x, float *y, int columns, int64_t left) {
    v16 result = neutral16(kind);
    for (int64_t first = 0; first < count; first += 128) {
        const int64_t end = smaller(count, first + 128);
        v16 acc = neutral16(kind);
        for (int64_t i = first; i < end; ++i)
            acc = take(kind, acc, i * stride + 16 <= left ? loadu(x + i * stride) : load_first(x + i * stride, columns));
        result = join(kind, result, acc);
    }
    store_first(y, kind == FOVEA_REDUCE_MEAN ? result / splat((float)count) : result, columns);
}

INLINE void reduce_columns_as(
    const int kind, int64_t outer, int64_t count, int64_t inner, const float *x, float *y, int part, int parts) {
    const int64_t tiles = (inner + 63) / 64;
    const part_range r = share(outer * tiles, part, parts);
    for (int64_t tile = r.first; tile < r.end; ++tile) {
        const int64_t first = tile % tiles * 64, end = smaller(inner, first + 64);
        const float *from = x + tile / tiles * count * inner;
        float *to = y + tile / tiles * inner;
        v16 result[4];
        int64_t c = first;
        if (c + 64 == end) {
            reduce_tile(kind, 4, count, inner, from + c, result);
            UNROLL for (int k = 0; k < 4; ++k) storeu(to + c + 16 * k, result[k]);
            continue;
        }
        for (; c + 16 <= end; c += 16) {
            reduce_tile(kind, 1, count, inner, from + c, result);
            storeu(to + c, result[0]);
        }
        if (c < end) reduce_narrow(kind, count, inner, from + c, to + c, (int)(end - c), count * inner - c);
    }
}

static void reduce_columns(
    fovea_reduce_kind kind, int64_t outer, int64_t count, int64_t inner, const float *x, float *y, int part, int parts) {
    switch (kind) {
    case FOVEA_REDUCE_MAX: return reduce_columns_as(FOVEA_REDUCE_MAX, outer, count, inner, x, y, part, parts);
    case FOVEA_REDUCE_MIN: return reduce_columns_as(FOVEA_REDUCE_MIN, outer, count, inner, x, y, part, parts);
    case FOVEA_REDUCE_SQUARES: return reduce_columns_as(FOVEA_REDUCE_SQUARES, outer, count, inner, x, y, part, parts);
    case FOVEA_REDUCE_ABS: return reduce_columns_as(FOVEA_REDUCE_ABS, outer, count, inner, x, y, part, parts);
    case FOVEA_REDUCE_PRODUCT: return reduce_columns_as(FOVEA_REDUCE_PRODUCT, outer, count, inner, x, y, part, parts);
    case FOVEA_REDUCE_MEAN: return reduce_columns_as(FOVEA_REDUCE_MEAN, outer, count, inner, x, y, part, parts);
    case FOVEA_REDUCE_SUM: return reduce_columns_as(FOVEA_REDUCE_SUM, outer, count, inner, x, y, part, parts);
    }
}

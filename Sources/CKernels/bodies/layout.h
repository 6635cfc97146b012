// Plain <-> blocked, transposition, resizing.
#pragma once
#include "vector.h"

// Step of a 16 x 16 transposition: rows i and i + half exchange their off-diagonal quarters.
#define SWAP_QUARTERS(m, half, ...) \
    UNROLL for (int i = 0; i < 16; ++i) \
        if (!(i & half)) { \
            const v16 a = m[i], b = m[i + half]; \
            m[i] = __builtin_shufflevector(a, b, __VA_ARGS__##_LOW); \
            m[i + half] = __builtin_shufflevector(a, b, __VA_ARGS__##_HIGH); \
        }
#define BY8_LOW 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define BY8_HIGH 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define BY4_LOW 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define BY4_HIGH 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define BY2_LOW 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define BY2_HIGH 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define BY1_LOW 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define BY1_HIGH 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31

INLINE void transpose16(v16 *m) {
    SWAP_QUARTERS(m, 8, BY8)
    SWAP_QUARTERS(m, 4, BY4)
    SWAP_QUARTERS(m, 2, BY2)
    SWAP_QUARTERS(m, 1, BY1)
}

// y[c][r] = x[r][c] for a rows x columns corner of 16 x 16; missing rows count as zero, `all` columns of y are written.
static void transpose_corner(const float *x, int64_t x_row, int rows, int columns, float *y, int64_t y_row, int all) {
    v16 m[16];
    if (rows == 16 && columns == 16) {
        UNROLL for (int i = 0; i < 16; ++i) m[i] = loadu(x + i * x_row);
        transpose16(m);
        UNROLL for (int i = 0; i < 16; ++i) storeu(y + i * y_row, m[i]);
        return;
    }
    for (int c = 0; c < columns; ++c)
        for (int r = 0; r < all; ++r) y[c * y_row + r] = r < rows ? x[r * x_row + c] : 0;
}

static void to_blocked(const fovea_layout_params *p, const float *plain, float *blocked, int part, int parts) {
    const int64_t blocks = blocks16(p->channels), spans = blocks16(p->pixels);
    const part_range range = share(p->batch * blocks * spans, part, parts);
    for (int64_t i = range.first; i < range.end; ++i) {
        const int64_t pixel = i % spans * 16, c = i / spans % blocks * 16, n = i / spans / blocks;
        const float *x = plain + n * p->plain_batch_stride + c * p->pixels + pixel;
        float *y = blocked + n * p->blocked_batch_stride + c * p->pixels + pixel * 16;
        transpose_corner(x, p->pixels, (int)smaller(16, p->channels - c), (int)smaller(16, p->pixels - pixel), y, 16, 16);
    }
}

static void from_blocked(const fovea_layout_params *p, const float *blocked, float *plain, int part, int parts) {
    const int64_t blocks = blocks16(p->channels), spans = blocks16(p->pixels);
    const part_range range = share(p->batch * blocks * spans, part, parts);
    for (int64_t i = range.first; i < range.end; ++i) {
        const int64_t pixel = i % spans * 16, c = i / spans % blocks * 16, n = i / spans / blocks;
        const float *x = blocked + n * p->blocked_batch_stride + c * p->pixels + pixel * 16;
        float *y = plain + n * p->plain_batch_stride + c * p->pixels + pixel;
        const int rows = (int)smaller(16, p->pixels - pixel), columns = (int)smaller(16, p->channels - c);
        transpose_corner(x, 16, rows, columns, y, p->pixels, rows);
    }
}

// Axes in the order of the output, neighbours that stay together merged, ones dropped.
typedef struct {
    int rank;
    int64_t extent[8], stride[8];  // stride in the input
} axis_order;

static axis_order merged_axes(const fovea_transpose_params *p) {
    int64_t strides[8], step = 1;
    for (int i = p->rank - 1; i >= 0; --i) strides[i] = step, step *= p->extents[i];
    axis_order o = {0};
    for (int i = 0; i < p->rank; ++i) {
        const int axis = p->permutation[i];
        if (p->extents[axis] == 1) continue;
        if (o.rank > 0 && o.stride[o.rank - 1] == strides[axis] * p->extents[axis]) {
            o.extent[o.rank - 1] *= p->extents[axis];
            o.stride[o.rank - 1] = strides[axis];
        } else {
            o.extent[o.rank] = p->extents[axis];
            o.stride[o.rank++] = strides[axis];
        }
    }
    if (o.rank == 0) o.rank = 1, o.extent[0] = 1, o.stride[0] = 1;
    return o;
}

// The input offset of output index i over the first `rank` axes.
static int64_t offset_of(const axis_order *o, int rank, int64_t i) {
    int64_t at = 0;
    for (int a = rank - 1; a >= 0; --a) at += i % o->extent[a] * o->stride[a], i /= o->extent[a];
    return at;
}

static void transpose(const fovea_transpose_params *p, const uint32_t *x, uint32_t *y, int part, int parts) {
    const axis_order o = merged_axes(p);
    const int last = o.rank - 1;
    int64_t outer = 1;
    for (int i = 0; i < last; ++i) outer *= o.extent[i];
    const int64_t run = o.extent[last], stride = o.stride[last];
    if (outer == 0 || run == 0) return;
    if (stride != 1 && last > 0 && o.stride[last - 1] == 1) {  // planes of plain transpositions, in tiles
        const int64_t rows = o.extent[last - 1], bands = blocks16(rows);
        const part_range range = share(outer / rows * bands, part, parts);
        for (int64_t i = range.first; i < range.end; ++i) {
            const int64_t r = i % bands * 16, count = smaller(16, rows - r);
            const float *from = (const float *)x + offset_of(&o, last - 1, i / bands) + r;
            float *to = (float *)y + (i / bands * rows + r) * run;
            for (int64_t c = 0; c < run; c += 16) {
                const int n = (int)smaller(16, run - c);
                transpose_corner(from + c * stride, stride, n, (int)count, to + c, run, n);
            }
        }
        return;
    }
    const part_range range = share(outer, part, parts);
    for (int64_t i = range.first; i < range.end; ++i) {
        const uint32_t *from = x + offset_of(&o, last, i);
        if (stride == 1) memcpy(y + i * run, from, (size_t)run * sizeof *y);
        else
            for (int64_t k = 0; k < run; ++k) y[i * run + k] = from[k * stride];
    }
}

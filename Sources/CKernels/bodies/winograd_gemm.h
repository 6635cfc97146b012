// The product of a block of transformed tiles with transformed weights, at one of the n x n points: the register tile of tile.h, less
// what a convolution needs (bias, residual, clamp, steps between taps), for these products are short.
#pragma once
#include "winograd_tiles.h"

// Planes that one chain of additions covers: what Winograd's transforms amplify are the rounding errors of these sums.
#ifndef PRODUCT_CHAIN
#define PRODUCT_CHAIN 2
#endif

typedef struct {
    const float *x;      // the point's [tiles][16] of the first plane of input channels
    const float *w;      // [channels][16 * vectors]
    float *y;            // the point's [tiles][16] of the first plane of output channels
    int32_t outer;       // planes of 16 input channels
    int32_t inner_last;  // channels of the last one
    const char *next, *next_end;  // the first quarter of the weights to prefetch; moved on
    ptrdiff_t next_quarter;       // bytes from one quarter to the next
    int32_t next_lines;           // cache lines to prefetch for each plane, a multiple of 4
} point_product;

// n tiles by v vectors of output channels, both known when inlined.
INLINE void product_run(point_product *g, const int n, const int v) {
    v16 acc[2][TILE_PIXELS];
    UNROLL for (int t = 0; t < n; ++t)
        UNROLL for (int j = 0; j < v; ++j) acc[j][t] = splat(0);
    const float *w = g->w, *block = g->x;
    v16 sums[2][TILE_PIXELS];
    for (int32_t o = 0, end = PRODUCT_CHAIN; o < g->outer; ++o, block += PLANE_FLOATS) {
        if (o == end) {
            UNROLL for (int t = 0; t < n; ++t)
                UNROLL for (int j = 0; j < v; ++j) {
                    sums[j][t] = end == PRODUCT_CHAIN ? acc[j][t] : sums[j][t] + acc[j][t];
                    acc[j][t] = splat(0);
                }
            end += PRODUCT_CHAIN;
        }
        const int32_t inner = o == g->outer - 1 ? g->inner_last : 16;
        const float *x = block;
        const char *next = g->next;
        const int32_t lines = next < g->next_end ? g->next_lines : 0;
        g->next += 16 * lines;
        for (int32_t i = 0; i < inner; ++i, ++x, w += 16 * v) {
            for (int32_t l = i; l < lines; l += 16) prefetch_line(next, g->next_quarter, l);
            v16 k[2];
            UNROLL for (int j = 0; j < v; ++j) k[j] = load(w + 16 * j);
            UNROLL for (int t = 0; t < n; ++t) {
                const v16 s = splat(x[16 * t]);
                UNROLL for (int j = 0; j < v; ++j) acc[j][t] = fma16(s, k[j], acc[j][t]);
            }
        }
    }
    if (g->outer > PRODUCT_CHAIN)
        UNROLL for (int t = 0; t < n; ++t)
            UNROLL for (int j = 0; j < v; ++j) acc[j][t] += sums[j][t];
    UNROLL for (int t = 0; t < n; ++t)
        UNROLL for (int j = 0; j < v; ++j) store(g->y + j * PLANE_FLOATS + 16 * t, acc[j][t]);
}

typedef void (*product_function)(point_product *);

#define PRODUCT(n, v) \
    static void product_##n##_##v(point_product *g) { product_run(g, n, v); }
#if TILE_VECTORS == 2
#define PRODUCTS(v) \
    PRODUCT(1, v) PRODUCT(2, v) PRODUCT(3, v) PRODUCT(4, v) PRODUCT(5, v) PRODUCT(6, v) PRODUCT(7, v) PRODUCT(8, v) PRODUCT(9, v) \
    PRODUCT(10, v) PRODUCT(11, v) PRODUCT(12, v) PRODUCT(13, v) PRODUCT(14, v)
#define PRODUCT_ROW(v) \
    { \
        product_1_##v, product_2_##v, product_3_##v, product_4_##v, product_5_##v, product_6_##v, product_7_##v, product_8_##v, \
            product_9_##v, product_10_##v, product_11_##v, product_12_##v, product_13_##v, product_14_##v \
    }
PRODUCTS(1)
PRODUCTS(2)
static const product_function product_table[2][TILE_PIXELS] = {PRODUCT_ROW(1), PRODUCT_ROW(2)};
#else
PRODUCT(1, 1) PRODUCT(2, 1) PRODUCT(3, 1) PRODUCT(4, 1) PRODUCT(5, 1) PRODUCT(6, 1)
static const product_function product_table[1][TILE_PIXELS] = {
    {product_1_1, product_2_1, product_3_1, product_4_1, product_5_1, product_6_1}};
#endif

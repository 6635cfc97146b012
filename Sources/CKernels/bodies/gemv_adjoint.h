// The adjoint of a fully connected layer of one picture: sums of rows of its weights. Behind a rectifier many factors are 0, and their
// rows are not read.
#pragma once
#include "gemv.h"

#define ADJOINT_ROWS 4

// Adds the products of some rows in one block of 128 to y.
INLINE void adjoint_block(const char *const *w, const float *g, int64_t block, int64_t at, fovea_weights form, float *y) {
    const int64_t bytes = gemv_unit_bytes(form);
    v16 factor[ADJOINT_ROWS];
    UNROLL for (int r = 0; r < ADJOINT_ROWS; ++r)
        factor[r] = splat(form == FOVEA_WEIGHTS_20_BITS ? g[r] * ((const float *)w[r])[block] : g[r]);
    for (int unit = 0; unit < GEMV_BLOCK / GEMV_UNIT; ++unit, at += bytes, y += GEMV_UNIT) {
        v16 first = loadu(y), last = loadu(y + 16);
        UNROLL for (int r = 0; r < ADJOINT_ROWS; ++r) {
            const char *here = w[r] + at;
            if (form != FOVEA_WEIGHTS_ROWS) __builtin_prefetch(here + GEMV_AHEAD, 0, 3);
            const gemv_pair weights = gemv_unit(here, form);
            first = fma16(weights.first, factor[r], first);
            last = fma16(weights.last, factor[r], last);
        }
        storeu(y, first), storeu(y + 16, last);
    }
}

INLINE void adjoint_rows(
    const char *const *w, const float *g, const fovea_linear_params *p, part_range blocks, fovea_weights form, float *y) {
    const int64_t depth = p->in_features, bytes = gemv_unit_bytes(form) * (GEMV_BLOCK / GEMV_UNIT);
    for (int64_t block = blocks.first; block < blocks.end; ++block) {
        const int64_t at = gemv_scale_bytes(form, depth) + block * bytes, count = smaller(GEMV_BLOCK, depth - block * GEMV_BLOCK);
        float *to = y + block * GEMV_BLOCK, tail[GEMV_BLOCK] __attribute__((aligned(64))) = {0};
        if (count < GEMV_BLOCK) memcpy(tail, to, (size_t)count * sizeof(float));
        adjoint_block(w, g, block, at, form, count < GEMV_BLOCK ? tail : to);
        if (count < GEMV_BLOCK) memcpy(to, tail, (size_t)count * sizeof(float));
    }
}

INLINE void adjoint_outputs(
    const fovea_linear_params *p, const float *g, const float *weights, float *y, part_range blocks, fovea_weights form) {
    const int64_t bytes = gemv_row_bytes(form, p->in_features);
    const int64_t first = blocks.first * GEMV_BLOCK, end = smaller(blocks.end * GEMV_BLOCK, p->in_features);
    memset(y + first, 0, (size_t)(end - first) * sizeof(float));
    const char *w[ADJOINT_ROWS];
    float factors[ADJOINT_ROWS];
    int rows = 0;
    for (int64_t n = 0; n < p->out_features; ++n) {
        if (g[n] == 0) continue;
        w[rows] = (const char *)weights + n * bytes, factors[rows++] = g[n];
        if (rows == ADJOINT_ROWS) adjoint_rows(w, factors, p, blocks, form, y), rows = 0;
    }
    if (rows == 0) return;
    for (int r = rows; r < ADJOINT_ROWS; ++r) w[r] = w[0], factors[r] = 0;
    adjoint_rows(w, factors, p, blocks, form, y);
}

// Parts share the inputs in blocks; every one sums the rows in their order.
static void linear_adjoint(const fovea_linear_params *p, const float *g, const float *weights, float *y, int part, int parts) {
    const part_range blocks = share(gemv_blocks(p->in_features), part, parts);
    if (blocks.first == blocks.end) return;
    switch (p->weights) {
    case FOVEA_WEIGHTS_20_BITS: adjoint_outputs(p, g, weights, y, blocks, FOVEA_WEIGHTS_20_BITS); break;
    case FOVEA_WEIGHTS_FP16: adjoint_outputs(p, g, weights, y, blocks, FOVEA_WEIGHTS_FP16); break;
    default: adjoint_outputs(p, g, weights, y, blocks, FOVEA_WEIGHTS_ROWS);
    }
}

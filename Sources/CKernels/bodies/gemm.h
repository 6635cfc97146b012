// Matrix products by the register tile of the convolutions: rows of x are its pixels.
#pragma once
#include "activation.h"
#include "gemv.h"
#include "gemv_pack.h"
#include "tile.h"

#define PANEL (16 * TILE_VECTORS)

static size_t linear_weights_size(const fovea_linear_params *p) {
    if (p->weights != FOVEA_WEIGHTS_TILES) return gemv_weights_size(p);
    return (size_t)blocks16(p->out_features) * 16 * (size_t)p->in_features;
}

// Columns first ..< first + 16 vectors of W, zero past `count`, as [k][16 vectors].
static void pack_panel(
    const float *source, int64_t n_stride, int64_t k_stride, int64_t first, int64_t count, int vectors, int64_t depth, float scale,
    float *packed) {
    const int64_t lanes = smaller(16 * vectors, count - first);
    for (int64_t k = 0; k < depth; ++k, packed += 16 * vectors) {
        const float *row = source + first * n_stride + k * k_stride;
        for (int64_t l = 0; l < lanes; ++l) packed[l] = row[l * n_stride] * scale;
        for (int64_t l = lanes; l < 16 * vectors; ++l) packed[l] = 0;
    }
}

static float linear_pack(
    const fovea_linear_params *p, const float *source, int64_t n_stride, int64_t k_stride, float scale, float *packed) {
    if (p->weights != FOVEA_WEIGHTS_TILES) return gemv_pack(p, source, n_stride, k_stride, scale, packed);
    for (int64_t n = 0; n < p->out_features; n += PANEL) {
        const int vectors = (int)smaller(TILE_VECTORS, blocks16(p->out_features - n));
        pack_panel(source, n_stride, k_stride, n, p->out_features, vectors, p->in_features, scale, packed);
        packed += 16 * (int64_t)vectors * p->in_features;
    }
    return 0;
}

// One tile of a product.
typedef struct {
    const float *x, *w, *bias, *residual;
    float *y;
    int64_t x_row, y_row, depth;
    int rows, columns;  // columns <= PANEL
    fovea_activation f;
} product;

// Through a small buffer when the columns do not fill their vectors.
static void product_tile(const product *g) {
    float bias[PANEL] __attribute__((aligned(64))) = {0}, buffer[TILE_PIXELS * PANEL] __attribute__((aligned(64)));
    const int vectors = (int)blocks16(g->columns), whole = g->columns % 16 == 0;
    if (g->bias) memcpy(bias, g->bias, (size_t)g->columns * sizeof(float));
    tile t = {.a = g->x, .w = g->w, .rows = 1, .columns = 1, .chain = 1, .bias = bias, .pixel_step = g->x_row};
    t.outer = (int32_t)((g->depth + CHAIN_STEPS - 1) / CHAIN_STEPS);
    t.inner = t.outer_step = CHAIN_STEPS;
    t.inner_last = (int32_t)(g->depth - (int64_t)CHAIN_STEPS * (t.outer - 1));
    t.out_a = whole ? g->y : buffer;
    t.out_pixel = whole ? g->y_row : PANEL;
    t.out_vector = 16;
    if (whole) t.residual_a = g->residual;
    t.f = no_activation;
    tile_dispatch(&t, vectors, 1, g->rows);
    for (int r = 0; r < g->rows; ++r) {
        float *y = g->y + r * g->y_row;
        if (!whole) {
            const float *from = buffer + r * PANEL, *add = g->residual ? g->residual + r * g->y_row : NULL;
            for (int c = 0; c < g->columns; c += 16) {
                const int n = (int)smaller(16, g->columns - c);
                store_first(y + c, add ? load(from + c) + load_first(add + c, n) : load(from + c), n);
            }
        }
        if (g->f.kind != FOVEA_ACT_NONE) activate_span(g->f, y, y, g->columns);
    }
}

static void linear(const fovea_linear_params *p, const fovea_linear_args *a, int part, int parts) {
    if (p->weights != FOVEA_WEIGHTS_TILES) return gemv(p, a, part, parts);
    const int64_t row_tiles = (p->rows + TILE_PIXELS - 1) / TILE_PIXELS, panels = (p->out_features + PANEL - 1) / PANEL;
    const part_range range = share(row_tiles * panels, part, parts);
    for (int64_t i = range.first; i < range.end; ++i) {
        const int64_t n = i / row_tiles * PANEL, t = i % row_tiles;
        const int64_t m = t * p->rows / row_tiles, end = (t + 1) * p->rows / row_tiles;
        product g = {.x = a->input + m * p->in_row_stride, .w = a->weights + n * p->in_features, .f = p->activation};
        g.bias = a->bias ? a->bias + n : NULL;
        g.residual = a->residual ? a->residual + m * p->out_row_stride + n : NULL;
        g.y = a->output + m * p->out_row_stride + n;
        g.x_row = p->in_row_stride, g.y_row = p->out_row_stride, g.depth = p->in_features;
        g.rows = (int)(end - m), g.columns = (int)smaller(PANEL, p->out_features - n);
        product_tile(&g);
    }
}

// A panel of B and, when its columns are not contiguous, a tile's rows of A.
static int64_t matmul_scratch_floats(const fovea_matmul_params *p) {
    return ((int64_t)p->k * (PANEL + (p->a_column == 1 ? 0 : TILE_PIXELS)) + 15) / 16 * 16;
}

static size_t matmul_scratch_size(const fovea_matmul_params *p, int parts) {
    return (size_t)matmul_scratch_floats(p) * sizeof(float) * (size_t)parts;
}

static void matmul_panel(
    const fovea_matmul_params *p, const float *a, const float *panel, float *rows, float *c, int64_t n, part_range tiles) {
    const int64_t row_tiles = (p->m + TILE_PIXELS - 1) / TILE_PIXELS;
    for (int64_t t = tiles.first; t < tiles.end; ++t) {
        const int64_t m = t * p->m / row_tiles, end = (t + 1) * p->m / row_tiles;
        product g = {.x = a + m * p->a_row, .w = panel, .x_row = p->a_row, .y_row = p->n, .depth = p->k, .f = p->activation};
        if (p->a_column != 1) {
            for (int64_t r = m; r < end; ++r)
                for (int64_t k = 0; k < p->k; ++k) rows[(r - m) * p->k + k] = a[r * p->a_row + k * p->a_column];
            g.x = rows, g.x_row = p->k;
        }
        g.y = c + m * p->n + n;
        g.rows = (int)(end - m), g.columns = (int)smaller(PANEL, p->n - n);
        product_tile(&g);
    }
}

// The work is batch x panels x tiles of rows, in that order; a part packs each panel that it meets.
static void matmul(
    const fovea_matmul_params *p, const float *a, const float *b, float *c, void *scratch, int part, int parts) {
    const int64_t row_tiles = (p->m + TILE_PIXELS - 1) / TILE_PIXELS, panels = (p->n + PANEL - 1) / PANEL;
    const part_range range = share(p->batch * panels * row_tiles, part, parts);
    float *panel = (float *)scratch + matmul_scratch_floats(p) * part, *rows = panel + (int64_t)p->k * PANEL;
    for (int64_t i = range.first; i < range.end;) {
        const int64_t first = i % row_tiles, n = i / row_tiles % panels * PANEL, item = i / row_tiles / panels;
        const int64_t end = smaller(row_tiles, first + range.end - i);
        const int vectors = (int)smaller(TILE_VECTORS, blocks16(p->n - n));
        pack_panel(b + item * p->b_batch, p->b_column, p->b_row, n, p->n, vectors, p->k, p->alpha, panel);
        matmul_panel(p, a + item * p->a_batch, panel, rows, c + item * (int64_t)p->m * p->n, n, (part_range){first, end});
        i += end - first;
    }
}

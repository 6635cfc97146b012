// Winograd convolutions: blocks of tiles are transformed into n x n points, multiplied there with transformed weights, one
// small matrix product for each point, and transformed back in the store.
//
// Weights are [point][pair of vectors of output channels][input channel][16 or 32].
#pragma once
#include "winograd_gemm.h"
#include "winograd_input.h"
#include "winograd_output.h"
#include "winograd_weights.h"

static int winograd_kind_of(const fovea_conv_params *p) {
    switch (p->algorithm) {
    case FOVEA_CONV_WINOGRAD_4_3: return WINOGRAD_4_3;
    case FOVEA_CONV_WINOGRAD_2_3: return WINOGRAD_2_3;
    case FOVEA_CONV_WINOGRAD_4_5: return WINOGRAD_4_5;
    case FOVEA_CONV_WINOGRAD_4_3_2: return WINOGRAD_4_3_2;
    case FOVEA_CONV_WINOGRAD_3_3_2: return WINOGRAD_3_3_2;
    default: return WINOGRAD_3_4;
    }
}

static int is_winograd(const fovea_conv_params *p) {
    return p->algorithm == FOVEA_CONV_WINOGRAD_3_4 || winograd_kind_of(p) != WINOGRAD_3_4;
}

// Tiles of a block whose weights do not stay in the second-level cache.
#define WINOGRAD_LARGE_BLOCK 56
#define WINOGRAD_MOST_GROUPS ((WINOGRAD_LARGE_BLOCK + TILE_PIXELS - 1) / TILE_PIXELS)

// Transformed weights that stay in the second-level cache while blocks of tiles pass by, with room for a block's data.
#define WINOGRAD_WEIGHT_BYTES (1 << 20)

// Products of a block that stay there too, until they are transformed back. With few tiles the weights are what counts: all products of
// a point are made together, while its transformed input is in the first-level cache.
#ifndef WINOGRAD_PRODUCT_BYTES
#define WINOGRAD_PRODUCT_BYTES (256 << 10)
#endif
#define WINOGRAD_FEW_TILES (2 * TILE_PIXELS)

static winograd_shape winograd_plan(const fovea_conv_params *p, int parts) {
    winograd_shape s = {.kind = winograd_kind_of(p)};
    s.n = winograd_kinds[s.kind].n, s.m = winograd_kinds[s.kind].m;
    s.tiles_x = (p->out_width + s.m - 1) / s.m, s.tiles_y = (p->out_height + s.m - 1) / s.m;
    s.tiles = (int64_t)s.tiles_x * s.tiles_y * p->batch;
    winograd_find_edges(p, &s);
    s.planes = (int32_t)blocks16(p->in_channels), s.vectors = (int32_t)blocks16(p->out_channels);
    // Weights that do not stay are read once for each block: its size is then a balance between them and the block's own data.
    const int64_t weight_bytes = (int64_t)s.n * s.n * s.vectors * 64 * p->in_channels;
    const int64_t block = weight_bytes > WINOGRAD_WEIGHT_BYTES ? WINOGRAD_LARGE_BLOCK : WINOGRAD_LARGE_BLOCK / 2;
    s.blocks = (s.tiles + block - 1) / block;
    s.split_channels = s.blocks < parts;
    if (!s.split_channels) s.blocks = smaller(s.tiles, (s.blocks + parts - 1) / parts * parts);
    s.block_groups = ((s.tiles + s.blocks - 1) / s.blocks + TILE_PIXELS - 1) / TILE_PIXELS;
    const int64_t all = (s.vectors + TILE_VECTORS - 1) / TILE_VECTORS;
    const int64_t pair_bytes = s.block_groups * s.n * s.n * winograd_point_floats(TILE_VECTORS) * (int64_t)sizeof(float);
    s.run_pairs = s.tiles < WINOGRAD_FEW_TILES ? all : smaller(all, larger(1, WINOGRAD_PRODUCT_BYTES / pair_bytes));
    s.x_point = winograd_point_floats(s.planes), s.y_point = winograd_point_floats((int32_t)s.run_pairs * TILE_VECTORS);
    return s;
}

static int winograd_splits_channels(const fovea_conv_params *p, int parts) { return winograd_plan(p, parts).split_channels; }

// Points of all tiles.
static int64_t winograd_points(const fovea_conv_params *p) {
    const winograd_shape s = winograd_plan(p, 1);
    return s.edged ? edged_points(&s) * p->batch : s.tiles * s.n * s.n;
}

static size_t winograd_weights_size(const fovea_conv_params *p) {
    const winograd_shape s = winograd_plan(p, 1);
    return (size_t)s.n * (size_t)s.n * (size_t)s.vectors * 16 * (size_t)p->in_channels;
}

// One vector of output channels, from the first of its weights.
static void winograd_pack_vector(const fovea_conv_params *p, int32_t vector, const float *source, float *packed) {
    const winograd_shape s = winograd_plan(p, 1);
    const winograd_kind *k = &winograd_kinds[s.kind];
    const int64_t taps = (int64_t)k->r * k->r, stride = p->in_channels * taps;
    const int32_t pair = vector / TILE_VECTORS * TILE_VECTORS;
    weight_job j = {.n = k->n, .r = k->r, .row = 16 * smaller(TILE_VECTORS, s.vectors - pair)};
    j.step = (ptrdiff_t)s.vectors * 16 * p->in_channels;
    winograd_g(k, j.g);
    for (int32_t c = 0; c < p->in_channels; c += 16) {
        j.out = packed + (int64_t)pair * 16 * p->in_channels + c * j.row + (vector - pair) * 16;
        const int outs = (int)smaller(16, p->out_channels - vector * 16), ins = (int)smaller(16, p->in_channels - c);
        weights_block(&j, source + c * taps, stride, outs, ins);
    }
}

static void winograd_pack(const fovea_conv_params *p, const float *source, float *packed) {
    const winograd_kind *k = &winograd_kinds[winograd_kind_of(p)];
    const int64_t vector_floats = (int64_t)16 * p->in_channels * k->r * k->r;
    for (int32_t vector = 0; vector < blocks16(p->out_channels); ++vector)
        winograd_pack_vector(p, vector, source + vector * vector_floats, packed);
}

static int64_t winograd_group_floats(const winograd_shape *s) { return s->n * s->n * (s->x_point + s->y_point); }

static size_t winograd_scratch_size(const fovea_conv_params *p, int parts) {
    const winograd_shape s = winograd_plan(p, parts);
    return (size_t)(winograd_group_floats(&s) * s.block_groups) * sizeof(float) * (size_t)parts;
}

// Tiles that are worked on together: groups of x (transformed input) and y (products) of almost equal size.
typedef struct {
    int64_t first, count, groups;
    float *x, *y;
    tile_counts counts[WINOGRAD_MOST_GROUPS];
} tile_block;

static int64_t group_first(const tile_block *b, int64_t group) { return group * b->count / b->groups; }

static void winograd_count_groups(const winograd_shape *s, tile_block *b) {
    for (int64_t g = 0; g < b->groups; ++g) {
        tile_place at = winograd_place(s, b->first + group_first(b, g));
        b->counts[g] = (tile_counts){0};
        for (int64_t t = group_first(b, g); t < group_first(b, g + 1); ++t, winograd_next(s, &at)) winograd_count(s, &at, b->counts + g);
    }
}

static void winograd_input_groups(const winograd_job *j, const tile_block *b) {
    for (int64_t g = 0; g < b->groups; ++g) {
        const int64_t first = b->first + group_first(b, g), count = b->first + group_first(b, g + 1) - first;
        float *x = b->x + g * j->s.n * j->s.n * j->s.x_point;
        edge_tile tiles[TILE_PIXELS];
        const edge_tile *edges = winograd_edge_tiles(&j->s, first, count, j->s.x_point, tiles);
        switch (j->s.kind) {
        case WINOGRAD_4_3: winograd_input(j, WINOGRAD_4_3, first, count, edges, x); break;
        case WINOGRAD_2_3: winograd_input(j, WINOGRAD_2_3, first, count, edges, x); break;
        case WINOGRAD_4_5: winograd_input(j, WINOGRAD_4_5, first, count, edges, x); break;
        case WINOGRAD_3_4: winograd_input(j, WINOGRAD_3_4, first, count, edges, x); break;
        case WINOGRAD_4_3_2: winograd_input(j, WINOGRAD_4_3_2, first, count, edges, x); break;
        default: winograd_input(j, WINOGRAD_3_3_2, first, count, edges, x);
        }
    }
}

// The output channels of the pairs in `run`.
static void winograd_output_groups(const winograd_job *j, const tile_block *b, part_range run) {
    const int32_t from = (int32_t)run.first * TILE_VECTORS, end = (int32_t)smaller(run.end * TILE_VECTORS, j->s.vectors);
    for (int64_t g = 0; g < b->groups; ++g) {
        const int64_t first = b->first + group_first(b, g), count = b->first + group_first(b, g + 1) - first;
        edge_tile tiles[TILE_PIXELS];
        const edge_tile *edges = winograd_edge_tiles(&j->s, first, count, j->s.y_point, tiles);
        for (int32_t vector = from; vector < end; ++vector) {
            const float *y = b->y + g * j->s.n * j->s.n * j->s.y_point + (vector - from) * PLANE_FLOATS;
            switch (j->s.kind) {
            case WINOGRAD_4_3: winograd_output(j, WINOGRAD_4_3, first, count, edges, vector, y); break;
            case WINOGRAD_2_3: winograd_output(j, WINOGRAD_2_3, first, count, edges, vector, y); break;
            case WINOGRAD_4_5: winograd_output(j, WINOGRAD_4_5, first, count, edges, vector, y); break;
            case WINOGRAD_3_4: winograd_output(j, WINOGRAD_3_4, first, count, edges, vector, y); break;
            case WINOGRAD_4_3_2: winograd_output(j, WINOGRAD_4_3_2, first, count, edges, vector, y); break;
            default: winograd_output(j, WINOGRAD_3_3_2, first, count, edges, vector, y);
            }
        }
    }
}

// The weights of one point and one pair of vectors of output channels.
static const float *winograd_weights(const winograd_job *j, int64_t point, int64_t pair) {
    return j->a->weights + (point * j->s.vectors + pair * TILE_VECTORS) * 16 * j->p->in_channels;
}

// The products of one point and one pair, which go to the plane `to`; `next` are the weights that follow.
static void winograd_product(const winograd_job *j, const tile_block *b, int point, int64_t pair, int64_t to, const float *next) {
    const winograd_shape *s = &j->s;
    const int64_t channels = j->p->in_channels;
    const int v = (int)smaller(TILE_VECTORS, s->vectors - pair * TILE_VECTORS);
    point_product g = {.outer = s->planes, .inner_last = (int32_t)(channels - 16 * (s->planes - 1))};
    const int64_t quarter = (v * channels + 3) / 4, turns = s->planes * b->groups;  // cache lines; planes that share them
    g.next = (const char *)next, g.next_end = g.next + quarter * 64, g.next_quarter = quarter * 64;
    g.next_lines = (int32_t)((quarter + turns - 1) / turns * 4);
    for (int64_t group = 0; group < b->groups; ++group) {
        g.x = b->x + (group * s->n * s->n + point) * s->x_point;
        g.y = b->y + (group * s->n * s->n + point) * s->y_point + to * PLANE_FLOATS;
        g.w = winograd_weights(j, point, pair);
        const int tiles = b->counts[group].count[s->lacks_row[point / s->n]][s->lacks_column[point % s->n]];
        if (tiles > 0) product_table[v - 1][tiles - 1](&g);
    }
}

// All points of the pairs in `run`; `then` is the pair that follows.
static void winograd_products(const winograd_job *j, const tile_block *b, part_range run, int64_t then) {
    const int points = j->s.n * j->s.n;
    for (int point = 0; point < points; ++point)
        for (int64_t pair = run.first; pair < run.end; ++pair) {
            const int64_t next_point = pair + 1 < run.end ? point : (point + 1) % points;
            const int64_t next_pair = pair + 1 < run.end ? pair + 1 : point + 1 < points ? run.first : then;
            winograd_product(j, b, point, pair, (pair - run.first) * TILE_VECTORS, winograd_weights(j, next_point, next_pair));
        }
}

static void winograd(const fovea_conv_params *p, const fovea_conv_args *a, int part, int parts) {
    winograd_job j = {.p = p, .a = a, .s = winograd_plan(p, parts)};
    j.before = in_rounding_store(p->before), j.f = in_rounding_store(p->activation);
    j.clear = fills_padding(p->activation, p->out_channels);
    const winograd_shape *s = &j.s;
    const int64_t all = (s->vectors + TILE_VECTORS - 1) / TILE_VECTORS;
    part_range blocks = {0, s->blocks}, pairs = {0, all};
    if (s->split_channels) pairs = share(all, part, parts);
    else blocks = share(s->blocks, part, parts);
    if (pairs.first == pairs.end) return;
    tile_block b = {.x = (float *)a->scratch + winograd_group_floats(s) * s->block_groups * part};
    b.y = b.x + s->n * s->n * s->x_point * s->block_groups;
    for (int64_t i = blocks.first; i < blocks.end; ++i) {
        b.first = i * s->tiles / s->blocks, b.count = (i + 1) * s->tiles / s->blocks - b.first;
        b.groups = (b.count + TILE_PIXELS - 1) / TILE_PIXELS;
        winograd_count_groups(s, &b);
        winograd_input_groups(&j, &b);
        for (int64_t pair = pairs.first; pair < pairs.end; pair += s->run_pairs) {
            const part_range run = {pair, smaller(pair + s->run_pairs, pairs.end)};
            winograd_products(&j, &b, run, run.end < pairs.end ? run.end : pairs.first);
            winograd_output_groups(&j, &b, run);
        }
    }
}

// The tiles of a Winograd convolution: how many, where, in which groups and blocks, and where the points of each lie.
#pragma once
#include "activation.h"
#include "winograd_edges.h"

// What follows from the parameters.
typedef struct {
    int kind, n, m;
    int32_t tiles_x, tiles_y;      // tiles in a row and in a column of the output
    int64_t tiles;                 // of the whole batch
    int64_t blocks, block_groups;  // blocks of tiles; groups of at most TILE_PIXELS tiles in a block
    int split_channels;            // 1 when parts share output channels and not blocks of tiles
    int32_t planes, vectors;       // blocks of 16 input and output channels
    int64_t run_pairs;             // pairs of vectors of output channels whose products are kept at a time
    int64_t x_point, y_point;      // floats from one point to the next in transformed input and in products
    int edged;                     // 1: the last tiles of rows or columns use fewer points
    int edge_rows, edge_columns;   // outputs of the last row and column of tiles; m when they are whole
    uint8_t lacks_row[WINOGRAD_MOST_POINTS], lacks_column[WINOGRAD_MOST_POINTS];  // 1 for points that those tiles have not
} winograd_shape;

static void winograd_lacking(int kind, int e, uint8_t *lacks) {
    const winograd_axis axis = winograd_axis_of(kind, e);
    memset(lacks, 1, (size_t)winograd_kinds[kind].n);
    for (int i = 0; i < axis.n; ++i) lacks[axis.points[i]] = 0;
}

// Points of the tiles of one image when the last ones do with fewer.
static int64_t edged_points(const winograd_shape *s) {
    const int64_t rows = (int64_t)(s->tiles_y - 1) * s->n + winograd_axis_of(s->kind, s->edge_rows).n;
    const int64_t columns = (int64_t)(s->tiles_x - 1) * s->n + winograd_axis_of(s->kind, s->edge_columns).n;
    return rows * columns;
}

// Transforms that keep account of missing points are slower: a tenth of the products saved pays for them.
static void winograd_find_edges(const fovea_conv_params *p, winograd_shape *s) {
    s->edge_rows = p->out_height - (s->tiles_y - 1) * s->m, s->edge_columns = p->out_width - (s->tiles_x - 1) * s->m;
    if (winograd_edges[s->kind][1].n == 0) return;
    s->edged = edged_points(s) * 10 <= (int64_t)s->tiles_y * s->tiles_x * s->n * s->n * 9;
    if (!s->edged) return;
    winograd_lacking(s->kind, s->edge_rows, s->lacks_row);
    winograd_lacking(s->kind, s->edge_columns, s->lacks_column);
}

// Transformed data of a group of tiles is [n][n][plane][TILE_PIXELS][16] floats, so that a product reads its operand linearly. A line
// between the points spreads them over the sets of the caches.
#define PLANE_FLOATS (TILE_PIXELS * 16)

static int64_t winograd_point_floats(int32_t planes) { return (planes * TILE_PIXELS | 1) * 16; }

typedef struct {
    const fovea_conv_params *p;
    const fovea_conv_args *a;
    winograd_shape s;
    store_activation before, f;
    int clear;  // 1: lanes past the last channel are zeroed
} winograd_job;

// Where a tile lies: its image, and the output row and column of its corner.
typedef struct {
    int64_t image;
    int32_t y, x;
} tile_place;

static tile_place winograd_place(const winograd_shape *s, int64_t tile) {
    const int64_t row = tile / s->tiles_x;
    return (tile_place){row / s->tiles_y, (int32_t)(row % s->tiles_y) * s->m, (int32_t)(tile % s->tiles_x) * s->m};
}

static void winograd_next(const winograd_shape *s, tile_place *at) {
    if ((at->x += s->m) < s->tiles_x * s->m) return;
    at->x = 0;
    if ((at->y += s->m) < s->tiles_y * s->m) return;
    at->y = 0, ++at->image;
}

// Outputs of a tile that lie inside.
static int tile_rows_inside(const winograd_shape *s, const tile_place *at) { return at->y + s->m < s->tiles_y * s->m ? s->m : s->edge_rows; }
static int tile_columns_inside(const winograd_shape *s, const tile_place *at) { return at->x + s->m < s->tiles_x * s->m ? s->m : s->edge_columns; }

// Tiles of a group that have a point, [1 in rows that last tiles lack][1 in columns that they lack].
typedef struct {
    int count[2][2];
} tile_counts;

static void winograd_count(const winograd_shape *s, const tile_place *at, tile_counts *c) {
    const int last_row = tile_rows_inside(s, at) < s->m, last_column = tile_columns_inside(s, at) < s->m;
    for (int row = 0; row < 2; ++row)
        for (int column = 0; column < 2; ++column) c->count[row][column] += !(row && last_row) && !(column && last_column);
}

// A tile of a group in which not all tiles have all points: those that have a point follow each other without gaps.
typedef struct {
    int rows, columns;  // outputs of the tile
    ptrdiff_t at[2][WINOGRAD_MOST_POINTS];  // floats to the points of a column, in rows that all tiles have and in those that last tiles lack
} edge_tile;

// `count` tiles from `first` on, `step` floats from point to point; NULL when all tiles of the shape have all points.
static const edge_tile *winograd_edge_tiles(const winograd_shape *s, int64_t first, int64_t count, ptrdiff_t step, edge_tile *tiles) {
    if (!s->edged) return NULL;
    tile_place at = winograd_place(s, first);
    tile_counts before = {0};
    for (int64_t t = 0; t < count; ++t, winograd_next(s, &at)) {
        tiles[t].rows = tile_rows_inside(s, &at), tiles[t].columns = tile_columns_inside(s, &at);
        for (int row = 0; row < 2; ++row)
            for (int c = 0; c < s->n; ++c) tiles[t].at[row][c] = c * step + before.count[row][s->lacks_column[c]] * 16;
        winograd_count(s, &at, &before);
    }
    return tiles;
}

// Where the points of a tile lie: those of row i from i * row on.
typedef struct {
    ptrdiff_t row, step;       // step: from one column to the next
    const edge_tile *edge;     // NULL when all tiles of the group have all points
    const uint8_t *lacks_row;  // of the shape
} tile_points;

INLINE ptrdiff_t column_offset(const tile_points *at, const int edged, int row, int column) {
    return edged ? at->edge->at[at->lacks_row[row]][column] : column * at->step;
}

// A function for each count of outputs of an edged tile, f_kind_rows_columns, that E defines: of m = 4 and m = 2.
#define EDGES_4(E, kind) \
    E(kind, 1, 1) E(kind, 1, 2) E(kind, 1, 3) E(kind, 1, 4) E(kind, 2, 1) E(kind, 2, 2) E(kind, 2, 3) E(kind, 2, 4) \
    E(kind, 3, 1) E(kind, 3, 2) E(kind, 3, 3) E(kind, 3, 4) E(kind, 4, 1) E(kind, 4, 2) E(kind, 4, 3) E(kind, 4, 4)
#define EDGES_2(E, kind) E(kind, 1, 1) E(kind, 1, 2) E(kind, 2, 1) E(kind, 2, 2)
#define EDGE_ROW_4(f, kind, r) {f##_##kind##_##r##_1, f##_##kind##_##r##_2, f##_##kind##_##r##_3, f##_##kind##_##r##_4}
#define EDGE_ROW_2(f, kind, r) {f##_##kind##_##r##_1, f##_##kind##_##r##_2}
#define EDGE_TABLE_4(f, kind) {EDGE_ROW_4(f, kind, 1), EDGE_ROW_4(f, kind, 2), EDGE_ROW_4(f, kind, 3), EDGE_ROW_4(f, kind, 4)}
#define EDGE_TABLE_2(f, kind) {EDGE_ROW_2(f, kind, 1), EDGE_ROW_2(f, kind, 2)}

// Those of every kind that has edges, and `table` of them by kind, rows - 1 and columns - 1.
#define EDGE_FUNCTIONS(E, f, type, table) \
    EDGES_4(E, 4_3) EDGES_2(E, 2_3) EDGES_4(E, 4_3_2) \
    static const type table[6][4][4] = { \
        [WINOGRAD_4_3] = EDGE_TABLE_4(f, 4_3), [WINOGRAD_2_3] = EDGE_TABLE_2(f, 2_3), [WINOGRAD_4_3_2] = EDGE_TABLE_4(f, 4_3_2)}

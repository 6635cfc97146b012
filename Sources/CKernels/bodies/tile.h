// The register tile that convolutions and matrix products share: up to 2 vectors of 16 output channels by TILE_PIXELS pixels,
// accumulated over the whole of K before the one store. The order of the sum depends on K only, never on the tile.
#pragma once
#include "activation.h"

/// K is a loop nest outer > rows > columns > inner; weights are read linearly, 16 * vectors floats for each step.
typedef struct {
    const float *a, *b;  // input of the first pixel of either group of pixels
    const float *w;      // packed weights, 64-byte aligned
    int32_t outer, rows, columns, inner, inner_last;  // inner_last: steps in the last of `outer`
    ptrdiff_t outer_step, row_step, column_step;      // floats
    ptrdiff_t pixel_step;                             // floats between neighbouring pixels of the input
    int32_t chain;       // steps of `outer` that one chain of additions covers
    int32_t last;        // 1: the sum is complete with this tile
    int32_t continues;   // 1: the output holds the sum of what came before; not for one or two pixels
    int32_t half;        // 1: the last of TILE_VECTORS has eight lanes at most; the others are zeros before the clamp
    const float *bias;                                // 16 * vectors floats
    const float *residual_a, *residual_b;             // laid out like the output, or NULL
    float *out_a, *out_b;                             // output of the first pixel of either group
    ptrdiff_t out_pixel, out_vector;                  // floats between pixels and between vectors of the output
    store_activation f;                               // applied last, but for what comes after the store
    const store_activation *before;                   // a quantisation that is applied before the residual is added, or NULL
    const char *next, *next_end;                      // the first quarter of the weights to prefetch, moved on; or NULL
    ptrdiff_t next_quarter;                           // bytes from one quarter to the next
    int32_t next_lines;                               // cache lines of them for each round of the inner loop, a multiple of 4
} tile;

// Rounding errors of a sum grow with the square root of its length: chains of about this many additions, and the sum of their sums,
// keep deep layers as exact as shallow ones.
#define CHAIN_STEPS 192

// The chain of a tile whose `outer` has this many steps.
INLINE int32_t chain_length(int64_t steps) { return steps >= CHAIN_STEPS ? 1 : (int32_t)(CHAIN_STEPS / steps); }

typedef void (*tile_function)(tile *);

// Pixels of a group: a full tile is two groups, each with its own base pointer, so that it may span two rows.
#define TILE_GROUP (TILE_PIXELS / 2)

// Line l of those that one round of the inner loop prefetches. The weights of the next block of channels come to the second-level cache
// in four streams, at most one line at each step: a core reads memory faster through several pages at once, and a burst of
// prefetches would hold up its loads.
INLINE void prefetch_line(const char *next, ptrdiff_t quarter, int32_t l) {
    __builtin_prefetch(next + (l & 3) * quarter + (l >> 2) * 64, 0, 2);
}

// A half vector takes the lower half of the register that a pixel is spread over. Left to itself the compiler spreads it once more, and
// moves sums through memory.
#if TILE_VECTORS == 2
#define IN_ONE_REGISTER(x) __asm__("" : "+v"(x))
INLINE v8 fma8(v8 x, v8 k, v8 acc) {
    __asm__("vfmadd231ps %1, %2, %0" : "+v"(acc) : "v"(x), "v"(k));
    return acc;
}
#else
#define IN_ONE_REGISTER(x)
INLINE v8 fma8(v8 x, v8 k, v8 acc) { return __builtin_elementwise_fma(x, k, acc); }
#endif

// na pixels from a, nb from b, v vectors, the last of them a half or not, all known when inlined; step: the pixel step, or 0 to read it
// from the tile.
INLINE void tile_run(tile *t, const int na, const int nb, const int v, const int half, const ptrdiff_t step) {
    const int full = v - half;
    v16 acc[2][2 * TILE_GROUP], sums[2][2 * TILE_GROUP];
    v8 rest[2 * TILE_GROUP], rest_sums[2 * TILE_GROUP];  // of the half vector
    const ptrdiff_t s = step ? step : t->pixel_step;
    UNROLL for (int p = 0; p < na + nb; ++p) {
        UNROLL for (int j = 0; j < full; ++j) acc[j][p] = loadu(t->bias + 16 * j);
        if (half) rest[p] = load8(t->bias + 16 * full);
    }
    const float *w = t->w;
    for (int32_t o = 0, end = t->chain; o < t->outer; ++o) {
        if (o == end) {
            UNROLL for (int p = 0; p < na + nb; ++p) {
                UNROLL for (int j = 0; j < full; ++j) {
                    sums[j][p] = end == t->chain ? acc[j][p] : sums[j][p] + acc[j][p];
                    acc[j][p] = splat(0);
                }
                if (half) rest_sums[p] = end == t->chain ? rest[p] : rest_sums[p] + rest[p], rest[p] = 0;
            }
            end += t->chain;
        }
        const int32_t inner = o == t->outer - 1 ? t->inner_last : t->inner;
        for (int32_t r = 0; r < t->rows; ++r)
            for (int32_t c = 0; c < t->columns; ++c) {
                const ptrdiff_t at = o * t->outer_step + r * t->row_step + c * t->column_step;
                const float *a = t->a + at, *b = t->b + at;
                const char *next = t->next;
                const int32_t lines = next < t->next_end ? t->next_lines : 0;
                t->next += 16 * lines;
                for (int32_t i = 0; i < inner; ++i, ++a, ++b, w += 16 * v) {
                    for (int32_t l = i; l < lines; l += inner) prefetch_line(next, t->next_quarter, l);
                    v16 k[2];
                    UNROLL for (int j = 0; j < full; ++j) k[j] = load(w + 16 * j);
                    const v8 k8 = half ? load8(w + 16 * full) : 0;
                    UNROLL for (int p = 0; p < na + nb; ++p) {
                        v16 x = splat(p < na ? a[p * s] : b[(p - na) * s]);
                        if (half && full) IN_ONE_REGISTER(x);
                        UNROLL for (int j = 0; j < full; ++j) acc[j][p] = fma16(x, k[j], acc[j][p]);
                        if (half) rest[p] = fma8(x.lo, k8, rest[p]);
                    }
                }
            }
    }
    if (t->outer > t->chain)
        UNROLL for (int p = 0; p < na + nb; ++p) {
            UNROLL for (int j = 0; j < full; ++j) acc[j][p] += sums[j][p];
            if (half) rest[p] += rest_sums[p];
        }
    if (half)
        UNROLL for (int p = 0; p < na + nb; ++p) acc[full][p] = widened(rest[p]);
    // The output may alias anything: what its store needs is not read again from the tile.
    float *const out[2] = {t->out_a, t->out_b};
    const float *const residual[2] = {t->residual_a, t->residual_b};
    const store_activation f = t->f;
    const ptrdiff_t out_pixel = t->out_pixel, out_vector = t->out_vector;
#if TILE_VECTORS == 1
    if (t->continues)
        UNROLL for (int p = 0; p < na + nb; ++p)
            acc[0][p] += loadu(out[p >= na] + (p < na ? p : p - na) * out_pixel);
#endif
    if (residual[0]) {
        if (t->before)
            UNROLL for (int p = 0; p < na + nb; ++p)
                UNROLL for (int j = 0; j < v; ++j) acc[j][p] = stored(1, t->before, acc[j][p]);
        UNROLL for (int p = 0; p < na + nb; ++p)
            UNROLL for (int j = 0; j < v; ++j)
                acc[j][p] += loadu(residual[p >= na] + (p < na ? p : p - na) * out_pixel + j * out_vector);
    }
    if (f.rounds)
        UNROLL for (int p = 0; p < na + nb; ++p)
            UNROLL for (int j = 0; j < v; ++j)
                storeu(out[p >= na] + (p < na ? p : p - na) * out_pixel + j * out_vector, stored(1, &f, acc[j][p]));
    else
        UNROLL for (int p = 0; p < na + nb; ++p)
            UNROLL for (int j = 0; j < v; ++j)
                storeu(out[p >= na] + (p < na ? p : p - na) * out_pixel + j * out_vector, stored(0, &f, acc[j][p]));
}

// Partial sums of a narrow tile.
#define PARTIAL (2 * TILE_VECTORS)

// One or two pixels: partial sums hide the latency of the multiply-add.
INLINE void tile_run_narrow(const tile *t, const int n, const int v) {
    v16 acc[PARTIAL][2][2];
    const ptrdiff_t s = t->pixel_step;
    UNROLL for (int q = 0; q < PARTIAL; ++q)
        UNROLL for (int p = 0; p < n; ++p)
            UNROLL for (int j = 0; j < v; ++j) acc[q][p][j] = q ? splat(0) : loadu(t->bias + 16 * j);
    const float *w = t->w;
    for (int32_t o = 0; o < t->outer; ++o) {
        const int32_t inner = o == t->outer - 1 ? t->inner_last : t->inner;
        for (int32_t r = 0; r < t->rows; ++r)
            for (int32_t c = 0; c < t->columns; ++c) {
                const float *a = t->a + o * t->outer_step + r * t->row_step + c * t->column_step;
                int32_t i = 0;
                for (; i + PARTIAL <= inner; i += PARTIAL, a += PARTIAL, w += 16 * PARTIAL * v)
                    UNROLL for (int q = 0; q < PARTIAL; ++q)
                        UNROLL for (int p = 0; p < n; ++p)
                            UNROLL for (int j = 0; j < v; ++j)
                                acc[q][p][j] = fma16(splat(a[p * s + q]), load(w + 16 * (q * v + j)), acc[q][p][j]);
                for (; i < inner; ++i, ++a, w += 16 * v)
                    UNROLL for (int p = 0; p < n; ++p)
                        UNROLL for (int j = 0; j < v; ++j) acc[0][p][j] = fma16(splat(a[p * s]), load(w + 16 * j), acc[0][p][j]);
            }
    }
    UNROLL for (int p = 0; p < n; ++p)
        UNROLL for (int j = 0; j < v; ++j) {
            UNROLL for (int q = 1; q < PARTIAL; ++q) acc[0][p][j] += acc[q][p][j];
            const ptrdiff_t at = p * t->out_pixel + j * t->out_vector;
            v16 x = acc[0][p][j];
            if (t->residual_a) x = (t->before ? stored(1, t->before, x) : x) + loadu(t->residual_a + at);
            storeu(t->out_a + at, t->f.rounds ? stored(1, &t->f, x) : stored(0, &t->f, x));
        }
}

#define TILE(na, nb, v, step) \
    static void tile_##na##_##nb##_##v##_##step(tile *t) { tile_run(t, na, nb, v, 0, step); }
#define TILE_HALF(na, nb, v, step) \
    static void tile_half_##na##_##nb##_##v##_##step(tile *t) { tile_run(t, na, nb, v, 1, step); }
#define NARROW(n, v) \
    static void tile_narrow_##n##_##v(tile *t) { tile_run_narrow(t, n, v); }

// A tile of n pixels in a row has na = min(n, 7) and nb = n - na with b following a; then come pairs of rows.
#if TILE_VECTORS == 2
#define TILES(T, v, step) \
    T(3, 0, v, step) T(4, 0, v, step) T(5, 0, v, step) T(6, 0, v, step) T(7, 0, v, step) T(7, 1, v, step) T(7, 2, v, step) \
    T(7, 3, v, step) T(7, 4, v, step) T(7, 5, v, step) T(7, 6, v, step) T(7, 7, v, step) T(2, 2, v, step) T(3, 3, v, step) \
    T(4, 4, v, step) T(5, 5, v, step) T(6, 6, v, step)
#define TILE_ROW(t, v, s) \
    { \
        tile_narrow_1_##v, tile_narrow_2_##v, t##_3_0_##v##_##s, t##_4_0_##v##_##s, t##_5_0_##v##_##s, t##_6_0_##v##_##s, \
            t##_7_0_##v##_##s, t##_7_1_##v##_##s, t##_7_2_##v##_##s, t##_7_3_##v##_##s, t##_7_4_##v##_##s, t##_7_5_##v##_##s, \
            t##_7_6_##v##_##s, t##_7_7_##v##_##s, 0, t##_2_2_##v##_##s, t##_3_3_##v##_##s, t##_4_4_##v##_##s, t##_5_5_##v##_##s, \
            t##_6_6_##v##_##s, t##_7_7_##v##_##s \
    }
#else
#define TILES(T, v, step) \
    T(3, 0, v, step) T(4, 0, v, step) T(5, 0, v, step) T(6, 0, v, step) T(2, 2, v, step) T(3, 3, v, step)
#define TILE_ROW(t, v, s) \
    { \
        tile_narrow_1_##v, tile_narrow_2_##v, t##_3_0_##v##_##s, t##_4_0_##v##_##s, t##_5_0_##v##_##s, t##_6_0_##v##_##s, 0, \
            t##_2_2_##v##_##s, t##_3_3_##v##_##s \
    }
#endif

NARROW(1, 1)
NARROW(2, 1)
TILES(TILE, 1, 16)
TILES(TILE, 1, 0)
// By the pixel step, 16 or not, and by vectors; then those whose last vector is a half.
#if TILE_VECTORS == 2
NARROW(1, 2)
NARROW(2, 2)
TILES(TILE, 2, 16)
TILES(TILE, 2, 0)
TILES(TILE_HALF, 2, 16)
TILES(TILE_HALF, 2, 0)
static const tile_function tile_table[2][3][TILE_PIXELS + TILE_GROUP] = {
    {TILE_ROW(tile, 1, 0), TILE_ROW(tile, 2, 0), TILE_ROW(tile_half, 2, 0)},
    {TILE_ROW(tile, 1, 16), TILE_ROW(tile, 2, 16), TILE_ROW(tile_half, 2, 16)}};
#else
TILES(TILE_HALF, 1, 16)
TILES(TILE_HALF, 1, 0)
static const tile_function tile_table[2][2][TILE_PIXELS + TILE_GROUP] = {
    {TILE_ROW(tile, 1, 0), TILE_ROW(tile_half, 1, 0)}, {TILE_ROW(tile, 1, 16), TILE_ROW(tile_half, 1, 16)}};
#endif

// Runs v vectors by `rows` (1 or 2) rows of n pixels; for two rows 2 <= n <= TILE_GROUP and b is set by the caller.
INLINE void tile_dispatch(tile *t, int v, int rows, int n) {
    const int pair = rows == 2;
    const int first = n < TILE_GROUP ? n : TILE_GROUP;
    if (!pair) {
        t->b = t->a + first * t->pixel_step;
        t->out_b = t->out_a + first * t->out_pixel;
        if (t->residual_a) t->residual_b = t->residual_a + first * t->out_pixel;
    }
    tile_table[t->pixel_step == 16][t->half ? TILE_VECTORS : v - 1][pair ? TILE_PIXELS + n - 1 : n - 1](t);
}

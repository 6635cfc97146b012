// Products of 16 or 32 pixels and 32 output channels with vdpbf16ps: up to fourteen pixels by two vectors in registers.
#pragma once
#include "tile.h"

static void tile_begin(void) {}
static void tile_end(void) {}

// Sums are stored as they are in registers, if they need no more than a clamp.
#define TILE_STORES 1

// What is known of a tile when its code is made: halves of the output channels; bytes from pixel to pixel; whether groups follow one another
// and make runs together.
typedef struct {
    int halves;
    int64_t step;
    int joined;
} tile_kind;

// Pixels from ..< end of a group, or of all that are joined, in runs that may reach back or forth, but not beyond pixel `last`.
typedef struct {
    const char *pixels;
    bf16 *output;
    const bf16 *residual;
    int from, end, last;
    float *sums;
} tile_span;

// Pixels first ..< first + n, with or without a residual.
INLINE void tile_finish(const bf16_tile *t, const tile_span *s, __m512 acc[14][2], int first, const int n, const int sum) {
    const v16 low = splat(t->low), high = splat(t->high);
    UNROLL for (int i = 0; i < n; ++i) {
        if (first + i < s->from || first + i >= s->end) continue;
        v32 x = {(v16)acc[i][0], (v16)acc[i][1]};
        if (sum) x = add_residual(x, s->residual + 32 * (first + i));
        x = clamped(x, low, high, 1);
        _mm512_store_si512(s->output + 32 * (first + i), rounded(x.first, x.last));
    }
}

// n pixels from `first` on; fetches: the next weights are asked for beside.
INLINE void tile_run(bf16_tile *t, const tile_kind kind, const tile_span *s, int first, const int n, int fetches) {
    const char *a = s->pixels + first * kind.step;
    __m512 acc[14][2];
    UNROLL for (int i = 0; i < n; ++i) UNROLL for (int h = 0; h < kind.halves; ++h) acc[i][h] = (__m512)loadu(t->bias + 16 * h);
    const char *w = t->weights;
    for (int32_t k = 0; k < t->steps; ++k, w += 1024 * kind.halves) {
        const char *at = a + t->offsets[k];
        const int pairs = t->pairs[k];
        if (fetches) tile_prefetch(t);
        for (int pair = 0; pair < pairs; ++pair, at += 4) {
            __m512bh b[2];
            UNROLL for (int h = 0; h < kind.halves; ++h) b[h] = (__m512bh)_mm512_load_si512(w + 1024 * h + 64 * pair);
            UNROLL for (int i = 0; i < n; ++i) {
                const __m512bh x = (__m512bh)_mm512_set1_epi32(*(const unaligned_int *)(at + i * kind.step));
                UNROLL for (int h = 0; h < kind.halves; ++h) acc[i][h] = _mm512_dpbf16_ps(acc[i][h], x, b[h]);
            }
        }
    }
    if (kind.halves == 2 && t->stores) {
        if (s->residual) tile_finish(t, s, acc, first, n, 1);
        else tile_finish(t, s, acc, first, n, 0);
        return;
    }
    UNROLL for (int i = 0; i < n; ++i) {
        float *sums = s->sums + (kind.joined ? (first + i) / 16 * 512 + (first + i) % 16 * 16 : 16 * (first + i));
        UNROLL for (int h = 0; h < kind.halves; ++h) _mm512_store_ps(sums + 256 * h, acc[i][h]);
    }
}

// In runs of 14, 12, 8 or 4, 16 in two of 8. The first asks for weights.
INLINE void tile_runs(bf16_tile *t, const tile_kind kind, const tile_span s, int fetches) {
    for (int i = s.from; i < s.end; fetches = 0) {
        const int left = s.end - i, n = left > 16 || left == 13 || left == 14 ? 14 : left > 14 ? 8 : left > 8 ? 12 : left > 4 ? 8 : 4;
        i = (int)smaller(i, s.last - n);
        switch (n) {
        case 14: tile_run(t, kind, &s, i, 14, fetches); break;
        case 12: tile_run(t, kind, &s, i, 12, fetches); break;
        case 8: tile_run(t, kind, &s, i, 8, fetches); break;
        default: tile_run(t, kind, &s, i, 4, fetches);
        }
        i += n;
    }
}

static tile_span span_at(const bf16_tile *t, int g, int end, int last, float *sums) {
    return (tile_span){t->pixels[g], t->output[g], t->residual[g], t->from[g], end, last, sums};
}

static void tile_products(bf16_tile *t, int groups, int halves, float *c) {
    for (int g = 0; g < groups; ++g) {
        const tile_span s = span_at(t, g, t->to[g], 16, c + 512 * g);
        if (t->pixel_bytes == 64 && halves == 2) tile_runs(t, (tile_kind){2, 64, 0}, s, g == 0);
        else if (t->pixel_bytes == 64) tile_runs(t, (tile_kind){1, 64, 0}, s, g == 0);
        else if (halves == 2) tile_runs(t, (tile_kind){2, t->pixel_bytes, 0}, s, g == 0);
        else tile_runs(t, (tile_kind){1, t->pixel_bytes, 0}, s, g == 0);
    }
}

// tile_runs has stored the sums already.
static void tile_store(int groups, int halves, float *c) { (void)groups, (void)halves, (void)c; }

// It is a tenth faster when the first run prefetches all of the next weights than when each run prefetches its share.
static void tile_columns(bf16_tile *t, int groups, int halves, float *c) {
    const int end = 16 * (groups - 1) + t->to[groups - 1];
    const tile_span s = span_at(t, 0, end, end, c);
    if (t->next_lines) t->next_lines = 8;
    if (halves == 2) tile_runs(t, (tile_kind){2, 64, 1}, s, 1);
    else tile_runs(t, (tile_kind){1, 64, 1}, s, 1);
}

#define LOOP_CHAINS 24

static double product_loop(int64_t rounds, float *result) {
    __m512 sums[LOOP_CHAINS];
    const __m512bh x = (__m512bh)_mm512_set1_epi16(0x3f80);
    UNROLL for (int i = 0; i < LOOP_CHAINS; ++i) sums[i] = _mm512_setzero_ps();
    for (int64_t round = 0; round < rounds; ++round)
        UNROLL for (int i = 0; i < LOOP_CHAINS; ++i) sums[i] = _mm512_dpbf16_ps(sums[i], x, x);
    UNROLL for (int i = 1; i < LOOP_CHAINS; ++i) sums[0] = _mm512_add_ps(sums[0], sums[i]);
    *result = sums[0][0];
    return 2.0 * 32 * LOOP_CHAINS * (double)rounds;
}

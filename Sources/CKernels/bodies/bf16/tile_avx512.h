// Products of 16 or 32 pixels and 32 output channels with vdpbf16ps: up to fourteen pixels by two vectors in registers.
#pragma once
#include "tile.h"

static void tile_begin(void) {}
static void tile_end(void) {}

// n pixels from a, known when inlined; fetches: the next weights are asked for beside.
INLINE void tile_run(bf16_tile *t, const char *a, const int n, const int halves, int fetches, float *c) {
    __m512 acc[14][2];
    UNROLL for (int i = 0; i < n; ++i) UNROLL for (int h = 0; h < halves; ++h) acc[i][h] = (__m512)loadu(t->bias + 16 * h);
    const char *w = t->weights;
    for (int32_t k = 0; k < t->steps; ++k, w += 1024 * halves) {
        const char *at = a + t->offsets[k];
        const int pairs = k < t->whole_steps ? 16 : t->last_pairs;
        if (fetches) tile_prefetch(t);
        for (int pair = 0; pair < pairs; ++pair, at += 4) {
            __m512bh b[2];
            UNROLL for (int h = 0; h < halves; ++h) b[h] = (__m512bh)_mm512_load_si512(w + 1024 * h + 64 * pair);
            UNROLL for (int i = 0; i < n; ++i) {
                const __m512bh x = (__m512bh)_mm512_set1_epi32(*(const unaligned_int *)(at + i * t->pixel_bytes));
                UNROLL for (int h = 0; h < halves; ++h) acc[i][h] = _mm512_dpbf16_ps(acc[i][h], x, b[h]);
            }
        }
    }
    UNROLL for (int i = 0; i < n; ++i) UNROLL for (int h = 0; h < halves; ++h) _mm512_store_ps(c + 256 * h + 16 * i, acc[i][h]);
}

// The pixels of a group that count, in runs of 14, 12, 8 or 4: a run that would leave the group begins earlier.
INLINE void tile_group(bf16_tile *t, int g, const int halves, int fetches, float *c) {
    for (int i = t->from[g]; i < t->to[g];) {
        const int left = t->to[g] - i, n = left > 14 ? 8 : left > 12 ? 14 : left > 8 ? 12 : left > 4 ? 8 : 4;
        i = (int)smaller(i, 16 - n);
        const char *a = t->pixels[g] + i * t->pixel_bytes;
        switch (n) {
        case 14: tile_run(t, a, 14, halves, fetches, c + 16 * i); break;
        case 12: tile_run(t, a, 12, halves, fetches, c + 16 * i); break;
        case 8: tile_run(t, a, 8, halves, fetches, c + 16 * i); break;
        default: tile_run(t, a, 4, halves, fetches, c + 16 * i);
        }
        i += n, fetches = 0;
    }
}

static void tile_products(bf16_tile *t, int groups, int halves, float *c) {
    for (int g = 0; g < groups; ++g) {
        if (halves == 2) tile_group(t, g, 2, g == 0, c + 512 * g);
        else tile_group(t, g, 1, g == 0, c + 512 * g);
    }
}

// They are there already.
static void tile_store(int groups, int halves, float *c) { (void)groups, (void)halves, (void)c; }

static void tile_columns(bf16_tile *t, int groups, int halves, float *c) { tile_products(t, groups, halves, c); }

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

// Products of 16 or 32 pixels and 32 output channels with vdpbf16ps: eight pixels by two vectors in registers.
#pragma once
#include "tile.h"

static void tile_begin(void) {}
static void tile_end(void) {}

INLINE void tile_eight(const bf16_tile *t, const char *a, const int halves, float *c) {
    __m512 acc[8][2];
    UNROLL for (int i = 0; i < 8; ++i) UNROLL for (int h = 0; h < halves; ++h) acc[i][h] = (__m512)loadu(t->bias + 16 * h);
    const char *w = t->weights;
    for (int32_t k = 0; k < t->steps; ++k) {
        const char *at = a + t->offsets[k];
        for (int pair = 0; pair < 16; ++pair, at += 4) {
            __m512bh b[2];
            UNROLL for (int h = 0; h < halves; ++h) b[h] = (__m512bh)_mm512_load_si512(w + 1024 * h + 64 * pair);
            UNROLL for (int i = 0; i < 8; ++i) {
                const __m512bh x = (__m512bh)_mm512_set1_epi32(*(const unaligned_int *)(at + i * t->pixel_bytes));
                UNROLL for (int h = 0; h < halves; ++h) acc[i][h] = _mm512_dpbf16_ps(acc[i][h], x, b[h]);
            }
        }
        w += 1024 * halves;
    }
    UNROLL for (int i = 0; i < 8; ++i) UNROLL for (int h = 0; h < halves; ++h) _mm512_store_ps(c + 256 * h + 16 * i, acc[i][h]);
}

static void tile_products(const bf16_tile *t, int groups, int halves, float *c) {
    for (int g = 0; g < groups; ++g)
        for (int i = 0; i < 16; i += 8) {
            const char *a = t->pixels[g] + i * t->pixel_bytes;
            if (halves == 2) tile_eight(t, a, 2, c + 512 * g + 16 * i);
            else tile_eight(t, a, 1, c + 512 * g + 16 * i);
        }
}

// They are there already.
static void tile_store(int groups, int halves, float *c) { (void)groups, (void)halves, (void)c; }

static void tile_columns(const bf16_tile *t, int groups, int halves, float *c) { tile_products(t, groups, halves, c); }

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

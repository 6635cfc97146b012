// Chains of multiply-adds that never leave the registers: the rate that kernels are measured by.
#pragma once
#include "vector.h"

// As many chains as the register tile has accumulators; that hides the latency of the unit on every CPU known to us.
#define PEAK_CHAINS (TILE_PIXELS * TILE_VECTORS)

static double fma_loop(int64_t rounds, float seed, float *result) {
    const v16 x = splat(seed), y = splat(1 - seed);
    v16 sums[PEAK_CHAINS];
    UNROLL for (int i = 0; i < PEAK_CHAINS; ++i) sums[i] = splat(seed * (float)i);
    for (int64_t round = 0; round < rounds; ++round) {
        UNROLL for (int i = 0; i < PEAK_CHAINS; ++i) sums[i] = fma16(sums[i], x, y);
    }
    v16 total = sums[0];
    UNROLL for (int i = 1; i < PEAK_CHAINS; ++i) total += sums[i];
    *result = total[0];
    return 2.0 * 16 * PEAK_CHAINS * (double)rounds;
}

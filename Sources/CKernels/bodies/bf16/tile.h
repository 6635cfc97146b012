// What one product of pixels and weights reads.
#pragma once
#include "finish.h"

typedef int32_t unaligned_int __attribute__((aligned(2)));

// Step k multiplies 32 numbers of each pixel, at pixels[g] + i * pixel_bytes + offsets[k], by 32 x 16 weights for each half of a block of
// 32 output channels: [16 pairs of numbers][16 channels][2]. Rows of pixels past those that count may hold anything.
typedef struct {
    const char *pixels[4];   // the first of each group of 16
    int32_t from[4], to[4];  // the first pixel of each group that counts, and behind the last; others may be left out
    int64_t pixel_bytes;
    const int32_t *offsets;  // bytes
    const int32_t *pairs;    // of numbers that count in a step: the rest are zeros, which may be left out
    int32_t steps;
    const char *weights;
    const float *bias;       // 32 floats
    const char *next;        // weights that will be read later, in four streams
    int64_t next_quarter;    // bytes from one to the next
    int32_t next_lines;      // cache lines to fetch from each in a step
    int32_t stores;          // 1: sums need no more than what follows, and are stored; 0: they are left
    bf16 *output[4];         // pixel 0 of each group
    const bf16 *residual[4]; // likewise, what is added; or NULL
    float low, high;         // what they are clamped to
} bf16_tile;

// The weights that will be read later come to the second-level cache in four streams.
INLINE void tile_prefetch(bf16_tile *t) {
    for (int i = 0; i < t->next_lines; ++i, t->next += 64)
        UNROLL for (int stream = 0; stream < 4; ++stream) _mm_prefetch(t->next + stream * t->next_quarter, _MM_HINT_T1);
}

// Sums of up to four groups of 16 pixels: [group][half][16 pixels][16 channels].
#define TILE_SUMS 2048

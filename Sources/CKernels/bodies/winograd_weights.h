// Weights of Winograd convolutions: transformed once, when they are packed.
#pragma once
#include "winograd_transform.h"

// G of a kind, [n][r].
static void winograd_g(const winograd_kind *k, double g[WINOGRAD_MOST_POINTS][5]) {
    const int last = k->stride == 1 ? k->n - 1 : k->m;  // infinity
    memset(g, 0, WINOGRAD_MOST_POINTS * sizeof *g);
    for (int i = 0; i <= last; ++i) {
        double slope = 1, power = 1;
        for (int j = 0; j < last; ++j)
            if (j != i) slope *= k->points[i] - k->points[j];
        for (int t = 0; t < k->r; t += k->stride, power *= k->points[i]) g[i][t] = i == last ? t == k->r - 1 : power / slope;
    }
    for (int i = last + 1; i < k->n; ++i) g[i][1] = 1;
}

// Point [n][n] of 16 output channels by `count` <= 16 input channels go to out[point * step + input channel * row].
typedef struct {
    double g[WINOGRAD_MOST_POINTS][5];
    int n, r;
    float *out;
    ptrdiff_t step, row;
} weight_job;

INLINE void weights_channel(const weight_job *j, const int n, const int r, const float (*taps)[16], float *out) {
    for (int half = 0; half < 16; half += LANES) {
        vec64 rows[WINOGRAD_MOST_POINTS][5];
        UNROLL for (int c = 0; c < r; ++c)
            for (int i = 0; i < n; ++i) {
                vec64 sum = 0;
                UNROLL for (int t = 0; t < r; ++t) sum += j->g[i][t] * __builtin_convertvector(vec_load(taps[t * r + c] + half), vec64);
                rows[i][c] = sum;
            }
        for (int i = 0; i < n; ++i)
            for (int k = 0; k < n; ++k) {
                vec64 sum = 0;
                UNROLL for (int t = 0; t < r; ++t) sum += j->g[k][t] * rows[i][t];
                vec_store(out + (i * n + k) * j->step + half, __builtin_convertvector(sum, vec));
            }
    }
}

// `source` is the first of the 16 output channels' weights, `stride` floats apart; `outs` of them exist.
static void weights_block(const weight_job *j, const float *source, int64_t stride, int outs, int ins) {
    const int taps = j->r * j->r;
    float lanes[25][16] __attribute__((aligned(64)));
    memset(lanes, 0, sizeof lanes);
    for (int i = 0; i < ins; ++i) {
        for (int o = 0; o < outs; ++o)
            for (int t = 0; t < taps; ++t) lanes[t][o] = source[o * stride + i * taps + t];
        if (j->n == 6 && j->r == 4) weights_channel(j, 6, 4, (const float (*)[16])lanes, j->out + i * j->row);
        else if (j->n == 6) weights_channel(j, 6, 3, (const float (*)[16])lanes, j->out + i * j->row);
        else if (j->n == 4) weights_channel(j, 4, 3, (const float (*)[16])lanes, j->out + i * j->row);
        else if (j->n == 9) weights_channel(j, 9, 3, (const float (*)[16])lanes, j->out + i * j->row);
        else if (j->n == 7) weights_channel(j, 7, 3, (const float (*)[16])lanes, j->out + i * j->row);
        else weights_channel(j, 8, 5, (const float (*)[16])lanes, j->out + i * j->row);
    }
}

// Mean and squared deviations of each channel, for normalisation by what a picture itself holds.
#pragma once
#include "rows.h"

typedef struct {
    v16 mean, squares;
} lane_moments;

// Of a chunk that stays in the nearest cache: first the mean, then the squares of what differs from it.
static lane_moments chunk_moments(const float *x, int64_t vectors) {
    v16 sum[4] = {splat(0), splat(0), splat(0), splat(0)}, squares[4] = {splat(0), splat(0), splat(0), splat(0)};
    int64_t i = 0;
    for (; i + 4 <= vectors; i += 4) UNROLL for (int k = 0; k < 4; ++k) sum[k] += loadu(x + 16 * (i + k));
    for (; i < vectors; ++i) sum[0] += loadu(x + 16 * i);
    const v16 mean = ((sum[0] + sum[1]) + (sum[2] + sum[3])) / splat((float)vectors);
    for (i = 0; i + 4 <= vectors; i += 4) UNROLL for (int k = 0; k < 4; ++k) {
        const v16 d = loadu(x + 16 * (i + k)) - mean;
        squares[k] = fma16(d, d, squares[k]);
    }
    for (; i < vectors; ++i) {
        const v16 d = loadu(x + 16 * i) - mean;
        squares[0] = fma16(d, d, squares[0]);
    }
    return (lane_moments){mean, (squares[0] + squares[1]) + (squares[2] + squares[3])};
}

// Of each lane over `vectors` vectors, chunk by chunk; chunks are joined as in Chan, Golub, LeVeque 1983.
static lane_moments moments_of_lanes(const float *x, int64_t vectors) {
    enum { CHUNK = 256 };
    lane_moments all = chunk_moments(x, smaller(CHUNK, vectors));
    for (int64_t done = CHUNK; done < vectors; done += CHUNK) {
        const int64_t n = smaller(CHUNK, vectors - done);
        const lane_moments next = chunk_moments(x + 16 * done, n);
        const float weight = (float)n / (float)(done + n);
        const v16 d = next.mean - all.mean;
        all.mean = fma16(d, splat(weight), all.mean);
        all.squares += next.squares + d * d * splat((float)done * weight);
    }
    return all;
}

// Of one row: of its lanes, which are joined, and of what is left behind the last whole vector.
static void row_moments(const float *x, int64_t count, float *mean, float *squares) {
    const int64_t vectors = count / 16;
    double m = 0, s = 0;
    if (vectors) {
        const lane_moments lanes = moments_of_lanes(x, vectors);
        m = (double)sum_lanes(lanes.mean) / 16;
        const v16 d = lanes.mean - splat((float)m);
        s = (double)sum_lanes(lanes.squares) + (double)sum_lanes(d * d) * (double)vectors;
    }
    for (int64_t i = 16 * vectors; i < count; ++i) {
        const double d = x[i] - m;
        m += d / (double)(i + 1), s += d * (x[i] - m);
    }
    *mean = (float)m, *squares = (float)s;
}

static void channel_moments(const fovea_extent *e, const float *x, float *mean, float *squares, int part, int parts) {
    const part_range r = share(e->batch * (e->blocked ? blocks16(e->channels) : e->channels), part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        if (e->blocked) {
            const lane_moments m = moments_of_lanes(x + 16 * i * e->pixels, e->pixels);
            storeu(mean + 16 * i, m.mean), storeu(squares + 16 * i, m.squares);
        } else {
            row_moments(x + i * e->pixels, e->pixels, mean + i, squares + i);
        }
    }
}

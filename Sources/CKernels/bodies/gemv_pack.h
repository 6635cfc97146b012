// Weights in the order of gemv.h, and what rounding them loses.
#pragma once
#include "gemv.h"

// Squares of what was rounded away, and magnitudes of the weights, for one output.
typedef struct {
    double lost, all;
} gemv_loss;

INLINE void gemv_count_loss(v16 wanted, v16 got, v16 *lost, v16 *all) {
    *lost = fma16(got - wanted, got - wanted, *lost);
    *all += __builtin_elementwise_abs(wanted);
}

// 32 numbers in halves.
INLINE void gemv_pack_halves(const float *w, char *to, v16 *lost, v16 *all) {
    for (int i = 0; i < 2; ++i) {
        const f16x16 half = __builtin_convertvector(load(w + 16 * i), f16x16);
        *(f16x16 *)(to + 32 * i) = half;
        gemv_count_loss(load(w + 16 * i), __builtin_convertvector(half, v16), lost, all);
    }
}

// 32 numbers in 20 bits each, in units of `scale`.
INLINE void gemv_pack_20_bits(const float *w, float scale, char *to, v16 *lost, v16 *all) {
    // Adding 1.5 * 2^23 rounds to whole numbers and leaves them in the low bits.
    const float magic = 12582912.0f;
    const v16 inverse = splat(scale > 0 ? 1 / scale : 0);
    i16 whole[2];
    UNROLL for (int i = 0; i < 2; ++i) {
        const v16 x = load(w + 16 * i);
        whole[i] = as_int(x * inverse + splat(magic)) - as_int(splat(magic));
        gemv_count_loss(x, __builtin_convertvector(whole[i], v16) * splat(scale), lost, all);
        *(s16x16 *)(to + 32 * i) = __builtin_convertvector(whole[i] >> 4, s16x16);
    }
    *(u8x16 *)(to + 64) = __builtin_convertvector((whole[0] & 15) | (whole[1] & 15) << 4, u8x16);
}

INLINE float gemv_scale(const float *w) {
    v16 largest = splat(0);
    for (int i = 0; i < GEMV_BLOCK; i += 16) largest = __builtin_elementwise_max(largest, __builtin_elementwise_abs(load(w + i)));
    float t[16] __attribute__((aligned(64))), most = 0;
    store(t, largest);
    for (int i = 0; i < 16; ++i) most = t[i] > most ? t[i] : most;
    return most > 1e-30f ? most / GEMV_LARGEST : 0;
}

// 128 numbers of an output that begins at `row`, as its block `block`.
static void gemv_pack_block(fovea_weights form, const float *w, int64_t block, int64_t depth, char *row, gemv_loss *loss) {
    const int64_t bytes = gemv_unit_bytes(form), units = GEMV_BLOCK / GEMV_UNIT;
    char *to = row + gemv_scale_bytes(form, depth) + block * units * bytes;
    const float scale = form == FOVEA_WEIGHTS_20_BITS ? gemv_scale(w) : 0;
    if (form == FOVEA_WEIGHTS_20_BITS) ((float *)row)[block] = scale;
    v16 lost = splat(0), all = splat(0);
    for (int64_t unit = 0; unit < units; ++unit, w += GEMV_UNIT, to += bytes) {
        if (form == FOVEA_WEIGHTS_20_BITS) gemv_pack_20_bits(w, scale, to, &lost, &all);
        else if (form == FOVEA_WEIGHTS_FP16) gemv_pack_halves(w, to, &lost, &all);
        else memcpy(to, w, GEMV_UNIT * sizeof(float));
    }
    loss->lost += (double)gemv_sum(lost), loss->all += (double)gemv_sum(all);
}

// The largest root mean square of what is rounded away by the mean magnitude of the weights, over the outputs; 0 for floats. (Not
// by their root mean square: a few large weights, whose inputs may be zero, would hide what the others lose.)
static float gemv_pack(
    const fovea_linear_params *p, const float *source, int64_t n_stride, int64_t k_stride, float factor, float *packed) {
    const int64_t depth = p->in_features, bytes = gemv_row_bytes(p->weights, depth);
    double worst = 0;
    for (int64_t n = 0; n < p->out_features; ++n) {
        gemv_loss loss = {0, 0};
        for (int64_t block = 0; block < gemv_blocks(depth); ++block) {
            float w[GEMV_BLOCK] __attribute__((aligned(64))) = {0};
            const float *from = source + n * n_stride + block * GEMV_BLOCK * k_stride;
            const int64_t count = smaller(GEMV_BLOCK, depth - block * GEMV_BLOCK);
            if (k_stride == 1) for (int64_t i = 0; i < count; ++i) w[i] = factor * from[i];
            else for (int64_t i = 0; i < count; ++i) w[i] = factor * from[i * k_stride];
            gemv_pack_block(p->weights, w, block, depth, (char *)packed + n * bytes, &loss);
        }
        const double share = loss.all > 0 ? __builtin_sqrt(loss.lost * (double)depth) / loss.all : 0;
        worst = share >= 0 ? (share > worst ? share : worst) : INFINITY;
    }
    return p->weights == FOVEA_WEIGHTS_ROWS ? 0 : (float)worst;
}

// Fully connected layers of few pictures: every weight is read once, so that memory is the bound and the bytes of a weight count.
//
// Packed: the outputs in order, each at a multiple of 64 bytes; of 20-bit numbers first one scale for every block of 128 inputs;
// then units of 32 inputs. A unit is 32 floats, 32 halves, or 32 numbers of 20 bits: 32 x 16 high bits, then 16 bytes whose low
// nibbles belong to the first 16 and whose high nibbles to the last 16. GEMV_ROWS outputs are read side by side: several
// streams are fetched faster than one.
#pragma once
#include "activation.h"
#include "vector.h"

#define GEMV_ROWS (4 * TILE_VECTORS)
#define GEMV_BLOCK 128
#define GEMV_UNIT 32
#define GEMV_LARGEST 524287.0f  // of 20 bits with sign
#define GEMV_AHEAD 512          // bytes ahead of the reading that are asked for

typedef int16_t s16x16 __attribute__((ext_vector_type(16), aligned(2)));
typedef uint8_t u8x16 __attribute__((ext_vector_type(16), aligned(1)));
typedef _Float16 f16x16 __attribute__((ext_vector_type(16), aligned(2)));

typedef struct {
    v16 first, last;
} gemv_pair;

INLINE int64_t gemv_unit_bytes(fovea_weights form) {
    return form == FOVEA_WEIGHTS_20_BITS ? 80 : form == FOVEA_WEIGHTS_FP16 ? 64 : 128;
}

INLINE int64_t gemv_blocks(int64_t depth) { return (depth + GEMV_BLOCK - 1) / GEMV_BLOCK; }

// Of one output, before its units.
INLINE int64_t gemv_scale_bytes(fovea_weights form, int64_t depth) {
    return form == FOVEA_WEIGHTS_20_BITS ? (int64_t)sizeof(float) * gemv_blocks(depth) : 0;
}

// Of one output.
INLINE int64_t gemv_row_bytes(fovea_weights form, int64_t depth) {
    const int64_t units = gemv_blocks(depth) * (GEMV_BLOCK / GEMV_UNIT);
    return (gemv_scale_bytes(form, depth) + units * gemv_unit_bytes(form) + 63) / 64 * 64;
}

static size_t gemv_weights_size(const fovea_linear_params *p) {
    return (size_t)(p->out_features * gemv_row_bytes(p->weights, p->in_features)) / sizeof(float);
}

// One unit as numbers; those of 20 bits without their scale.
INLINE gemv_pair gemv_unit(const char *w, fovea_weights form) {
    if (form == FOVEA_WEIGHTS_FP16)
        return (gemv_pair){__builtin_convertvector(*(const f16x16 *)w, v16), __builtin_convertvector(*(const f16x16 *)(w + 32), v16)};
    if (form == FOVEA_WEIGHTS_ROWS) return (gemv_pair){loadu((const float *)w), loadu((const float *)w + 16)};
    const i16 high = __builtin_convertvector(*(const s16x16 *)w, i16), other = __builtin_convertvector(*(const s16x16 *)(w + 32), i16);
    const i16 low = __builtin_convertvector(*(const u8x16 *)(w + 64), i16);
    return (gemv_pair){__builtin_convertvector(high << 4 | (low & 15), v16), __builtin_convertvector(other << 4 | low >> 4, v16)};
}

// Dot products of the outputs at w[0], w[1] …; `tail` holds the inputs from the last multiple of GEMV_BLOCK on, then zeros.
INLINE void gemv_dot(const char *const *w, const float *x, const float *tail, int64_t depth, fovea_weights form, v16 *sums) {
    const int64_t whole = depth / GEMV_BLOCK, blocks = gemv_blocks(depth), bytes = gemv_unit_bytes(form);
    // Behind the end of a row comes the beginning of the one that this stream reads next.
    const int64_t row = gemv_row_bytes(form, depth), next = GEMV_AHEAD + (GEMV_ROWS - 1) * row;
    int64_t at = gemv_scale_bytes(form, depth);
    UNROLL for (int r = 0; r < GEMV_ROWS; ++r) sums[r] = splat(0);
    for (int64_t block = 0; block < blocks; ++block) {
        const float *from = block < whole ? x + GEMV_BLOCK * block : tail;
        v16 part[GEMV_ROWS];
        UNROLL for (int r = 0; r < GEMV_ROWS; ++r) part[r] = form == FOVEA_WEIGHTS_20_BITS ? splat(0) : sums[r];
        for (int unit = 0; unit < GEMV_BLOCK / GEMV_UNIT; ++unit, from += GEMV_UNIT, at += bytes) {
            const v16 first = loadu(from), last = loadu(from + 16);
            const int64_t ahead = at + GEMV_AHEAD < row ? GEMV_AHEAD : next;
            UNROLL for (int r = 0; r < GEMV_ROWS; ++r) {
                const char *here = w[r] + at;
                // The hardware keeps up with floats by itself.
                if (form != FOVEA_WEIGHTS_ROWS) __builtin_prefetch(here + ahead, 0, 3);
                const gemv_pair weights = gemv_unit(here, form);
                part[r] = fma16(weights.first, first, part[r]);
                part[r] = fma16(weights.last, last, part[r]);
            }
        }
        UNROLL for (int r = 0; r < GEMV_ROWS; ++r) {
            sums[r] = form == FOVEA_WEIGHTS_20_BITS ? fma16(part[r], splat(((const float *)w[r])[block]), sums[r]) : part[r];
        }
    }
}

INLINE float gemv_sum(v16 x) {
    float t[16] __attribute__((aligned(64)));
    store(t, x);
    for (int width = 8; width > 0; width /= 2)
        for (int i = 0; i < width; ++i) t[i] += t[i + width];
    return t[0];
}

// The outputs n ..< n + GEMV_ROWS of one picture.
INLINE void gemv_group(
    const fovea_linear_params *p, const fovea_linear_args *a, const char *const *w, int64_t m, int64_t n, fovea_weights form) {
    const int64_t depth = p->in_features, whole = depth / GEMV_BLOCK * GEMV_BLOCK;
    const float *x = a->input + m * p->in_row_stride;
    float tail[GEMV_BLOCK] __attribute__((aligned(64)));
    if (whole < depth) {
        memset(tail, 0, sizeof tail);
        memcpy(tail, x + whole, (size_t)(depth - whole) * sizeof(float));
    }
    v16 sums[GEMV_ROWS];
    gemv_dot(w, x, tail, depth, form, sums);
    const int64_t count = smaller(GEMV_ROWS, p->out_features - n), at = m * p->out_row_stride + n;
    for (int64_t r = 0; r < count; ++r) {
        float y = gemv_sum(sums[r]);
        if (a->bias) y += a->bias[n + r];
        if (a->residual) y += a->residual[at + r];
        a->output[at + r] = y;
    }
    if (p->activation.kind != FOVEA_ACT_NONE) activate_span(p->activation, a->output + at, a->output + at, count);
}

// Several pictures read the weights of a group one after the other, from memory once.
INLINE void gemv_outputs(const fovea_linear_params *p, const fovea_linear_args *a, part_range groups, fovea_weights form) {
    const int64_t bytes = gemv_row_bytes(form, p->in_features);
    for (int64_t n = groups.first * GEMV_ROWS; n < smaller(groups.end * GEMV_ROWS, p->out_features); n += GEMV_ROWS) {
        const char *w[GEMV_ROWS];
        // Past the last output the last is computed again.
        for (int r = 0; r < GEMV_ROWS; ++r) w[r] = (const char *)a->weights + smaller(n + r, p->out_features - 1) * bytes;
        for (int64_t m = 0; m < p->rows; ++m) gemv_group(p, a, w, m, n, form);
    }
}

static void gemv(const fovea_linear_params *p, const fovea_linear_args *a, int part, int parts) {
    const part_range groups = share((p->out_features + GEMV_ROWS - 1) / GEMV_ROWS, part, parts);
    switch (p->weights) {
    case FOVEA_WEIGHTS_20_BITS: gemv_outputs(p, a, groups, FOVEA_WEIGHTS_20_BITS); break;
    case FOVEA_WEIGHTS_FP16: gemv_outputs(p, a, groups, FOVEA_WEIGHTS_FP16); break;
    default: gemv_outputs(p, a, groups, FOVEA_WEIGHTS_ROWS);
    }
}

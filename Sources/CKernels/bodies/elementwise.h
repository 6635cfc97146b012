// Unary and binary functions, channel-wise scale and shift, and local response normalisation.
#pragma once
#include "activation.h"

// A range of floats that is a whole number of vectors, except at the end.
static part_range span_share(int64_t count, int part, int parts) {
    const part_range r = share(blocks16(count), part, parts);
    return (part_range){smaller(r.first * 16, count), smaller(r.end * 16, count)};
}

static int needs_clear(const fovea_extent *e) { return e->blocked && e->channels % 16 != 0; }

// Zeroes the padding lanes of the floats first ..< end of a blocked tensor (whole vectors).
static void clear_padding(const fovea_extent *e, float *y, part_range r) {
    const int64_t blocks = blocks16(e->channels);
    for (int64_t i = r.first / 16; i < r.end / 16;) {
        const int64_t plane = i / e->pixels, stop = smaller((plane + 1) * e->pixels, r.end / 16);
        if (plane % blocks == blocks - 1) clear_lanes(y + 16 * i, stop - i, (int)(e->channels % 16));
        i = stop;
    }
}

static void unary(const fovea_extent *e, fovea_activation f, const float *x, float *y, int part, int parts) {
    const part_range r = span_share(fovea_extent_size(e), part, parts);
    activate_span(f, x + r.first, y + r.first, r.end - r.first);
    if (needs_clear(e) && fovea_activate(f, 0) != 0) clear_padding(e, y, r);
}

static v16 power16(v16 x, v16 y) {
    float a[16], b[16];
    storeu(a, x), storeu(b, y);
    for (int i = 0; i < 16; ++i) a[i] = powf(a[i], b[i]);
    return loadu(a);
}

INLINE v16 binary_apply(const int kind, v16 x, v16 b) {
    switch (kind) {
    case FOVEA_ADD: return x + b;
    case FOVEA_SUB: return x - b;
    case FOVEA_MUL: return x * b;
    case FOVEA_DIV: return x / b;
    case FOVEA_MIN: return pick((b < x) | (b != b), b, x);
    case FOVEA_MAX: return pick((b > x) | (b != b), b, x);
    case FOVEA_PRELU: return pick(x < splat(0), x * b, x);
    default: return power16(x, b);
    }
}

// How the other operand moves along a run: stays, or goes with x by one or by a vector for each vector of x.
enum { HOLD_SCALAR, HOLD_VECTOR, MOVE, SPREAD };

INLINE v16 binary_operand(const int move, const float *b, int64_t i) {
    if (move == HOLD_SCALAR) return splat(*b);
    if (move == HOLD_VECTOR) return loadu(b);
    return move == MOVE ? loadu(b + i) : splat(b[i / 16]);
}

INLINE void binary_run(
    const int kind, const int swapped, const int move, const float *x, const float *b, float *y, int64_t count) {
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const v16 v = loadu(x + i), w = binary_operand(move, b, i);
        storeu(y + i, swapped ? binary_apply(kind, w, v) : binary_apply(kind, v, w));
    }
    if (i < count) {
        const int n = (int)(count - i);
        const v16 v = load_first(x + i, n), w = move == MOVE ? load_first(b + i, n) : binary_operand(move, b, i);
        store_first(y + i, swapped ? binary_apply(kind, w, v) : binary_apply(kind, v, w), n);
    }
}

INLINE void binary_moves(
    const int kind, const int swapped, int move, const float *x, const float *b, float *y, int64_t count) {
    switch (move) {
    case HOLD_SCALAR: binary_run(kind, swapped, HOLD_SCALAR, x, b, y, count); break;
    case HOLD_VECTOR: binary_run(kind, swapped, HOLD_VECTOR, x, b, y, count); break;
    case MOVE: binary_run(kind, swapped, MOVE, x, b, y, count); break;
    default: binary_run(kind, swapped, SPREAD, x, b, y, count);
    }
}

static void binary_span(int kind, int swapped, int move, const float *x, const float *b, float *y, int64_t count) {
    switch (kind) {
    case FOVEA_ADD: binary_moves(FOVEA_ADD, 0, move, x, b, y, count); break;
    case FOVEA_SUB: binary_moves(FOVEA_SUB, swapped, move, x, b, y, count); break;
    case FOVEA_MUL: binary_moves(FOVEA_MUL, 0, move, x, b, y, count); break;
    case FOVEA_DIV: binary_moves(FOVEA_DIV, swapped, move, x, b, y, count); break;
    case FOVEA_MIN: binary_moves(FOVEA_MIN, 0, move, x, b, y, count); break;
    case FOVEA_MAX: binary_moves(FOVEA_MAX, 0, move, x, b, y, count); break;
    case FOVEA_PRELU: binary_moves(FOVEA_PRELU, 0, move, x, b, y, count); break;
    default: binary_moves(FOVEA_POW, swapped, move, x, b, y, count);
    }
}

// Runs of x over which the other operand moves in one way, for the floats of this part.
static void binary(const fovea_binary_params *p, const float *x, const float *other, float *y, int part, int parts) {
    const fovea_extent *e = &p->extent;
    const part_range r = span_share(fovea_extent_size(e), part, parts);
    const int64_t lanes = e->blocked ? 16 : 1, run = e->pixels * lanes, planes = e->blocked ? blocks16(e->channels) : e->channels;
    for (int64_t i = r.first; i < r.end;) {
        const int64_t plane = i / run, c = plane % planes, n = plane / planes;
        const int whole = p->broadcast == FOVEA_SAME || p->broadcast == FOVEA_SCALAR_B;
        const int64_t end = whole ? r.end : smaller(r.end, (plane + 1) * run);
        const float *b = other;
        int move = HOLD_SCALAR;
        switch (p->broadcast) {
        case FOVEA_SAME: move = MOVE, b += i; break;
        case FOVEA_SCALAR_B: break;
        case FOVEA_CHANNEL: move = e->blocked ? HOLD_VECTOR : HOLD_SCALAR, b += c * lanes; break;
        case FOVEA_CHANNEL_BATCH: move = e->blocked ? HOLD_VECTOR : HOLD_SCALAR, b += (n * planes + c) * lanes; break;
        case FOVEA_PIXEL: move = e->blocked ? SPREAD : MOVE, b += n * e->pixels + (i - plane * run) / lanes; break;
        }
        binary_span(p->kind, p->swapped, move, x + i, b, y + i, end - i);
        i = end;
    }
    if (p->activation.kind != FOVEA_ACT_NONE) activate_span(p->activation, y + r.first, y + r.first, r.end - r.first);
    if (needs_clear(e)) clear_padding(e, y, r);
}

// One run with the same scale and shift; f is applied in place when it is no clamp.
static void affine_run(v16 scale, v16 shift, const float *x, float *y, int64_t count) { SPAN(fma16(v, scale, shift)); }

// Channels that lie side by side: [N, C] without pixels.
static void affine_channels(const float *scale, const float *shift, const float *x, float *y, int64_t count) {
    int64_t i = 0;
    for (; i + 16 <= count; i += 16)
        storeu(y + i, fma16(loadu(x + i), loadu(scale + i), shift ? loadu(shift + i) : splat(0)));
    if (i < count) {
        const int n = (int)(count - i);
        const v16 b = shift ? load_first(shift + i, n) : splat(0);
        store_first(y + i, fma16(load_first(x + i, n), load_first(scale + i, n), b), n);
    }
}

static void channel_affine(
    const fovea_extent *e, fovea_activation f, const float *x, const float *scale, const float *shift, float *y, int part,
    int parts) {
    const part_range r = span_share(fovea_extent_size(e), part, parts);
    const int64_t lanes = e->blocked ? 16 : 1, run = e->pixels * lanes, planes = e->blocked ? blocks16(e->channels) : e->channels;
    if (!e->blocked && e->pixels == 1) {
        for (int64_t i = r.first; i < r.end;) {
            const int64_t c = i % e->channels, end = smaller(r.end, i - c + e->channels);
            affine_channels(scale + c, shift ? shift + c : NULL, x + i, y + i, end - i);
            i = end;
        }
        return activate_span(f, y + r.first, y + r.first, r.end - r.first);
    }
    for (int64_t i = r.first; i < r.end;) {
        const int64_t plane = i / run, c = plane % planes, end = smaller(r.end, (plane + 1) * run);
        const v16 m = e->blocked ? loadu(scale + 16 * c) : splat(scale[c]);
        const v16 b = !shift ? splat(0) : e->blocked ? loadu(shift + 16 * c) : splat(shift[c]);
        affine_run(m, b, x + i, y + i, end - i);
        if (f.kind != FOVEA_ACT_NONE) activate_span(f, y + i, y + i, end - i);
        i = end;
    }
    if (needs_clear(e)) clear_padding(e, y, r);
}

// Squares of one pixel's channels with (size - 1) zeros about them.
static int64_t lrn_floats(const fovea_lrn_params *p) {
    return (blocks16(p->extent.channels) * 16 + p->size + 31) / 16 * 16;
}

static size_t lrn_scratch_size(const fovea_lrn_params *p, int parts) {
    return (size_t)lrn_floats(p) * sizeof(float) * (size_t)parts;
}

INLINE v16 lrn_power(v16 base, float beta) {
    if (beta == 0.75f) {
        const v16 root = __builtin_elementwise_sqrt(base);
        return splat(1) / (root * __builtin_elementwise_sqrt(root));
    }
    return exp16(splat(-beta) * log16(base));
}

static void lrn(const fovea_lrn_params *p, const float *x, float *y, void *scratch, int part, int parts) {
    const fovea_extent *e = &p->extent;
    const int64_t blocks = blocks16(e->channels), before = (p->size - 1) / 2;
    float *squares = (float *)scratch + lrn_floats(p) * part;
    memset(squares, 0, (size_t)lrn_floats(p) * sizeof(float));
    const part_range r = share(e->batch * e->pixels, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        const int64_t base = (i / e->pixels * blocks * e->pixels + i % e->pixels) * 16;
        for (int64_t c = 0; c < blocks; ++c) {
            const v16 v = load(x + base + c * e->pixels * 16);
            storeu(squares + before + 16 * c, v * v);
        }
        for (int64_t c = 0; c < blocks; ++c) {
            v16 sum = splat(0);
            for (int32_t k = 0; k < p->size; ++k) sum += loadu(squares + 16 * c + k);
            const v16 d = fma16(sum, splat(p->alpha / (float)p->size), splat(p->bias));
            const int64_t at = base + c * e->pixels * 16;
            const v16 v = load(x + at) * lrn_power(d, p->beta);
            const int64_t lanes = e->channels - 16 * c;
            store(y + at, lanes < 16 ? pick(first_lanes((int)lanes), v, splat(0)) : v);
        }
    }
}

// The functions of fovea_activation over runs of floats.
#pragma once
#include "math.h"

#define SPAN(expression) \
    do { \
        int64_t i = 0; \
        for (; i + 16 <= count; i += 16) { \
            const v16 v = loadu(x + i); \
            storeu(y + i, expression); \
        } \
        if (i < count) { \
            const v16 v = load_first(x + i, (int)(count - i)); \
            store_first(y + i, expression, (int)(count - i)); \
        } \
    } while (0)

// x / d by products alone: a quotient and what it lacks, which give what a division gives (Markstein, "Computation of elementary
// functions on the IBM RISC System/6000 processor", 1990). x and 1 / d are far from the ends of the range.
INLINE v16 quotient16(v16 x, v16 d, v16 inverse) {
    const v16 q = x * inverse;
    return fma16(fma16(-q, d, x), inverse, q);
}

// The multiple of the step that is nearest to x, halves to even.
INLINE v16 rounded_to(v16 x, v16 step, v16 inverse) {
    return __builtin_elementwise_roundeven(quotient16(x, step, inverse)) * step;
}

static void power_span(float exponent, const float *x, float *y, int64_t count) {
    if (exponent == 2) SPAN(v * v);
    else if (exponent == 1) SPAN(v);
    else if (exponent == 3) SPAN(v * v * v);
    else if (exponent == 0.5f) SPAN(pick(v == splat(-INFINITY), splat(INFINITY), __builtin_elementwise_sqrt(v + splat(0))));
    else if (exponent == -1) SPAN(splat(1) / v);
    else
        for (int64_t i = 0; i < count; ++i) y[i] = powf(x[i], exponent);
}

// y[i] = f(x[i]); x may be y.
static void activate_span(fovea_activation f, const float *x, float *y, int64_t count) {
    const v16 a = splat(f.a), b = splat(f.b), c = splat(f.c), zero = splat(0), one = splat(1);
    switch (f.kind) {
    case FOVEA_ACT_RELU: SPAN(at_least(v, zero)); break;
    case FOVEA_ACT_CLIP: SPAN(at_most(at_least(v, a), b)); break;
    case FOVEA_ACT_LEAKY: SPAN(pick(v < zero, v * a, v)); break;
    case FOVEA_ACT_HARD_SIGMOID: SPAN(at_most(at_least(fma16(v, a, b), zero), one)); break;
    case FOVEA_ACT_HARD_SWISH: SPAN(v * at_most(at_least(fma16(v, splat(1.0f / 6), splat(0.5f)), zero), one)); break;
    case FOVEA_ACT_ELU: SPAN(pick(v < zero, a * expm1_16(v), v)); break;
    case FOVEA_ACT_SELU: SPAN(b * pick(v < zero, a * expm1_16(v), v)); break;
    case FOVEA_ACT_CELU: SPAN(at_least(v, zero) + at_most(a * expm1_16(v / a), zero)); break;
    case FOVEA_ACT_SIGMOID: SPAN(sigmoid16(v)); break;
    case FOVEA_ACT_SILU: SPAN(v * sigmoid16(v)); break;
    case FOVEA_ACT_GELU_ERF: SPAN(splat(0.5f) * v * (one + erf16(v * splat(0.707106781f)))); break;
    case FOVEA_ACT_GELU_TANH:
        SPAN(splat(0.5f) * v * (one + tanh16(splat(0.797884561f) * fma16(v * v * v, splat(0.044715f), v))));
        break;
    case FOVEA_ACT_ERF: SPAN(erf16(v)); break;
    case FOVEA_ACT_TANH: SPAN(tanh16(v)); break;
    case FOVEA_ACT_SOFTPLUS: SPAN(softplus16(v)); break;
    case FOVEA_ACT_MISH: SPAN(mish16(v)); break;
    case FOVEA_ACT_EXP: SPAN(exp16(v)); break;
    case FOVEA_ACT_LOG: SPAN(log16(v)); break;
    case FOVEA_ACT_SQRT: SPAN(__builtin_elementwise_sqrt(v)); break;
    case FOVEA_ACT_ABS: SPAN(abs16(v)); break;
    case FOVEA_ACT_NEG: SPAN(-v); break;
    case FOVEA_ACT_POW: power_span(f.a, x, y, count); break;
    case FOVEA_ACT_RECIPROCAL: SPAN(one / v); break;
    case FOVEA_ACT_AFFINE: SPAN(fma16(v, a, b)); break;
    case FOVEA_ACT_FLOOR: SPAN(__builtin_elementwise_floor(v)); break;
    case FOVEA_ACT_CEIL: SPAN(__builtin_elementwise_ceil(v)); break;
    case FOVEA_ACT_ROUND: SPAN(__builtin_elementwise_roundeven(v)); break;
    case FOVEA_ACT_SIGN: SPAN(pick(v > zero, one, pick(v < zero, -one, v))); break;
    case FOVEA_ACT_SOFTSIGN: SPAN(v / (one + abs16(v))); break;
    case FOVEA_ACT_THRESHOLDED: SPAN(pick(v > a, v, zero)); break;
    case FOVEA_ACT_QUANTIZE: {
        const v16 inverse = one / a, low = a * b, high = a * c;
        SPAN(rounded_to(at_most(at_least(v, low), high), a, inverse));
        break;
    }
    case FOVEA_ACT_NONE:
    case FOVEA_ACT_COUNT:
        if (x != y) memmove(y, x, (size_t)count * sizeof(float));
        break;
    }
}

// An activation as a store sees it: a clamp of what is stored (infinities for none), and whether the function itself must run after.
typedef struct {
    float low, high;
    int post;
    int rounds;           // 1: behind the clamp to multiples of `step`
    float step, inverse;
} store_activation;

static const store_activation no_activation = {.low = -INFINITY, .high = INFINITY};

static store_activation in_store(fovea_activation f) {
    store_activation s = no_activation;
    if (f.kind == FOVEA_ACT_RELU) s.low = 0;
    else if (f.kind == FOVEA_ACT_CLIP) s.low = f.a, s.high = f.b;
    else s.post = f.kind != FOVEA_ACT_NONE;
    return s;
}

// The same of a store that rounds too.
static store_activation in_rounding_store(fovea_activation f) {
    if (f.kind != FOVEA_ACT_QUANTIZE) return in_store(f);
    return (store_activation){f.a * f.b, f.a * f.c, .rounds = 1, .step = f.a, .inverse = 1 / f.a};
}

// x bounded, and rounded when `rounds`, which is known when inlined.
INLINE v16 stored(const int rounds, const store_activation *f, v16 x) {
    const v16 y = at_most(at_least(x, splat(f->low)), splat(f->high));
    return rounds ? rounded_to(y, splat(f->step), splat(f->inverse)) : y;
}

// 1 when the activation leaves something in the lanes past the last channel.
static int fills_padding(fovea_activation f, int32_t channels) { return channels % 16 != 0 && fovea_activate(f, 0) != 0; }

// Zeroes the lanes from `lanes` on of each of `count` blocked pixels.
static void clear_lanes(float *y, int64_t count, int lanes) {
    for (int64_t i = 0; i < count; ++i) store(y + 16 * i, pick(first_lanes(lanes), load(y + 16 * i), splat(0)));
}

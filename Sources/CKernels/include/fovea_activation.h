// Element-wise functions: fused into the stores of other kernels, or run alone by fovea_unary (fovea_elementwise.h).
#pragma once
#include <stdint.h>

/// y = f(x). `a`, `b` and `c` are the parameters of fovea_activation; functions that name none ignore them.
typedef enum {
    FOVEA_ACT_NONE = 0,          ///< x
    FOVEA_ACT_RELU = 1,          ///< max(0, x)
    FOVEA_ACT_CLIP = 2,          ///< min(max(x, a), b)
    FOVEA_ACT_LEAKY = 3,         ///< x >= 0 ? x : a x
    FOVEA_ACT_HARD_SIGMOID = 4,  ///< min(max(a x + b, 0), 1)
    FOVEA_ACT_HARD_SWISH = 5,    ///< x min(max(x / 6 + 1/2, 0), 1)
    FOVEA_ACT_ELU = 6,           ///< x >= 0 ? x : a (exp(x) - 1)
    FOVEA_ACT_SELU = 7,          ///< b (x >= 0 ? x : a (exp(x) - 1))
    FOVEA_ACT_CELU = 8,          ///< max(0, x) + min(0, a (exp(x / a) - 1))
    FOVEA_ACT_SIGMOID = 9,       ///< 1 / (1 + exp(-x))
    FOVEA_ACT_SILU = 10,         ///< x / (1 + exp(-x))
    FOVEA_ACT_GELU_ERF = 11,     ///< x / 2 (1 + erf(x / sqrt 2))
    FOVEA_ACT_GELU_TANH = 12,    ///< x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
    FOVEA_ACT_ERF = 13,          ///< erf(x)
    FOVEA_ACT_TANH = 14,         ///< tanh(x)
    FOVEA_ACT_SOFTPLUS = 15,     ///< log(1 + exp(x))
    FOVEA_ACT_MISH = 16,         ///< x tanh(log(1 + exp(x)))
    FOVEA_ACT_EXP = 17,          ///< exp(x)
    FOVEA_ACT_LOG = 18,          ///< log(x); -inf at 0, NaN below
    FOVEA_ACT_SQRT = 19,         ///< sqrt(x)
    FOVEA_ACT_ABS = 20,          ///< |x|
    FOVEA_ACT_NEG = 21,          ///< -x
    FOVEA_ACT_POW = 22,          ///< x to the power a
    FOVEA_ACT_RECIPROCAL = 23,   ///< 1 / x
    FOVEA_ACT_AFFINE = 24,       ///< a x + b
    FOVEA_ACT_FLOOR = 25,        ///< largest integer <= x
    FOVEA_ACT_CEIL = 26,         ///< smallest integer >= x
    FOVEA_ACT_ROUND = 27,        ///< nearest integer, halves to even
    FOVEA_ACT_SIGN = 28,         ///< -1, 0 or 1
    FOVEA_ACT_SOFTSIGN = 29,     ///< x / (1 + |x|)
    FOVEA_ACT_THRESHOLDED = 30,  ///< x > a ? x : 0
    FOVEA_ACT_QUANTIZE = 31,     ///< a min(max(round(x / a), b), c), halves to even; b and c whole
    FOVEA_ACT_COUNT = 32         ///< the number of functions; not a function
} fovea_activation_kind;

/// A function and its parameters.
typedef struct {
    fovea_activation_kind kind;
    float a, b, c;
} fovea_activation;

/// 1 for a function that only bounds its argument, which kernels apply as they store.
static inline int fovea_is_clamp(fovea_activation f) {
    return f.kind == FOVEA_ACT_NONE || f.kind == FOVEA_ACT_RELU || f.kind == FOVEA_ACT_CLIP;
}

/// f(x) by the C library, one value: the reference, and what tells whether f(0) is 0.
float fovea_activate(fovea_activation f, float x);

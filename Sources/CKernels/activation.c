#include <math.h>
#include "include/fovea_activation.h"

float fovea_activate(fovea_activation f, float value) {
    const double x = value, a = f.a, b = f.b;
    switch (f.kind) {
    case FOVEA_ACT_RELU: return value < 0 ? 0 : value;
    case FOVEA_ACT_CLIP: value = value < f.a ? f.a : value; return value > f.b ? f.b : value;
    case FOVEA_ACT_LEAKY: return value < 0 ? value * f.a : value;
    case FOVEA_ACT_HARD_SIGMOID: return (float)(x != x ? x : fmin(fmax(a * x + b, 0), 1));
    case FOVEA_ACT_HARD_SWISH: return (float)(x * fmin(fmax(x / 6 + 0.5, 0), 1));
    case FOVEA_ACT_ELU: return (float)(x < 0 ? a * expm1(x) : x);
    case FOVEA_ACT_SELU: return (float)(b * (x < 0 ? a * expm1(x) : x));
    case FOVEA_ACT_CELU: return (float)(x != x ? x : fmax(0, x) + fmin(0, a * expm1(x / a)));
    case FOVEA_ACT_SIGMOID: return (float)(1 / (1 + exp(-x)));
    case FOVEA_ACT_SILU: return (float)(x / (1 + exp(-x)));
    case FOVEA_ACT_GELU_ERF: return (float)(0.5 * x * (1 + erf(x * 0.70710678118654752)));
    case FOVEA_ACT_GELU_TANH: return (float)(0.5 * x * (1 + tanh(0.79788456080286536 * (x + 0.044715 * x * x * x))));
    case FOVEA_ACT_ERF: return (float)erf(x);
    case FOVEA_ACT_TANH: return (float)tanh(x);
    case FOVEA_ACT_SOFTPLUS: return (float)(x != x ? x : fmax(x, 0) + log1p(exp(-fabs(x))));
    case FOVEA_ACT_MISH: return (float)(x * tanh(fmax(x, 0) + log1p(exp(-fabs(x)))));
    case FOVEA_ACT_EXP: return (float)exp(x);
    case FOVEA_ACT_LOG: return (float)log(x);
    case FOVEA_ACT_SQRT: return sqrtf(value);
    case FOVEA_ACT_ABS: return fabsf(value);
    case FOVEA_ACT_NEG: return -value;
    case FOVEA_ACT_POW: return (float)pow(x, a);
    case FOVEA_ACT_RECIPROCAL: return 1 / value;
    case FOVEA_ACT_AFFINE: return (float)(a * x + b);
    case FOVEA_ACT_FLOOR: return floorf(value);
    case FOVEA_ACT_CEIL: return ceilf(value);
    case FOVEA_ACT_ROUND: return nearbyintf(value);
    case FOVEA_ACT_SIGN: return value > 0 ? 1 : value < 0 ? -1 : value;
    case FOVEA_ACT_SOFTSIGN: return (float)(x / (1 + fabs(x)));
    case FOVEA_ACT_THRESHOLDED: return value > f.a ? value : 0;
    case FOVEA_ACT_QUANTIZE: {
        const float level = nearbyintf(value / f.a), bounded = level < f.b ? f.b : level;
        return (bounded > f.c ? f.c : bounded) * f.a;
    }
    case FOVEA_ACT_NONE:
    case FOVEA_ACT_COUNT: break;
    }
    return value;
}

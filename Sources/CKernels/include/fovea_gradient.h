// Backward passes of element-wise functions, pools and strided convolutions, fp32 (see fovea_conv.h for the layouts and the parts).
#pragma once
#include "fovea_elementwise.h"
#include "fovea_pool.h"

/// dx = g * f'. v is what the slope is computed from: the function's output, or for those marked (x) its input.
typedef enum {
    FOVEA_SLOPE_GATE = 0,         ///< a < v < b ? c : 0
    FOVEA_SLOPE_BENT = 1,         ///< v > 0 ? c : a v + b
    FOVEA_SLOPE_SIGMOID = 2,      ///< v (1 - v)
    FOVEA_SLOPE_TANH = 3,         ///< 1 - v^2
    FOVEA_SLOPE_SOFTPLUS = 4,     ///< 1 - exp(-v)
    FOVEA_SLOPE_EXP = 5,          ///< v
    FOVEA_SLOPE_SQRT = 6,         ///< 1 / (2 v)
    FOVEA_SLOPE_RECIPROCAL = 7,   ///< -v^2
    FOVEA_SLOPE_HARD_SWISH = 8,   ///< (x) v <= -3 ? 0 : v >= 3 ? 1 : v / 3 + 1/2
    FOVEA_SLOPE_SILU = 9,         ///< (x) s (1 + a v (1 - s)), s = 1 / (1 + exp(-a v))
    FOVEA_SLOPE_GELU_ERF = 10,    ///< (x) (1 + erf(v / sqrt 2)) / 2 + v exp(-v^2 / 2) / sqrt(2 pi)
    FOVEA_SLOPE_GELU_TANH = 11,   ///< (x) of the form with tanh
    FOVEA_SLOPE_ERF = 12,         ///< (x) 2 / sqrt(pi) exp(-v^2)
    FOVEA_SLOPE_MISH = 13,        ///< (x) t + v (1 - t^2) / (1 + exp(-v)), t = tanh(log(1 + exp(v)))
    FOVEA_SLOPE_SOFTSIGN = 14,    ///< (x) 1 / (1 + |v|)^2
    FOVEA_SLOPE_LOG = 15,         ///< (x) 1 / v
    FOVEA_SLOPE_ABS = 16,         ///< (x) -1, 0 or 1
    FOVEA_SLOPE_SHARE = 17,       ///< 1 / (v + (v < 0 ? -a : a)), 0 where that is infinite
} fovea_slope_kind;

/// A derivative and its parameters.
typedef struct {
    fovea_slope_kind kind;
    float a, b, c;
} fovea_slope;

typedef struct {
    fovea_extent extent;        ///< of v and dx
    fovea_slope slope;
    fovea_broadcast broadcast;  ///< of g: FOVEA_SAME or FOVEA_CHANNEL_BATCH
} fovea_slope_params;

/// dx = g * f'(v); 0 where f' is. dx may be g (when FOVEA_SAME) or v.
void fovea_slope_product(
    fovea_isa isa, const fovea_slope_params *p, const float *g, const float *v, float *dx, int part, int parts);

/// y = v for every pixel: v [batch][ceil(channels/16)][16], y blocked.
void fovea_spread(fovea_isa isa, const fovea_extent *e, const float *v, float *y, int part, int parts);

typedef struct {
    fovea_pool_params pool;     ///< as of the forward pool: `in` is the shape of x and dx, `out` that of y and g
    float gate_low, gate_high;  ///< of FOVEA_POOL_MAX: only what is between them passes; infinities for no gate
} fovea_pool_gradient_params;

/// Bytes of scratch for fovea_pool_gradient.
size_t fovea_pool_gradient_scratch_size(fovea_isa isa, const fovea_pool_gradient_params *p, int parts);

/// The adjoint of fovea_pool. FOVEA_POOL_MAX: a window's g goes to the first of its elements that equals y. x and y may be NULL for
/// FOVEA_POOL_AVERAGE. All blocked, 64-byte aligned, distinct.
void fovea_pool_gradient(
    fovea_isa isa, const fovea_pool_gradient_params *p, const float *g, const float *x, const float *y, float *dx, void *scratch,
    int part, int parts);

/// A picture woven from phases: row y of it is row (y + pad_top) / stride - first[r] of the phases with r = (y + pad_top) % stride as
/// row number; columns likewise. All phases lie in one blocked tensor each, or all in one whose channel
/// (r * stride + column phase) * channels + c belongs to channel c.
typedef struct {
    int32_t batch, channels, height, width;  ///< of the picture
    int32_t stride_height, stride_width, pad_top, pad_left;
    int32_t joined;                          ///< 1: one tensor holds all phases, and the picture is plain
    float gate_low, gate_high;               ///< only where the gate is between them something passes
} fovea_weave_params;

/// One phase: blocked [batch][blocks][height][width][16]; data NULL for zeros. first: see above.
typedef struct {
    const float *data;
    int32_t height, width, first_row, first_column;
} fovea_phase;

/// phases: stride_height * stride_width of them, row phases outermost; one when joined (first_row, first_column are then those of all).
/// residual: added, blocked, or NULL; gate: blocked, or NULL. Neither when joined.
void fovea_weave(
    fovea_isa isa, const fovea_weave_params *p, const fovea_phase *phases, const float *residual, const float *gate, float *y,
    int part, int parts);

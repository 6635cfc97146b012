// Element-wise and row-wise kernels, fp32 (see fovea_conv.h for the layouts and the parts).
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "fovea_activation.h"
#include "fovea_cpu.h"

/// The extent of a tensor [batch][channels][pixels], contiguous. Blocked: [batch][ceil(channels/16)][pixels][16], 64-byte aligned,
/// lanes past `channels` zero in and kept zero out. A plain tensor without structure is {1, 1, count, 0}.
typedef struct {
    int64_t batch, channels, pixels;
    int32_t blocked;
} fovea_extent;

/// Floats that the extent occupies, padding lanes included.
int64_t fovea_extent_size(const fovea_extent *e);

/// y = f(x). x may be y.
void fovea_unary(
    fovea_isa isa, const fovea_extent *e, fovea_activation f, const float *x, float *y, int part, int parts);

typedef enum {
    FOVEA_ADD = 0, FOVEA_SUB = 1, FOVEA_MUL = 2, FOVEA_DIV = 3, FOVEA_MIN = 4, FOVEA_MAX = 5, FOVEA_POW = 6,
    FOVEA_PRELU = 7,  ///< x >= 0 ? x : x * other (not with `swapped`)
} fovea_binary_kind;

/// How the second operand meets the first.
typedef enum {
    FOVEA_SAME = 0,         ///< like x
    FOVEA_SCALAR_B = 1,     ///< one float
    FOVEA_CHANNEL = 2,      ///< [channels]; with a blocked x padded to ceil(channels/16)*16 floats by the caller
    FOVEA_CHANNEL_BATCH = 3,  ///< [batch][channels], for a blocked x [batch][ceil(channels/16)][16]: [N,C,1,1] x [N,C,H,W]
    FOVEA_PIXEL = 4,        ///< [batch][pixels] for every channel: [N,1,H,W] x [N,C,H,W]
} fovea_broadcast;

typedef struct {
    fovea_extent extent;  ///< of x and y
    fovea_binary_kind kind;
    fovea_broadcast broadcast;
    int32_t swapped;              ///< 1: other op x (matters for SUB, DIV, POW)
    fovea_activation activation;  ///< applied to the result
} fovea_binary_params;

/// y = f(x op other). x or other (when FOVEA_SAME) may be y.
void fovea_binary(
    fovea_isa isa, const fovea_binary_params *p, const float *x, const float *other, float *y, int part, int parts);

/// Two plain operands of which each may repeat along some axes, as NumPy broadcasts. Extents and steps from the outermost axis to the
/// innermost, in floats; the step is 0 along an axis that the operand repeats, in the innermost axis 0 or 1 and not 0 in both. Axes of
/// extent 1 are left out, neighbours that both step through evenly are one axis. y is contiguous.
typedef struct {
    int32_t rank;  ///< 1 to 8
    int64_t extents[8], x_steps[8], other_steps[8];
    fovea_binary_kind kind;
    fovea_activation activation;  ///< applied to the result
} fovea_binary_axes_params;

/// y = f(x op other). y is neither x nor other.
void fovea_binary_axes(
    fovea_isa isa, const fovea_binary_axes_params *p, const float *x, const float *other, float *y, int part, int parts);

/// Batch normalisation, folded: y = f(x * scale[c] + shift[c]); scale and shift [channels], padded to whole blocks by the caller
/// (any values: padding lanes stay zero) when blocked. shift may be NULL. x may be y.
void fovea_channel_affine(
    fovea_isa isa, const fovea_extent *e, fovea_activation f, const float *x, const float *scale, const float *shift,
    float *y, int part, int parts);

/// Local response normalisation across channels, blocked: y = x / (bias + alpha / size * sum of x^2 over the window)^beta, where the
/// window of channel c is c - floor((size-1)/2) ... c + ceil((size-1)/2) (Krizhevsky 2012; ONNX LRN).
typedef struct {
    fovea_extent extent;  ///< blocked
    int32_t size;
    float alpha, beta, bias;
} fovea_lrn_params;

/// Bytes of scratch for fovea_lrn.
size_t fovea_lrn_scratch_size(fovea_isa isa, const fovea_lrn_params *p, int parts);
/// Runs one part. x is not y.
void fovea_lrn(fovea_isa isa, const fovea_lrn_params *p, const float *x, float *y, void *scratch, int part, int parts);

/// Softmax (log == 0) or its logarithm (log == 1) of each row of a plain [rows][columns]. x may be y.
void fovea_softmax(
    fovea_isa isa, int64_t rows, int64_t columns, int log, const float *x, float *y, int part, int parts);

/// y = (x - mean) / sqrt(variance + epsilon) * gamma[column] + beta[column] for each row of a plain [rows][columns]; gamma and
/// beta: `columns` floats, or NULL. Biased variance, two passes. x may be y.
void fovea_layer_norm(
    fovea_isa isa, int64_t rows, int64_t columns, float epsilon, const float *x, const float *gamma, const float *beta,
    float *y, int part, int parts);

typedef enum {
    FOVEA_REDUCE_SUM = 0, FOVEA_REDUCE_MEAN = 1, FOVEA_REDUCE_MAX = 2, FOVEA_REDUCE_MIN = 3,
    FOVEA_REDUCE_SQUARES = 4,  ///< sum of squares (L2 before the root)
    FOVEA_REDUCE_ABS = 5,      ///< sum of magnitudes
    FOVEA_REDUCE_PRODUCT = 6,
} fovea_reduce_kind;

/// One value for each row of a plain [rows][columns]; columns >= 1. ReduceMean over H, W of NCHW: rows = N C, columns = H W.
void fovea_reduce_rows(
    fovea_isa isa, fovea_reduce_kind kind, int64_t rows, int64_t columns, const float *x, float *y, int part, int parts);

/// The middle axis of a plain [outer][count][inner] folded: y [outer][inner]; count >= 1.
void fovea_reduce_columns(
    fovea_isa isa, fovea_reduce_kind kind, int64_t outer, int64_t count, int64_t inner, const float *x, float *y, int part,
    int parts);

/// For each channel of each picture its mean over the pixels, and the sum of the squares of what differs from that. Both are
/// [batch][channels], padded to whole blocks when blocked.
void fovea_channel_moments(
    fovea_isa isa, const fovea_extent *e, const float *x, float *mean, float *squares, int part, int parts);

/// Group normalisation (Wu and He 2018) as y = x * scale[n][c] + shift[n][c]; instance normalisation has as many groups as channels.
typedef struct {
    fovea_extent extent;
    int64_t groups;
    float epsilon;
    int32_t by_group;  ///< 1: gamma and beta are [groups], not [channels]
} fovea_group_params;

/// The factors, from what fovea_channel_moments has found; laid out as the moments are.
void fovea_group_factors(
    const fovea_group_params *p, const float *mean, const float *squares, const float *gamma, const float *beta, float *scale,
    float *shift);

// Kernels on bfloat16: the upper half of a float, 8 significant bits. Products are summed in fp32; what is stored is rounded to
// nearest, ties to even.
//
// Layout. "bf16" is [N][ceil(C/32)][H][W][32] bfloat16, 64-byte aligned: a pixel's 32 channels are one cache line and one row of
// an AMX tile. Lanes of channels past C are zero in and out. "Blocked" and "plain" are the fp32 layouts of fovea_conv.h, where the
// rules for parts stand too. Batch strides are in elements.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "fovea_conv.h"
#include "fovea_elementwise.h"
#include "fovea_pool.h"

typedef uint16_t fovea_bfloat16;

/// The unit of the CPU that multiplies.
typedef enum {
    FOVEA_BF16_NONE = 0,       ///< no unit: this CPU has no bfloat16
    FOVEA_BF16_REFERENCE = 1,  ///< plain C
    FOVEA_BF16_AVX512 = 2,     ///< vdpbf16ps
    FOVEA_BF16_AMX = 3,        ///< tdpbf16ps, the rest as AVX512
} fovea_bf16_isa;

/// The best that this CPU and operating system have, never the reference. Asks Linux once for the use of AMX's tiles.
fovea_bf16_isa fovea_bf16_best(void);

/// A convolution. `conv.algorithm` is FOVEA_CONV_BLOCKED (bf16 -> bf16), FOVEA_CONV_PLANAR (plain fp32 -> bf16) or
/// FOVEA_CONV_DEPTHWISE (bf16 -> bf16); groups == 1 but for the last. In order, rounded at each step as separate kernels
/// would: conv + bias, + residual, activation (a clamp needs no rounding before it).
///
/// The output may be a slice of a wider tensor that begins in the middle of a block: the pointer is that of the block.
typedef struct {
    fovea_conv_params conv;
    int32_t first_lane;  ///< 0, or 16 (not depthwise, no residual): the lane of the first output channel in its block
    int32_t keeps_rest;  ///< 1: the lanes past the last output channel are another's and are not written
} fovea_bf16_conv_params;

typedef struct {
    const void *input;               ///< bf16; fp32 plain for FOVEA_CONV_PLANAR
    const void *weights;             ///< as fovea_bf16_pack wrote them for the same isa; 64-byte aligned
    const float *bias;               ///< as in fovea_conv_args
    const fovea_bfloat16 *residual;  ///< bf16, the output's shape; or NULL
    fovea_bfloat16 *output;          ///< bf16; neither the input nor the residual
    void *scratch;                   ///< fovea_bf16_scratch_size bytes, 64-byte aligned, shared by all parts
} fovea_bf16_conv_args;

/// 1 when fovea_bf16_conv takes these params, else 0.
int fovea_bf16_accepts(const fovea_bf16_conv_params *p);

/// Bytes that the packed weights occupy; always a multiple of 64.
size_t fovea_bf16_weights_size(fovea_bf16_isa isa, const fovea_bf16_conv_params *p);

/// Packs weights from ONNX's order (see fovea_conv_pack).
void fovea_bf16_pack(fovea_bf16_isa isa, const fovea_bf16_conv_params *p, const float *source, void *packed);

/// Bytes of scratch for a run with `parts` parts; may be 0.
size_t fovea_bf16_scratch_size(fovea_bf16_isa isa, const fovea_bf16_conv_params *p, int parts);

/// 1 when parts share output channels, 0 when they share rows of the output.
int fovea_bf16_splits_channels(fovea_bf16_isa isa, const fovea_bf16_conv_params *p, int parts);

/// Runs one part.
void fovea_bf16_conv(fovea_bf16_isa isa, const fovea_bf16_conv_params *p, const fovea_bf16_conv_args *a, int part, int parts);

/// Pooling, bf16 -> bf16. A NaN counts as larger than infinity, or smaller, by its sign.
void fovea_bf16_pool(
    fovea_bf16_isa isa, const fovea_pool_params *p, const fovea_bfloat16 *input, fovea_bfloat16 *output, int part, int parts);

/// Over the whole plane, bf16 -> blocked fp32.
void fovea_bf16_global_pool(
    fovea_bf16_isa isa, const fovea_pool_params *p, const fovea_bfloat16 *input, float *output, int part, int parts);

/// y = f(x scale[c] + shift[c] + other), bf16; scale, shift (ceil(channels/16)*16 floats, any past the last channel) and other
/// (bf16, like x) may each be NULL. The sum is rounded before an f that is no clamp. y may be x. extent->blocked is not read.
void fovea_bf16_map(
    fovea_bf16_isa isa, const fovea_extent *extent, fovea_activation f, const fovea_bfloat16 *x, const float *scale,
    const float *shift, const fovea_bfloat16 *other, fovea_bfloat16 *y, int part, int parts);

/// Copies the channels of one image to lane `first_lane` (0 or 16) of a wider tensor; keeps_rest as in fovea_bf16_conv_params.
void fovea_bf16_place(
    fovea_bf16_isa isa, int64_t channels, int64_t pixels, int first_lane, int keeps_rest, const fovea_bfloat16 *x,
    fovea_bfloat16 *y, int part, int parts);

/// Blocked fp32 -> bf16, and back. Only batch, channels and pixels of the extent are read; both tensors are contiguous.
void fovea_bf16_from_blocked(
    fovea_bf16_isa isa, const fovea_extent *extent, const float *x, fovea_bfloat16 *y, int part, int parts);
void fovea_bf16_to_blocked(
    fovea_bf16_isa isa, const fovea_extent *extent, const fovea_bfloat16 *x, float *y, int part, int parts);

/// What one core computes at most: `rounds` rounds of independent products in registers. `result` gets a number that depends on
/// them. Returns the floating-point operations, two for each multiply-add.
double fovea_bf16_loop(fovea_bf16_isa isa, int64_t rounds, float *result);

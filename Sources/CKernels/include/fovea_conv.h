// Two-dimensional convolution and its transpose, fp32.
//
// Layouts. "Blocked" is NCHW16c: [N][ceil(C/16)][H][W][16] floats, 64-byte aligned, lanes of channels past C zero in and out.
// "Plain" is NCHW. A tensor may be a slice of a larger blocked tensor (whole blocks of 16 channels): the pointer is that of its
// first block and the batch stride that of the larger tensor.
//
// Threads. Every kernel is called once for each part in 0..<parts, from any threads, with the same params and args; a part
// writes only its own outputs, and the numbers do not depend on `parts`. Kernels do not allocate: scratch comes from the caller.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "fovea_activation.h"
#include "fovea_cpu.h"

typedef enum {
    FOVEA_CONV_BLOCKED = 0,    ///< blocked -> blocked; any groups, kernel, stride, dilation, pads
    FOVEA_CONV_DEPTHWISE = 1,  ///< blocked -> blocked; groups == in_channels == out_channels
    FOVEA_CONV_PLANAR = 2,     ///< plain -> blocked; groups == 1; for few input channels (first layers)
    FOVEA_CONV_TRANSPOSE = 3,  ///< ConvTranspose, blocked -> blocked; any groups
    FOVEA_CONV_WINOGRAD_4_3 = 4,  ///< Winograd F(4x4,3x3), blocked -> blocked; groups == 1, stride 1, dilation 1, kernel 3x3
    FOVEA_CONV_WINOGRAD_2_3 = 5,  ///< Winograd F(2x2,3x3), likewise
    FOVEA_CONV_WINOGRAD_4_5 = 6,  ///< Winograd F(4x4,5x5), likewise for kernel 5x5
    FOVEA_CONV_WINOGRAD_PHASES = 7,  ///< Winograd of phases, plain -> blocked; at most 4 channels, kernels 7 to 8 with stride 2 or 9 to 12 with stride 4
    FOVEA_CONV_WINOGRAD_3_4 = 8,  ///< Winograd F(3x3,4x4), blocked -> blocked, as F(4x4,3x3) for kernel 4x4
    FOVEA_CONV_WINOGRAD_4_3_2 = 9,  ///< Winograd F(4x4,3x3) of stride 2, as F(4x4,3x3) for stride 2
    FOVEA_CONV_WINOGRAD_3_3_2 = 10,  ///< Winograd F(3x3,3x3) of stride 2, likewise
} fovea_conv_algorithm;

/// One convolution. Output row oh reads input rows oh * stride_height - pad_top + kh * dilation_height, columns likewise;
/// what lies outside is zero, so the pads at the bottom and right follow from the output size, which the caller computes.
/// For FOVEA_CONV_TRANSPOSE input row ih adds to output rows ih * stride_height - pad_top + kh * dilation_height.
/// All sizes >= 1, pads >= 0 (negative ones crop, and are allowed), groups divides both channel counts.
typedef struct {
    fovea_conv_algorithm algorithm;
    int32_t batch;
    int32_t in_channels, in_height, in_width;
    int32_t out_channels, out_height, out_width;
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t pad_top, pad_left;
    int32_t groups;
    fovea_activation before;      ///< FOVEA_ACT_NONE, or FOVEA_ACT_QUANTIZE: applied before a residual is added (not for FOVEA_CONV_TRANSPOSE)
    fovea_activation activation;  ///< applied last: f(before(conv + bias) + residual)
    int64_t in_batch_stride;        ///< floats from one image of the input to the next
    int64_t out_batch_stride;       ///< floats from one image of the output to the next
    int64_t residual_batch_stride;  ///< floats from one image of the residual to the next
    int32_t gated;                  ///< 1: the args are those of fovea_gated_conv_args
    float gate_low, gate_high;
    int32_t pooled;  ///< 1: of each whole 2x2 of the result the largest alone is stored, NaN if one is NaN (see fovea_conv_pools)
    int32_t sparse;  ///< 1: most blocks of input channels may be zeros, which is worth a look (the numbers change by rounding only)
} fovea_conv_params;

typedef struct {
    const float *input;     ///< [batch] images, blocked (plain for FOVEA_CONV_PLANAR and _WINOGRAD_PHASES); blocked ones 64-byte aligned
    const float *weights;   ///< as fovea_conv_pack wrote them for the same isa; 64-byte aligned
    const float *bias;      ///< ceil(out_channels / 16) * 16 floats, zero past out_channels (the caller pads); or NULL
    const float *residual;  ///< blocked, the output's shape, added before the activation; or NULL; may be the output itself
    float *output;          ///< [batch] images, blocked, 64-byte aligned; not the input
    void *scratch;          ///< fovea_conv_scratch_size bytes, 64-byte aligned, shared by all parts; or NULL if that is 0
} fovea_conv_args;

/// Args with a gate: after the activation the output is 0 wherever the gate is not between gate_low and gate_high.
typedef struct {
    fovea_conv_args args;
    const float *gate;  ///< blocked, laid out like the output
} fovea_gated_conv_args;

/// 1 when the algorithm takes these params, else 0.
int fovea_conv_accepts(const fovea_conv_params *p);

/// 1 when the algorithm can store maxima of 2x2 with stride 2: Winograd with tiles of 2 or 4, an activation that is a clamp, no gate and no
/// residual. The out sizes stay those of the convolution, out_batch_stride is that of the maxima.
int fovea_conv_pools(const fovea_conv_params *p);

/// Floats that the packed weights occupy; always a multiple of 16.
size_t fovea_conv_weights_size(fovea_isa isa, const fovea_conv_params *p);

/// Packs weights from ONNX's order: [out_channels][in_channels / groups][kh][kw], for FOVEA_CONV_TRANSPOSE
/// [in_channels][out_channels / groups][kh][kw]. `source` needs no alignment; `packed` is 64-byte aligned.
void fovea_conv_pack(fovea_isa isa, const fovea_conv_params *p, const float *source, float *packed);

/// Bytes of scratch for a run with `parts` parts; may be 0.
size_t fovea_conv_scratch_size(fovea_isa isa, const fovea_conv_params *p, int parts);

/// 1 when parts share output channels, 0 when they share rows of the output.
int fovea_conv_splits_channels(fovea_isa isa, const fovea_conv_params *p, int parts);

/// Multiply-adds for each input channel of a group and output channel: taps by pixels of all images, and less with Winograd, whose last tiles
/// of rows and columns may do with fewer than the others. With phases each of them is a channel.
int64_t fovea_conv_products(fovea_isa isa, const fovea_conv_params *p);

/// Runs one part.
void fovea_conv(fovea_isa isa, const fovea_conv_params *p, const fovea_conv_args *a, int part, int parts);

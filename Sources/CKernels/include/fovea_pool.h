// Pooling over windows and over whole planes, blocked -> blocked (see fovea_conv.h for the layouts and the parts).
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "fovea_cpu.h"

typedef enum {
    FOVEA_POOL_MAX = 0,      ///< largest value of the window that lies inside the input
    FOVEA_POOL_AVERAGE = 1,  ///< mean over the window
} fovea_pool_kind;

/// Output row oh reads input rows oh * stride_height - pad_top + kh * dilation_height. Every window must touch the input, or
/// its output is 0. The caller computes the output size (ceil_mode). With count_include_pad the mean's divisor is the
/// number of taps inside the padded input (rows -pad_top ..< in_height + pad_bottom), otherwise those inside the input.
typedef struct {
    fovea_pool_kind kind;
    int32_t batch, channels;
    int32_t in_height, in_width, out_height, out_width;
    int32_t kernel_height, kernel_width, stride_height, stride_width, dilation_height, dilation_width;
    int32_t pad_top, pad_left, pad_bottom, pad_right;
    int32_t count_include_pad;
    int64_t in_batch_stride, out_batch_stride;  ///< floats between images
} fovea_pool_params;

/// Runs one part. input and output: blocked, 64-byte aligned, distinct.
void fovea_pool(fovea_isa isa, const fovea_pool_params *p, const float *input, float *output, int part, int parts);

/// Over the whole plane: output [N][ceil(C/16)][1][1][16]. in_height, in_width, kind, batch, channels and the batch strides are read.
void fovea_global_pool(fovea_isa isa, const fovea_pool_params *p, const float *input, float *output, int part, int parts);

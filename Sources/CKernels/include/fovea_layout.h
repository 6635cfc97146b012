// Layout conversion, transposition, channels gathered and resizing, fp32 (see fovea_conv.h for the layouts and the parts).
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "fovea_cpu.h"

/// Plain [N][C][pixels] <-> blocked [N][ceil(C/16)][pixels][16]. Strides are floats between images, so either may be a slice.
typedef struct {
    int32_t batch, channels;
    int64_t pixels;
    int64_t plain_batch_stride, blocked_batch_stride;
} fovea_layout_params;

/// Plain to blocked; padding lanes are written as zero. blocked: 64-byte aligned.
void fovea_to_blocked(fovea_isa isa, const fovea_layout_params *p, const float *plain, float *blocked, int part, int parts);

/// Blocked to plain.
void fovea_from_blocked(
    fovea_isa isa, const fovea_layout_params *p, const float *blocked, float *plain, int part, int parts);

/// Permutes the axes of a plain tensor of 32-bit elements: output axis i is input axis permutation[i].
typedef struct {
    int32_t rank;            ///< 0...8
    int64_t extents[8];      ///< of the input
    int32_t permutation[8];
} fovea_transpose_params;

/// Runs one part. Distinct memory.
void fovea_transpose(fovea_isa isa, const fovea_transpose_params *p, const void *x, void *y, int part, int parts);

/// Gathers the channels of a blocked tensor: each is a channel of one of several blocked inputs with the same pixels.
typedef struct {
    int32_t batch, channels;
    int64_t pixels;
    const int32_t *source;            ///< [channels] which input
    const int32_t *channel;           ///< [channels] which of its channels
    const int64_t *in_batch_strides;  ///< [inputs] floats from one image to the next
    int64_t out_batch_stride;
} fovea_gather_params;

/// Runs one part. Distinct memory; padding lanes are written as zero.
void fovea_gather_channels(
    fovea_isa isa, const fovea_gather_params *p, const float *const *inputs, float *output, int part, int parts);

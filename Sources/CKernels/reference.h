// The scalar references that reference.c gathers in a table.
#pragma once
#include "table.h"

// Rounds the weights of one output to what the form can hold. Returns what that loses, as fovea_linear_pack does.
float reference_round_weights(fovea_weights form, float *w, int64_t count);

size_t reference_conv_packed_size(const fovea_conv_params *p);
void reference_conv_pack(const fovea_conv_params *p, const float *source, float *packed);
size_t reference_conv_scratch_size(const fovea_conv_params *p, int parts);
void reference_conv(const fovea_conv_params *p, const fovea_conv_args *a, int part, int parts);
void reference_pool(const fovea_pool_params *p, const float *input, float *output, int part, int parts);
void reference_global_pool(const fovea_pool_params *p, const float *input, float *output, int part, int parts);

void reference_slope_product(
    const fovea_slope_params *p, const float *g, const float *v, float *dx, int part, int parts);
void reference_spread(const fovea_extent *e, const float *v, float *y, int part, int parts);
size_t reference_pool_gradient_scratch_size(const fovea_pool_gradient_params *q, int parts);
void reference_pool_gradient(
    const fovea_pool_gradient_params *q, const float *g, const float *x, const float *y, float *dx, void *scratch, int part,
    int parts);
void reference_weave(
    const fovea_weave_params *p, const fovea_phase *phases, const float *residual, const float *gate, float *y, int part,
    int parts);
void reference_linear_adjoint(
    const fovea_linear_params *p, const float *g, const float *weights, float *y, int part, int parts);

float reference_combine(fovea_binary_kind kind, float x, float b);
void reference_binary_axes(
    const fovea_binary_axes_params *p, const float *x, const float *other, float *y, int part, int parts);
// `count` floats, `stride` apart, folded to one.
double reference_reduce(fovea_reduce_kind kind, const float *x, int64_t count, int64_t stride);
void reference_reduce_columns(
    fovea_reduce_kind kind, int64_t outer, int64_t count, int64_t inner, const float *x, float *y, int part, int parts);
void reference_channel_moments(const fovea_extent *e, const float *x, float *mean, float *squares, int part, int parts);

#include "table.h"

static const kernel_table *table(fovea_isa isa) {
    switch (isa) {
#if defined(__x86_64__)
    case FOVEA_AVX2: return &fovea_table_avx2;
    case FOVEA_AVX512: return &fovea_table_avx512;
#elif defined(__aarch64__)
    case FOVEA_NEON: return &fovea_table_neon;
#endif
    default: return &fovea_table_scalar;
    }
}

int64_t fovea_extent_size(const fovea_extent *e) {
    return e->batch * (e->blocked ? blocks16(e->channels) * 16 : e->channels) * e->pixels;
}

static int winograd_accepts(const fovea_conv_params *p, int32_t kernel, int32_t stride) {
    return p->groups == 1 && p->kernel_height == kernel && p->kernel_width == kernel && p->stride_height == stride &&
           p->stride_width == stride && p->dilation_height == 1 && p->dilation_width == 1;
}

static int phases_accept(const fovea_conv_params *p) {
    const int32_t most = p->stride_height == 2 ? 8 : p->stride_height == 4 ? 12 : 0, least = most - p->stride_height + 1;
    const int fits = p->kernel_height >= least && p->kernel_height <= most && p->kernel_width >= least && p->kernel_width <= most;
    return p->groups == 1 && fits && p->in_channels <= 4 && p->stride_width == p->stride_height && p->dilation_height == 1 &&
           p->dilation_width == 1;
}

int fovea_conv_pools(const fovea_conv_params *p) {
    const int even = p->algorithm == FOVEA_CONV_WINOGRAD_4_3 || p->algorithm == FOVEA_CONV_WINOGRAD_2_3 ||
                     p->algorithm == FOVEA_CONV_WINOGRAD_4_5;
    return even && fovea_is_clamp(p->activation) && !p->gated && p->out_height > 1 && p->out_width > 1;
}

int fovea_conv_accepts(const fovea_conv_params *p) {
    const int sane = p->batch > 0 && p->in_channels > 0 && p->out_channels > 0 && p->groups > 0 && p->kernel_height > 0 &&
                     p->kernel_width > 0 && p->stride_height > 0 && p->stride_width > 0 && p->dilation_height > 0 &&
                     p->dilation_width > 0 && p->in_channels % p->groups == 0 && p->out_channels % p->groups == 0;
    if (!sane || (p->pooled && !fovea_conv_pools(p))) return 0;
    switch (p->algorithm) {
    case FOVEA_CONV_DEPTHWISE: return p->groups == p->in_channels && p->groups == p->out_channels;
    case FOVEA_CONV_PLANAR: return p->groups == 1;
    case FOVEA_CONV_BLOCKED:
    case FOVEA_CONV_TRANSPOSE: return 1;
    case FOVEA_CONV_WINOGRAD_4_3:
    case FOVEA_CONV_WINOGRAD_2_3: return winograd_accepts(p, 3, 1);
    case FOVEA_CONV_WINOGRAD_4_5: return winograd_accepts(p, 5, 1);
    case FOVEA_CONV_WINOGRAD_3_4: return winograd_accepts(p, 4, 1);
    case FOVEA_CONV_WINOGRAD_4_3_2:
    case FOVEA_CONV_WINOGRAD_3_3_2: return winograd_accepts(p, 3, 2);
    case FOVEA_CONV_WINOGRAD_PHASES: return phases_accept(p);
    default: return 0;
    }
}

size_t fovea_conv_weights_size(fovea_isa isa, const fovea_conv_params *p) { return table(isa)->conv_weights_size(p); }

void fovea_conv_pack(fovea_isa isa, const fovea_conv_params *p, const float *source, float *packed) {
    table(isa)->conv_pack(p, source, packed);
}

size_t fovea_conv_scratch_size(fovea_isa isa, const fovea_conv_params *p, int parts) {
    return table(isa)->conv_scratch_size(p, parts);
}

int64_t fovea_conv_products(fovea_isa isa, const fovea_conv_params *p) { return table(isa)->conv_products(p); }

int fovea_conv_splits_channels(fovea_isa isa, const fovea_conv_params *p, int parts) {
    return table(isa)->conv_splits_channels(p, parts);
}

void fovea_conv(fovea_isa isa, const fovea_conv_params *p, const fovea_conv_args *a, int part, int parts) {
    table(isa)->conv(p, a, part, parts);
}

void fovea_pool(fovea_isa isa, const fovea_pool_params *p, const float *input, float *output, int part, int parts) {
    table(isa)->pool(p, input, output, part, parts);
}

void fovea_global_pool(fovea_isa isa, const fovea_pool_params *p, const float *input, float *output, int part, int parts) {
    table(isa)->global_pool(p, input, output, part, parts);
}

size_t fovea_linear_weights_size(fovea_isa isa, const fovea_linear_params *p) { return table(isa)->linear_weights_size(p); }

float fovea_linear_pack(
    fovea_isa isa, const fovea_linear_params *p, const float *source, int64_t n_stride, int64_t k_stride, float scale,
    float *packed) {
    return table(isa)->linear_pack(p, source, n_stride, k_stride, scale, packed);
}

void fovea_linear(fovea_isa isa, const fovea_linear_params *p, const fovea_linear_args *a, int part, int parts) {
    table(isa)->linear(p, a, part, parts);
}

size_t fovea_matmul_scratch_size(fovea_isa isa, const fovea_matmul_params *p, int parts) {
    return table(isa)->matmul_scratch_size(p, parts);
}

void fovea_matmul(
    fovea_isa isa, const fovea_matmul_params *p, const float *a, const float *b, float *c, void *scratch, int part, int parts) {
    table(isa)->matmul(p, a, b, c, scratch, part, parts);
}

void fovea_unary(fovea_isa isa, const fovea_extent *e, fovea_activation f, const float *x, float *y, int part, int parts) {
    table(isa)->unary(e, f, x, y, part, parts);
}

void fovea_binary(
    fovea_isa isa, const fovea_binary_params *p, const float *x, const float *other, float *y, int part, int parts) {
    table(isa)->binary(p, x, other, y, part, parts);
}

void fovea_channel_affine(
    fovea_isa isa, const fovea_extent *e, fovea_activation f, const float *x, const float *scale, const float *shift,
    float *y, int part, int parts) {
    table(isa)->channel_affine(e, f, x, scale, shift, y, part, parts);
}

size_t fovea_lrn_scratch_size(fovea_isa isa, const fovea_lrn_params *p, int parts) {
    return table(isa)->lrn_scratch_size(p, parts);
}

void fovea_lrn(fovea_isa isa, const fovea_lrn_params *p, const float *x, float *y, void *scratch, int part, int parts) {
    table(isa)->lrn(p, x, y, scratch, part, parts);
}

void fovea_softmax(
    fovea_isa isa, int64_t rows, int64_t columns, int log, const float *x, float *y, int part, int parts) {
    table(isa)->softmax(rows, columns, log, x, y, part, parts);
}

void fovea_layer_norm(
    fovea_isa isa, int64_t rows, int64_t columns, float epsilon, const float *x, const float *gamma, const float *beta,
    float *y, int part, int parts) {
    table(isa)->layer_norm(rows, columns, epsilon, x, gamma, beta, y, part, parts);
}

void fovea_reduce_rows(
    fovea_isa isa, fovea_reduce_kind kind, int64_t rows, int64_t columns, const float *x, float *y, int part, int parts) {
    table(isa)->reduce_rows(kind, rows, columns, x, y, part, parts);
}

void fovea_to_blocked(fovea_isa isa, const fovea_layout_params *p, const float *plain, float *blocked, int part, int parts) {
    table(isa)->to_blocked(p, plain, blocked, part, parts);
}

void fovea_from_blocked(
    fovea_isa isa, const fovea_layout_params *p, const float *blocked, float *plain, int part, int parts) {
    table(isa)->from_blocked(p, blocked, plain, part, parts);
}

void fovea_transpose(fovea_isa isa, const fovea_transpose_params *p, const void *x, void *y, int part, int parts) {
    table(isa)->transpose(p, x, y, part, parts);
}

void fovea_gather_channels(
    fovea_isa isa, const fovea_gather_params *p, const float *const *inputs, float *output, int part, int parts) {
    table(isa)->gather_channels(p, inputs, output, part, parts);
}

double fovea_fma_loop(fovea_isa isa, int64_t rounds, float seed, float *result) {
    return table(isa)->fma_loop(rounds, seed, result);
}

void fovea_slope_product(
    fovea_isa isa, const fovea_slope_params *p, const float *g, const float *v, float *dx, int part, int parts) {
    table(isa)->slope_product(p, g, v, dx, part, parts);
}

void fovea_spread(fovea_isa isa, const fovea_extent *e, const float *v, float *y, int part, int parts) {
    table(isa)->spread(e, v, y, part, parts);
}

void fovea_pool_gradient(
    fovea_isa isa, const fovea_pool_gradient_params *p, const float *g, const float *x, const float *y, float *dx, void *scratch,
    int part, int parts) {
    table(isa)->pool_gradient(p, g, x, y, dx, scratch, part, parts);
}

size_t fovea_pool_gradient_scratch_size(fovea_isa isa, const fovea_pool_gradient_params *p, int parts) {
    return table(isa)->pool_gradient_scratch_size(p, parts);
}

void fovea_weave(
    fovea_isa isa, const fovea_weave_params *p, const fovea_phase *phases, const float *residual, const float *gate, float *y,
    int part, int parts) {
    table(isa)->weave(p, phases, residual, gate, y, part, parts);
}

void fovea_linear_adjoint(
    fovea_isa isa, const fovea_linear_params *p, const float *g, const float *weights, float *y, int part, int parts) {
    table(isa)->linear_adjoint(p, g, weights, y, part, parts);
}

void fovea_binary_axes(
    fovea_isa isa, const fovea_binary_axes_params *p, const float *x, const float *other, float *y, int part, int parts) {
    table(isa)->binary_axes(p, x, other, y, part, parts);
}

void fovea_reduce_columns(
    fovea_isa isa, fovea_reduce_kind kind, int64_t outer, int64_t count, int64_t inner, const float *x, float *y, int part,
    int parts) {
    table(isa)->reduce_columns(kind, outer, count, inner, x, y, part, parts);
}

void fovea_channel_moments(
    fovea_isa isa, const fovea_extent *e, const float *x, float *mean, float *squares, int part, int parts) {
    table(isa)->channel_moments(e, x, mean, squares, part, parts);
}

// What one instruction set implements; the public functions look their kernel up here.
#pragma once
#include "include/CKernels.h"

typedef struct {
    size_t (*conv_weights_size)(const fovea_conv_params *);
    void (*conv_pack)(const fovea_conv_params *, const float *, float *);
    size_t (*conv_scratch_size)(const fovea_conv_params *, int);
    int (*conv_splits_channels)(const fovea_conv_params *, int);
    int64_t (*conv_products)(const fovea_conv_params *);
    void (*conv)(const fovea_conv_params *, const fovea_conv_args *, int, int);
    void (*pool)(const fovea_pool_params *, const float *, float *, int, int);
    void (*global_pool)(const fovea_pool_params *, const float *, float *, int, int);
    size_t (*linear_weights_size)(const fovea_linear_params *);
    float (*linear_pack)(const fovea_linear_params *, const float *, int64_t, int64_t, float, float *);
    void (*linear)(const fovea_linear_params *, const fovea_linear_args *, int, int);
    void (*linear_adjoint)(const fovea_linear_params *, const float *, const float *, float *, int, int);
    size_t (*matmul_scratch_size)(const fovea_matmul_params *, int);
    void (*matmul)(const fovea_matmul_params *, const float *, const float *, float *, void *, int, int);
    void (*unary)(const fovea_extent *, fovea_activation, const float *, float *, int, int);
    void (*binary)(const fovea_binary_params *, const float *, const float *, float *, int, int);
    void (*channel_affine)(
        const fovea_extent *, fovea_activation, const float *, const float *, const float *, float *, int, int);
    size_t (*lrn_scratch_size)(const fovea_lrn_params *, int);
    void (*lrn)(const fovea_lrn_params *, const float *, float *, void *, int, int);
    void (*softmax)(int64_t, int64_t, int, const float *, float *, int, int);
    void (*layer_norm)(int64_t, int64_t, float, const float *, const float *, const float *, float *, int, int);
    void (*reduce_rows)(fovea_reduce_kind, int64_t, int64_t, const float *, float *, int, int);
    void (*to_blocked)(const fovea_layout_params *, const float *, float *, int, int);
    void (*from_blocked)(const fovea_layout_params *, const float *, float *, int, int);
    void (*transpose)(const fovea_transpose_params *, const uint32_t *, uint32_t *, int, int);
    double (*fma_loop)(int64_t, float, float *);
    void (*slope_product)(const fovea_slope_params *, const float *, const float *, float *, int, int);
    void (*spread)(const fovea_extent *, const float *, float *, int, int);
    size_t (*pool_gradient_scratch_size)(const fovea_pool_gradient_params *, int);
    void (*pool_gradient)(
        const fovea_pool_gradient_params *, const float *, const float *, const float *, float *, void *, int, int);
    void (*weave)(const fovea_weave_params *, const fovea_phase *, const float *, const float *, float *, int, int);
    void (*gather_channels)(const fovea_gather_params *, const float *const *, float *, int, int);
    void (*binary_axes)(const fovea_binary_axes_params *, const float *, const float *, float *, int, int);
    void (*reduce_columns)(fovea_reduce_kind, int64_t, int64_t, int64_t, const float *, float *, int, int);
    void (*channel_moments)(const fovea_extent *, const float *, float *, float *, int, int);
} kernel_table;

extern const kernel_table fovea_table_scalar;
#if defined(__x86_64__)
extern const kernel_table fovea_table_avx2, fovea_table_avx512;
#elif defined(__aarch64__)
extern const kernel_table fovea_table_neon;
#endif

/// The share of `part` in `count` items: first ..< end.
typedef struct {
    int64_t first, end;
} part_range;

static inline part_range share(int64_t count, int part, int parts) {
    return (part_range){count / parts * part + (count % parts) * part / parts,
        count / parts * (part + 1) + (count % parts) * (part + 1) / parts};
}

static inline int64_t conv_direct_products(const fovea_conv_params *p) {
    return (int64_t)p->batch * p->out_height * p->out_width * p->kernel_height * p->kernel_width;
}

static inline int64_t blocks16(int64_t channels) { return (channels + 15) / 16; }
static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

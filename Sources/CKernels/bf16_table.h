// What one way of multiplying bfloat16 implements; the public functions look their kernel up here.
#pragma once
#include "table.h"
#include "include/fovea_bf16.h"

typedef struct {
    size_t (*weights_size)(const fovea_bf16_conv_params *);
    void (*pack)(const fovea_bf16_conv_params *, const float *, void *);
    size_t (*scratch_size)(const fovea_bf16_conv_params *, int);
    int (*splits_channels)(const fovea_bf16_conv_params *, int);
    void (*conv)(const fovea_bf16_conv_params *, const fovea_bf16_conv_args *, int, int);
    void (*pool)(const fovea_pool_params *, const fovea_bfloat16 *, fovea_bfloat16 *, int, int);
    void (*global_pool)(const fovea_pool_params *, const fovea_bfloat16 *, float *, int, int);
    void (*map)(
        const fovea_extent *, fovea_activation, const fovea_bfloat16 *, const float *, const float *, const fovea_bfloat16 *,
        fovea_bfloat16 *, int, int);
    void (*place)(int64_t, int64_t, int, int, const fovea_bfloat16 *, fovea_bfloat16 *, int, int);
    void (*from_blocked)(const fovea_extent *, const float *, fovea_bfloat16 *, int, int);
    void (*to_blocked)(const fovea_extent *, const fovea_bfloat16 *, float *, int, int);
    double (*product_loop)(int64_t, float *);
} bf16_table;

extern const bf16_table fovea_bf16_reference;
#if defined(__x86_64__)
extern const bf16_table fovea_bf16_avx512, fovea_bf16_amx;
#endif

// bfloat16 with AMX tiles. The file is built for the baseline; only the target attribute allows more.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>
#include "bf16_table.h"
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,amx-tile,amx-bf16,fma,f16c"))), apply_to = function)
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang diagnostic ignored "-Wunused-function"  // of what all kernels share
#define FOVEA_BF16_TABLE fovea_bf16_amx
#define TILE_PIXELS 14
#define TILE_VECTORS 2
#define SPREAD_WIDTH 0
#include "bodies/bf16/tile_amx.h"
#include "bodies/bf16/all.h"
#pragma clang attribute pop
#endif

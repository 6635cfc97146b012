// The kernels for avx512. The file is built for the baseline; only the target attribute allows more.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>
#include "table.h"
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,f16c"))), apply_to = function)
#define FOVEA_TABLE fovea_table_avx512
#define TILE_PIXELS 14
#define TILE_VECTORS 2
#define FOVEA_ESTIMATES
// Lane l of the result is lane at[l] of x.
#define PERMUTE16(x, at) ((v16)_mm512_permutexvar_ps((__m512i)(at), (__m512)(x)))
// The first n of sixteen floats by a mask, without a detour through memory.
#define LOAD_FIRST(p, n) ((v16)_mm512_maskz_loadu_ps((__mmask16)((1u << (n)) - 1), (p)))
#define STORE_FIRST(p, x, n) _mm512_mask_storeu_ps((p), (__mmask16)((1u << (n)) - 1), (__m512)(x))
#include "bodies/all.h"
#pragma clang attribute pop
#endif

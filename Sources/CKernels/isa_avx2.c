// The kernels for avx2. The file is built for the baseline; only the target attribute allows more.
#if defined(__x86_64__)
#include <math.h>
#include <string.h>
#include "table.h"
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define FOVEA_TABLE fovea_table_avx2
#define TILE_PIXELS 6
#define TILE_VECTORS 1
#include "bodies/all.h"
#pragma clang attribute pop
#endif

// The kernels for 64-bit ARM: its baseline has NEON and fused multiply-add.
#if defined(__aarch64__)
#include <math.h>
#include <string.h>
#include "table.h"
#define FOVEA_TABLE fovea_table_neon
#define TILE_PIXELS 6
#define TILE_VECTORS 1
#include "bodies/all.h"
#endif

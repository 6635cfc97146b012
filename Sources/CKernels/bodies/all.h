// Everything that one instruction set implements. The including file defines FOVEA_TABLE, TILE_PIXELS and TILE_VECTORS (what the
// registers hold: TILE_PIXELS x TILE_VECTORS accumulators of 16 floats) and has set the target.
#pragma clang diagnostic ignored "-Wpsabi"
#include "activation.h"
#include "broadcast.h"
#include "channels.h"
#include "columns.h"
#include "conv_table.h"
#include "elementwise.h"
#include "gemm.h"
#include "gemv_adjoint.h"
#include "gradient.h"
#include "layout.h"
#include "moments.h"
#include "peak.h"
#include "pool.h"
#include "rows.h"

const kernel_table FOVEA_TABLE = {
    .conv_weights_size = conv_weights_size,
    .conv_pack = conv_pack,
    .conv_scratch_size = conv_scratch_size,
    .conv_splits_channels = conv_splits_channels,
    .conv_products = conv_products,
    .conv = conv,
    .pool = pool,
    .global_pool = global_pool,
    .linear_weights_size = linear_weights_size,
    .linear_pack = linear_pack,
    .linear = linear,
    .linear_adjoint = linear_adjoint,
    .matmul_scratch_size = matmul_scratch_size,
    .matmul = matmul,
    .unary = unary,
    .binary = binary,
    .channel_affine = channel_affine,
    .lrn_scratch_size = lrn_scratch_size,
    .lrn = lrn,
    .softmax = softmax,
    .layer_norm = layer_norm,
    .reduce_rows = reduce_rows,
    .to_blocked = to_blocked,
    .from_blocked = from_blocked,
    .transpose = transpose,
    .fma_loop = fma_loop,
    .slope_product = slope_product,
    .spread = spread,
    .pool_gradient_scratch_size = pool_gradient_scratch_size,
    .pool_gradient = pool_gradient,
    .weave = weave,
    .gather_channels = gather_channels,
    .binary_axes = binary_axes,
    .reduce_columns = reduce_columns,
    .channel_moments = channel_moments,
};

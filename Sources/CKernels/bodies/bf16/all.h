// Everything that one way of multiplying bfloat16 implements. The including file defines FOVEA_BF16_TABLE, has set the target and
// has included the tile's products.
#include "conv.h"
#include "depthwise.h"
#include "map.h"
#include "pool.h"

static size_t weights_size(const fovea_bf16_conv_params *q) {
    return q->conv.algorithm == FOVEA_CONV_DEPTHWISE ? depthwise_weights_size(&q->conv) : dense_weights_size(q);
}

static void pack(const fovea_bf16_conv_params *q, const float *source, void *packed) {
    if (q->conv.algorithm == FOVEA_CONV_DEPTHWISE) depthwise_pack(&q->conv, source, packed);
    else dense_pack(q, source, packed);
}

static size_t scratch_size(const fovea_bf16_conv_params *q, int parts) {
    if (q->conv.algorithm == FOVEA_CONV_DEPTHWISE) return 0;
    const bf16_shape s = bf16_plan(q);
    return (size_t)(s.table_bytes + s.strip_bytes) * (size_t)parts;
}

static int splits_channels(const fovea_bf16_conv_params *q, int parts) {
    if (q->conv.algorithm == FOVEA_CONV_DEPTHWISE) return 0;
    const bf16_shape s = bf16_plan(q);
    return dense_splits_channels(&q->conv, &s, parts);
}

static void conv(const fovea_bf16_conv_params *q, const fovea_bf16_conv_args *a, int part, int parts) {
    if (q->conv.algorithm == FOVEA_CONV_DEPTHWISE) depthwise(q, a, part, parts);
    else dense(q, a, part, parts);
}

const bf16_table FOVEA_BF16_TABLE = {
    .weights_size = weights_size,
    .pack = pack,
    .scratch_size = scratch_size,
    .splits_channels = splits_channels,
    .conv = conv,
    .pool = pool,
    .global_pool = global_pool,
    .map = map,
    .place = place,
    .from_blocked = from_blocked,
    .to_blocked = to_blocked,
    .product_loop = product_loop,
};

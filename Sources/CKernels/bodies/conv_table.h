// Every algorithm of a convolution behind the four functions of the table.
#pragma once
#include "conv.h"
#include "deconv.h"
#include "winograd_phases.h"

static size_t conv_weights_size(const fovea_conv_params *p) {
    if (is_winograd(p)) return winograd_weights_size(p);
    switch (p->algorithm) {
    case FOVEA_CONV_DEPTHWISE: return depthwise_weights_size(p);
    case FOVEA_CONV_TRANSPOSE: return deconv_weights_size(p);
    case FOVEA_CONV_WINOGRAD_PHASES: return phases_weights_size(p);
    default: return conv_dense_weights_size(p);
    }
}

static void conv_pack(const fovea_conv_params *p, const float *source, float *packed) {
    if (is_winograd(p)) return winograd_pack(p, source, packed);
    switch (p->algorithm) {
    case FOVEA_CONV_DEPTHWISE: depthwise_pack(p, source, packed); break;
    case FOVEA_CONV_TRANSPOSE: deconv_pack(p, source, packed); break;
    case FOVEA_CONV_WINOGRAD_PHASES: phases_pack(p, source, packed); break;
    default: conv_dense_pack(p, source, packed);
    }
}

static size_t conv_scratch_size(const fovea_conv_params *p, int parts) {
    if (is_winograd(p)) return winograd_scratch_size(p, parts);
    if (p->algorithm == FOVEA_CONV_WINOGRAD_PHASES) return phases_scratch_size(p, parts);
    const int dense = p->algorithm == FOVEA_CONV_BLOCKED || p->algorithm == FOVEA_CONV_PLANAR;
    return dense ? conv_dense_scratch_size(p, parts) : 0;
}

static int conv_splits_channels(const fovea_conv_params *p, int parts) {
    if (p->algorithm == FOVEA_CONV_DEPTHWISE || p->algorithm == FOVEA_CONV_TRANSPOSE) return 0;
    if (is_winograd(p)) return winograd_splits_channels(p, parts);
    if (p->algorithm == FOVEA_CONV_WINOGRAD_PHASES) return phases_splits_channels(p, parts);
    const conv_shape s = conv_plan(p);
    return conv_split_channels(p, &s, parts);
}

static int64_t conv_products(const fovea_conv_params *p) {
    if (is_winograd(p)) return winograd_points(p);
    return p->algorithm == FOVEA_CONV_WINOGRAD_PHASES ? phases_points(p) : conv_direct_products(p);
}

static void conv(const fovea_conv_params *p, const fovea_conv_args *a, int part, int parts) {
    if (is_winograd(p)) return winograd(p, a, part, parts);
    switch (p->algorithm) {
    case FOVEA_CONV_DEPTHWISE: depthwise(p, a, part, parts); break;
    case FOVEA_CONV_TRANSPOSE: deconv(p, a, part, parts); break;
    case FOVEA_CONV_WINOGRAD_PHASES: winograd_of_phases(p, a, part, parts); break;
    default: conv_dense(p, a, part, parts);
    }
}

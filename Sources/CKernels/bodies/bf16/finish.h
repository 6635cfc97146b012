// The last steps of a sum, before it is stored.
#pragma once
#include "v32.h"

INLINE v32 add_residual(v32 x, const bf16 *residual) {
    const v32 y = widen_both(rounded(x.first, x.last)), r = load_v32(residual);
    return (v32){y.first + r.first, y.last + r.last};
}

INLINE v32 clamped(v32 x, v16 low, v16 high, const int below) {
    x = (v32){at_least(x.first, low), at_least(x.last, low)};
    return below ? (v32){at_most(x.first, high), at_most(x.last, high)} : x;
}

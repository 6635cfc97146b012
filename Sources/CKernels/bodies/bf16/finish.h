// What a sum goes through before it is stored.
#pragma once
#include "wide.h"

INLINE wide add_residual(wide x, const bf16 *residual) {
    const wide y = widen_both(rounded(x.first, x.last)), r = load_wide(residual);
    return (wide){y.first + r.first, y.last + r.last};
}

INLINE wide clamped(wide x, v16 low, v16 high, const int below) {
    x = (wide){at_least(x.first, low), at_least(x.last, low)};
    return below ? (wide){at_most(x.first, high), at_most(x.last, high)} : x;
}

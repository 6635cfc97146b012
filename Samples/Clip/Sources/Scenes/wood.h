// The grain of a table.
#pragma once

#include "noise.h"

/// A board's colour at a place of the table: rings cut lengthwise, boards a few hands wide.
INLINE v3 wood(f x, f z, v3 light, v3 dark) {
  f board = floor(z * 1.3f), gap = abs(fract(z * 1.3f) - 0.5f);
  f warp = fractal(x * 0.9f + board * 17.f, z * 3.f, 3);
  f ring = fract(warp * 5.f + z * 1.7f + board * 0.37f);
  ring = smoothstep(0.f, 0.75f, ring) * smoothstep(1.f, 0.85f, ring);
  f pores = noise(x * 7.f, z * 130.f);
  f shade = saturate(0.55f * ring + 0.45f * pores) * (0.8f + 0.4f * hash(board, board, 5.f));
  v3 c = mix(light, dark, shade);
  return c * (1.f - 0.7f * smoothstep(0.485f, 0.497f, gap));
}

// Deterministic noise: everything that looks random comes from here.
#pragma once

#include "lanes.h"

/// A number in 0...1 for a lattice point.
INLINE f hash(f x, f y, f z) {
  bits h = (bits) __builtin_convertvector(x, mask) * 0x9E3779B1u ^
           (bits) __builtin_convertvector(y, mask) * 0x85EBCA77u ^
           (bits) __builtin_convertvector(z, mask) * 0xC2B2AE3Du;
  h = (h ^ h >> 15) * 0x2C1B3C6Du;
  h = (h ^ h >> 12) * 0x297A2D39u;
  return __builtin_convertvector((mask)(h >> 8), f) * 5.9604645e-8f;
}

/// Value noise, 0...1, in three dimensions.
INLINE f noise(v3 p) {
  v3 i(floor(p.x), floor(p.y), floor(p.z)), t = p - i;
  t = t * t * (v3::same(3.f) - t * 2.f);
  f a = mix(hash(i.x, i.y, i.z), hash(i.x + 1.f, i.y, i.z), t.x);
  f b = mix(hash(i.x, i.y + 1.f, i.z), hash(i.x + 1.f, i.y + 1.f, i.z), t.x);
  f c = mix(hash(i.x, i.y, i.z + 1.f), hash(i.x + 1.f, i.y, i.z + 1.f), t.x);
  f d = mix(hash(i.x, i.y + 1.f, i.z + 1.f), hash(i.x + 1.f, i.y + 1.f, i.z + 1.f), t.x);
  return mix(mix(a, b, t.y), mix(c, d, t.y), t.z);
}

/// Value noise in the plane.
INLINE f noise(f x, f y) {
  f ix = floor(x), iy = floor(y), tx = x - ix, ty = y - iy;
  tx = tx * tx * (3.f - 2.f * tx), ty = ty * ty * (3.f - 2.f * ty);
  return mix(mix(hash(ix, iy, 7.f), hash(ix + 1.f, iy, 7.f), tx),
      mix(hash(ix, iy + 1.f, 7.f), hash(ix + 1.f, iy + 1.f, 7.f), tx), ty);
}

/// Octaves of noise, each twice as fine and half as strong; 0...1.
INLINE f fractal(v3 p, int octaves) {
  f sum = 0.f, weight = 0.5f;
  for (int i = 0; i < octaves; i++, weight *= 0.5f) {
    sum += weight * noise(p);
    p = v3(p.x * 1.6f + p.z * 1.2f + 3.1f, p.y * 2.f + 1.7f, p.z * 1.6f - p.x * 1.2f + 5.3f);
  }
  return sum;
}
INLINE f fractal(f x, f y, int octaves) {
  f sum = 0.f, weight = 0.5f;
  for (int i = 0; i < octaves; i++, weight *= 0.5f) {
    sum += weight * noise(x, y);
    f next = x * 1.6f + y * 1.2f + 3.1f;
    y = y * 1.6f - x * 1.2f + 5.3f, x = next;
  }
  return sum;
}

/// Distance to the nearest of the scattered points, one in each cell of the plane, and a number of that point's own.
INLINE v2 cells(f x, f y) {
  f ix = floor(x), iy = floor(y), best = 9.f, name = 0.f;
  for (int dy = -1; dy <= 1; dy++)
    for (int dx = -1; dx <= 1; dx++) {
      f cx = ix + (float)dx, cy = iy + (float)dy;
      f px = cx + 0.5f + 0.7f * (hash(cx, cy, 1.f) - 0.5f), py = cy + 0.5f + 0.7f * (hash(cx, cy, 2.f) - 0.5f);
      f d = square(px - x) + square(py - y);
      name = select(d < best, hash(cx, cy, 3.f), name);
      best = min(best, d);
    }
  return v2{sqrt(best), name};
}

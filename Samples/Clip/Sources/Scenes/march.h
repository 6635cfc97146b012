// Signed distances and rays. Shapes and the soft shadow follow Inigo Quilez's articles on distance functions.
#pragma once

#include "noise.h"

INLINE f sphere(v3 p, f radius) { return length(p) - radius; }
INLINE f ellipsoid(v3 p, v3 r) {
  v3 q(p.x / r.x, p.y / r.y, p.z / r.z);
  f k = length(q), g = length(v3(q.x / r.x, q.y / r.y, q.z / r.z));
  return k * (k - 1.f) / max(g, 1e-6f);
}
INLINE f box(v3 p, v3 half, f round) {
  v3 q(abs(p.x) - half.x + round, abs(p.y) - half.y + round, abs(p.z) - half.z + round);
  return length(max(q, 0.f)) + min(max(q.x, max(q.y, q.z)), 0.f) - round;
}
INLINE f capsule(v3 p, v3 a, v3 b, f radius) {
  v3 pa = p - a, ba = b - a;
  return length(pa - ba * saturate(dot(pa, ba) / dot(ba, ba))) - radius;
}
INLINE f torus(v3 p, f ring, f radius) { return length(length(p.x, p.z) - ring, p.y) - radius; }
/// An upright cylinder around the origin.
INLINE f cylinder(v3 p, f radius, f half, f round) {
  f x = length(p.x, p.z) - radius + round, y = abs(p.y) - half + round;
  return min(max(x, y), 0.f) + length(max(x, 0.f), max(y, 0.f)) - round;
}
/// The union of two shapes with a fillet.
INLINE f blend(f a, f b, f width) {
  f h = max(width - abs(a - b), 0.f) / width;
  return min(a, b) - h * h * width * 0.25f;
}

/// Follows rays until they are near the surface. Returns the way, or more than `far` for rays that miss.
template <class Map> INLINE f march(const Map &map, v3 from, v3 ray, f near, float far, int steps, float slack = 1.f) {
  f t = near;
  mask going = t < far;
  for (int i = 0; i < steps && any(going); i++) {
    f d = map(from + ray * t);
    going = going & (d > 0.0006f * t) & (t < far);
    t = select(going, t + d * slack, t);
  }
  return t;
}

/// The surface's direction at p: differences along the corners of a tetrahedron of this size.
template <class Map> INLINE v3 normal(const Map &map, v3 p, float e) {
  v3 n(0.f, 0.f, 0.f);
  const float corner[4][3] = {{1, -1, -1}, {-1, -1, 1}, {-1, 1, -1}, {1, 1, 1}};
#pragma clang loop unroll(disable)
  for (int i = 0; i < 4; i++) {
    v3 k(corner[i][0], corner[i][1], corner[i][2]);
    n += k * map(p + k * e);
  }
  return normalize(n);
}

/// How much of a light of some size is seen from p: 0...1. `softness` is about the light's radius over its distance.
template <class Map> INLINE f shadow(const Map &map, v3 p, v3 light, float softness, float far, int steps) {
  f seen = 1.f, t = 0.02f;
  mask going = t < far;
  for (int i = 0; i < steps && any(going); i++) {
    f d = map(p + light * t);
    seen = min(seen, 0.5f + 0.5f * d / (softness * t));
    t += select(going, clamp(d, 0.01f, 0.25f), 0.f);
    going = (seen > 0.f) & (t < far);
  }
  seen = max(seen, 0.f);
  return seen * seen * (3.f - 2.f * seen);
}

/// Ambient occlusion: how far the nearest things are along the surface's direction. 1 is open.
template <class Map> INLINE f openness(const Map &map, v3 p, v3 n, float reach) {
  f closed = 0.f;
  float weight = 1.f;
#pragma clang loop unroll(disable)
  for (int i = 1; i <= 4; i++, weight *= 0.6f) {
    float h = reach * (float)i * 0.25f;
    closed += weight * max(h - map(p + n * h), 0.f) / reach;
  }
  return saturate(1.f - 1.1f * closed);
}

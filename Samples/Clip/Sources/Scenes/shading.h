// Light on surfaces, cameras, and how light becomes a picture.
#pragma once

#include "march.h"

struct Surface {
  v3 albedo;
  f gloss = 0.f;   // strength of the mirror, 0...1
  f power = 32.f;  // sharpness of the highlight
  f wrap = 0.f;    // light that goes through the skin and around: 0 hard, 1 soft
};

struct Light {
  v3 direction, sun, sky, ground;
};

/// What a surface sends to the eye: one large lamp, the sky, and light from below.
INLINE v3 lit(const Surface &s, const Light &l, v3 n, v3 ray, f seen, f open) {
  f facing = dot(n, l.direction);
  f diffuse = max((facing + s.wrap) / (1.f + s.wrap), 0.f) * mix(seen, 1.f, 0.25f * s.wrap);
  v3 around = mix(l.ground, l.sky, n.y * 0.5f + 0.5f) * open;
  v3 half = normalize(l.direction - ray);
  f fresnel = 0.04f + 0.96f * pow(saturate(1.f + dot(ray, n)), 5.f);
  f highlight = pow(max(dot(n, half), 0.f), s.power) * (s.power + 8.f) * 0.04f * s.gloss;
  v3 mirror = mix(l.ground, l.sky, saturate(reflect(ray, n).y * 1.5f + 0.4f)) * (fresnel * s.gloss * open);
  return s.albedo * (l.sun * diffuse + around) + l.sun * (highlight * seen * saturate(facing * 8.f)) + mirror;
}

struct Camera {
  v3 eye, right, up, forward;
  f zoom;
};

/// A camera at `eye` that looks at `target`; zoom 1 sees 53 degrees from top to bottom.
INLINE Camera look(v3 eye, v3 target, float zoom) {
  Camera c;
  c.eye = eye;
  c.forward = normalize(target - eye);
  c.right = normalize(cross(c.forward, v3(0.f, 1.f, 0.f)));
  c.up = cross(c.right, c.forward);
  c.zoom = zoom;
  return c;
}

/// The way of the ray through a point of the picture; y is -0.5 to 0.5, x the same times the aspect.
INLINE v3 through(const Camera &c, f x, f y) { return normalize(c.right * x + c.up * y + c.forward * c.zoom); }

/// Soft discs of light out of focus, as leaves far behind the subject give.
INLINE f bokeh(f x, f y, float scale, float size) {
  x *= scale, y *= scale;
  f ix = floor(x), iy = floor(y), sum = 0.f;
#pragma clang loop unroll(disable)
  for (int i = 0; i < 9; i++) {
    f cx = ix + (float)(i % 3 - 1), cy = iy + (float)(i / 3 - 1), strength = hash(cx, cy, 3.f);
    f px = cx + hash(cx, cy, 1.f), py = cy + hash(cx, cy, 2.f);
    sum += strength * strength * smoothstep(size, size * 0.85f, length(px - x, py - y));
  }
  return sum;
}

// From a scene to bytes. A scene has a `camera` and says with `colour(ray, x, y)` what light comes along a ray.
#pragma once

#include "shading.h"

typedef void Paint(float seconds, int width, int height, int first, int last, int samples, uint8_t *rgb);

/// Where the rays go through a pixel: eight queens' places, so that edges of every direction come out smooth.
static const float places[8][2] = {{.5625f, .3125f}, {.4375f, .6875f}, {.8125f, .5625f}, {.3125f, .1875f},
    {.1875f, .8125f}, {.0625f, .4375f}, {.6875f, .9375f}, {.9375f, .0625f}};

/// Light of any strength to 0...1, as film takes it (Narkowicz's fit of the ACES curve), for sRGB's gamma.
INLINE v3 develop(v3 c) {
  c = max(c * 0.6f, 0.f);
  v3 a = c * (c * 2.51f + v3::same(0.03f)), b = c * (c * 2.43f + v3::same(0.59f)) + v3::same(0.14f);
  return v3(pow(saturate(a.x / b.x), 0.4545f), pow(saturate(a.y / b.y), 0.4545f), pow(saturate(a.z / b.z), 0.4545f));
}

template <class Scene>
void paint(float seconds, int width, int height, int first, int last, int samples, uint8_t *rgb) {
  Scene scene(seconds);
  f column, row;
  for (int i = 0; i < 16; i++) column[i] = (float)(i & 3), row[i] = (float)(i >> 2);
  for (int top = first; top < last; top += 4)
    for (int left = 0; left < width; left += 4) {
      v3 sum(0.f, 0.f, 0.f);
#pragma clang loop unroll(disable)
      for (int s = 0; s < samples; s++) {
        float dx = samples == 1 ? 0.5f : places[s][0], dy = samples == 1 ? 0.5f : places[s][1];
        f x = (column + ((float)left + dx - 0.5f * (float)width)) / (float)height;
        f y = ((0.5f * (float)height - (float)top - dy) - row) / (float)height;
        sum += develop(scene.colour(through(scene.camera, x, y), x, y) * (1.f - 0.35f * (x * x + y * y)));
      }
      sum = sum * (255.f / (float)samples);
      // Ordered dither, the same in every frame: smooth skies do not show bands.
      f grain = (fract((column + (float)left) * 0.7548777f + (row + (float)top) * 0.5698403f) - 0.5f) * 0.9f + 0.5f;
      for (int i = 0; i < 16; i++) {
        uint8_t *p = rgb + 3 * ((top + (i >> 2)) * width + left + (i & 3));
        p[0] = (uint8_t)min(sum.x + grain, 255.f)[i];
        p[1] = (uint8_t)min(sum.y + grain, 255.f)[i];
        p[2] = (uint8_t)min(sum.z + grain, 255.f)[i];
      }
    }
}

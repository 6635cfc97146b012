// A jellyfish that drifts in deep blue water.
#include "scenes_list.h"

namespace {

struct Jellyfish {
  Camera camera;
  float time, pulse;

  Jellyfish(float time) : time(time) {
    float angle = 0.12f * time;
    v2 around = rotate(0.f, 3.35f, angle);
    camera = look(v3(around.x, 0.35f, around.y), v3(0.f, -0.28f + 0.03f * time, 0.f), 1.15f);
    pulse = __builtin_sinf(time * 2.6f);
  }

  METHOD f bell(v3 p) const {
    f r = length(p.x, p.z), a = turn(p.z, p.x);
    float wide = 0.92f + 0.07f * pulse;
    f frill = 0.03f * cos(a * 100.5f) * smoothstep(0.25f, -0.1f, p.y);
    v3 q(p.x / (wide + frill), (p.y - 0.02f) / (0.66f - 0.05f * pulse), p.z / (wide + frill));
    f dome = (length(q) - 1.f) * 0.62f;
    f hollow = (length(v3(q.x, q.y * 1.12f + 0.10f, q.z)) - 0.90f) * 0.62f;
    return max(max(dome, -hollow), -0.16f - p.y + 0.03f * sin(r * 9.f + time * 2.f));
  }
  /// Arms in the middle: frilled ribbons that sway.
  METHOD f arms(v3 p) const {
    f depth = max(0.2f - p.y, 0.f), best = 9.f;
    for (int i = 0; i < 4; i++) {
      float a = 1.5708f * (float)i + 0.4f;
      f sway = 0.16f * sin(depth * 3.1f - time * 2.2f + (float)i * 1.9f) * depth;
      f x = p.x - 0.16f * __builtin_cosf(a) - sway, z = p.z - 0.16f * __builtin_sinf(a) - 0.7f * sway;
      f thick = 0.085f - 0.05f * smoothstep(0.1f, 0.45f, p.y) - 0.026f * depth +
                0.028f * sin(depth * 21.f + (float)i + 3.f * turn(z, x));
      best = min(best, length(x, z) - thick);
    }
    return max(best * 0.6f, max(p.y - 0.45f, -1.95f - p.y));
  }
  /// Threads around the rim.
  METHOD f threads(v3 p) const {
    f depth = max(-0.1f - p.y, 0.f), a = turn(p.z, p.x) * 18.f;
    f own = floor(a), r = length(p.x, p.z);
    f home = 0.80f + 0.06f * pulse - 0.10f * depth +
             0.10f * sin(depth * 2.6f - time * 2.f + own * 2.4f) * saturate(depth * 2.f);
    f beside = (fract(a) - 0.5f + 0.30f * sin(depth * 3.3f - time * 1.7f + own * 1.3f) * saturate(depth)) * r * 0.349f;
    f end = 1.1f + 0.8f * hash(own, own, 3.f);
    return max(length(r - home, beside) - 0.012f, max(depth - end, p.y + 0.05f)) * 0.55f;
  }
  METHOD f operator()(v3 p) const { return min(min(bell(p), arms(p)), threads(p)); }

  METHOD v3 water(f x, f y) const {
    v3 c = mix(v3(0.002f, 0.016f, 0.10f), v3(0.012f, 0.12f, 0.50f), smoothstep(-0.6f, 0.7f, y + 0.2f * x));
    f beam = fractal(v3((x - 0.35f * y) * 5.f, time * 0.25f, 2.f), 2);
    c = c * 1.5f + v3(0.01f, 0.10f, 0.26f) * (square(beam) * smoothstep(-0.4f, 0.6f, y));
    v2 mote = cells(x * 14.f + 0.2f * time, y * 14.f - 0.3f * time);
    return c + v3(0.10f, 0.25f, 0.42f) * (smoothstep(0.10f, 0.02f, mote.x) * square(mote.y));
  }

  METHOD v3 colour(v3 ray, f x, f y) const {
    // The body is clear: light is collected along the way, most where the ray grazes a skin.
    f t = 2.0f;
    v3 glow(0.f, 0.f, 0.f);
    f through = 1.f;
    mask going = t < 4.8f;
    for (int i = 0; i < 90 && any(going); i++) {
      v3 p = camera.eye + ray * t;
      f b = bell(p), a = arms(p), h = threads(p), d = min(min(b, a), h);
      f step = select(going, max(d * 0.85f, 0.016f), f(0.f));
      if (any(d < 0.03f)) {
        f r = length(p.x, p.z), canals = square(0.5f + 0.5f * cos(turn(p.z, p.x) * 100.5f));
        f inBell = smoothstep(0.012f, -0.004f, b), inArm = smoothstep(0.012f, -0.008f, a),
          inThread = smoothstep(0.008f, 0.f, h);
        f edge = smoothstep(0.10f, -0.16f, p.y);
        v3 skin = mix(v3(1.0f, 0.52f, 0.72f), v3(0.50f, 0.72f, 1.1f), smoothstep(-0.05f, 0.6f, p.y));
        skin = skin * (0.45f + 1.0f * canals * smoothstep(0.15f, 0.8f, r) + 0.9f * edge);
        v3 light = skin * (inBell * 2.0f) + v3(1.30f, 0.55f, 0.42f) * (inArm * 2.8f) +
                   v3(0.9f, 0.66f, 0.8f) * (inThread * 3.0f);
        light = light * (0.60f + 0.55f * smoothstep(-1.4f, 0.6f, p.y));
        glow += light * (through * step);
        through *= exp(-step * (inBell * 1.8f + inArm * 4.f + inThread * 3.f));
      }
      t += step;
      going = (t < 4.8f) & (through > 0.05f);
    }
    return water(x, y) * mix(f(1.f), through, 0.5f) + glow * 1.6f;
  }
};

}  // namespace

void paintJellyfish(float s, int w, int h, int a, int b, int n, uint8_t *rgb) {
  paint<Jellyfish>(s, w, h, a, b, n, rgb);
}

// Mushrooms in the moss of a wood.
#include "scenes_list.h"

namespace {

struct Mushrooms {
  Camera camera;
  Light light;

  Mushrooms(float time) {
    float angle = -0.12f + 0.10f * time;
    v2 around = rotate(0.f, 3.1f, angle);
    camera = look(v3(around.x, 0.6f - 0.05f * time, around.y), v3(0.06f, 0.76f, 0.f), 1.2f);
    light = Light{
        normalize(v3(-0.5f, 0.85f, 0.5f)), v3(2.3f, 2.05f, 1.6f), v3(0.42f, 0.52f, 0.5f), v3(0.14f, 0.17f, 0.06f)};
  }

  struct Parts {
    f cap, stem;
    v3 place;
  };
  /// One mushroom of unit size at the origin.
  METHOD Parts one(v3 p) const {
    f r = length(p.x, p.z);
    Parts m;
    v3 q = p - v3(0.f, 1.06f, 0.f);
    m.place = q;
    f dome = ellipsoid(q, v3(0.80f, 0.56f, 0.80f));
    f under = (q.y + 0.02f + 0.10f * smoothstep(0.3f, 0.8f, r)) * -1.f;
    m.cap = max(dome, under) + 0.004f;
    m.cap *= 0.75f;
    f girth = 0.155f + 0.10f * smoothstep(0.45f, 0.f, p.y) + 0.012f * sin(p.y * 30.f) * smoothstep(0.5f, 0.1f, p.y);
    f stem = max(r - girth, max(p.y - 1.2f, -p.y - 0.2f));
    f skirt = max(abs(r - 0.17f - 0.45f * (0.84f - p.y)) - 0.016f,
                  max(p.y - 0.84f, 0.64f + 0.02f * cos(turn(p.z, p.x) * 88.f) - p.y)) *
              0.8f;
    m.stem = min(stem, skirt);
    return m;
  }
  METHOD Parts all(v3 p) const {
    const float place[3][4] = {{0.f, 0.f, 0.f, 1.f}, {-1.02f, 0.f, 0.30f, 0.58f}, {0.95f, 0.f, -0.75f, 0.75f}};
    Parts best{9.f, 9.f, v3(0.f, 0.f, 0.f)};
#pragma clang loop unroll(disable)
    for (int i = 0; i < 3; i++) {
      float size = place[i][3];
      Parts m = one((p - v3(place[i][0], place[i][1], place[i][2])) * (1.f / size));
      mask nearer = m.cap * size < best.cap;
      best.place = select(nearer, m.place, best.place);
      best.cap = min(best.cap, m.cap * size);
      best.stem = min(best.stem, m.stem * size);
    }
    return best;
  }
  METHOD f moss(v3 p) const {
    f hill = 0.14f * noise(p.x * 1.7f, p.z * 1.7f) + 0.05f * noise(p.x * 7.f, p.z * 7.f) +
             0.035f * noise(p.x * 26.f, p.z * 26.f);
    return (p.y - hill + 0.08f) * 0.6f;
  }
  METHOD f operator()(v3 p) const {
    Parts m = all(p);
    return min(min(m.cap, m.stem), moss(p));
  }

  METHOD v3 colour(v3 ray, f x, f y) const {
    f t = march(*this, camera.eye, ray, 1.f, 8.f, 80);
    f trunk = smoothstep(0.5f, 0.75f, noise(x * 5.f + 3.f, y * 0.4f));
    v3 far = mix(mix(v3(0.03f, 0.055f, 0.02f), v3(0.26f, 0.34f, 0.10f), fractal(x * 2.5f, y * 2.5f + 9.f, 2)),
        v3(0.03f, 0.025f, 0.018f), trunk * 0.7f);
    far += v3(0.62f, 0.68f, 0.28f) * (bokeh(x + 1.f, y + 5.f, 5.5f, 0.5f) * 0.5f * smoothstep(-0.1f, 0.5f, y));
    if (!any(t < 6.f)) return far;
    v3 p = camera.eye + ray * t;
    Parts m = all(p);
    mask onCap = (m.cap < 0.006f) & (m.cap < m.stem), onStem = m.stem < 0.006f;
    v3 n = normal(*this, p, 0.004f);
    f open = openness(*this, p, n, 0.4f);
    f grain = fractal(p.x * 13.f, p.z * 13.f, 3);
    Surface s;
    s.albedo = mix(v3(0.035f, 0.07f, 0.008f), v3(0.20f, 0.30f, 0.03f), grain);
    s.albedo =
        mix(s.albedo, v3(0.25f, 0.13f, 0.045f), smoothstep(0.55f, 0.7f, noise(p.x * 4.f + 8.f, p.z * 4.f)) * 0.7f);
    f r = length(m.place.x, m.place.z);
    f leather = fractal(v3(m.place.x * 5.f, m.place.y * 9.f, m.place.z * 5.f), 3);
    v3 brown = mix(v3(0.36f, 0.21f, 0.10f), v3(0.64f, 0.51f, 0.35f),
        saturate(smoothstep(0.05f, 0.7f, r) * 0.55f + 1.6f * leather - 0.45f));
    mask below = n.y < -0.35f;
    f gill = 0.75f + 0.25f * sin(turn(m.place.z, m.place.x) * 400.f);
    v3 cap = select(below, v3(0.70f, 0.62f, 0.48f) * gill, brown);
    s.albedo = select(
        onStem, v3(0.80f, 0.75f, 0.62f) * (0.8f + 0.3f * noise(v3(p.x * 30.f, p.y * 5.f, p.z * 30.f))), s.albedo);
    s.albedo = select(onCap, cap, s.albedo);
    s.gloss = select(onCap, f(0.30f), f(0.05f));
    s.power = 40.f;
    s.wrap = select(onCap | onStem, f(0.35f), f(0.2f));
    f seen = shadow(*this, p + n * 0.015f, light.direction, 0.15f, 2.5f, 16);
    v3 c = lit(s, light, n, ray, seen, open);
    return mix(c, far, smoothstep(3.4f, 6.f, t));
  }
};

}  // namespace

void paintMushroom(float s, int w, int h, int a, int b, int n, uint8_t *rgb) {
  paint<Mushrooms>(s, w, h, a, b, n, rgb);
}

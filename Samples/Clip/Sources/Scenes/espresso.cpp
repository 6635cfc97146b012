// A cup of espresso on its saucer, beans beside it.
#include "scenes_list.h"
#include "wood.h"

namespace {

struct Espresso {
  Camera camera;
  Light light;
  float time;

  Espresso(float time) : time(time) {
    float angle = 0.35f + 0.10f * time;
    v2 around = rotate(0.f, 2.35f, angle);
    camera = look(v3(around.x, 2.75f - 0.06f * time, around.y), v3(0.06f, 0.52f, 0.02f), 1.22f);
    light = Light{
        normalize(v3(0.5f, 0.9f, -0.25f)), v3(2.1f, 1.95f, 1.75f), v3(0.62f, 0.64f, 0.7f), v3(0.25f, 0.17f, 0.11f)};
  }

  METHOD f china(v3 p) const {
    f r = length(p.x, p.z);
    // The bowl: a shell, wider at the top than an egg is.
    v3 q = p - v3(0.f, 0.98f, 0.f);
    f wall = 0.045f;
    f bowl = max(abs(ellipsoid(q, v3(0.80f, 0.86f, 0.80f))) - wall, q.y);
    bowl = min(bowl, length(r - 0.80f, q.y) - wall);
    f foot = cylinder(p - v3(0.f, 0.16f, 0.f), 0.42f, 0.08f, 0.03f);
    // The handle: half a ring at the side.
    v3 h = p - v3(0.92f, 0.66f, 0.f);
    f ring = length(length(h.x * 0.85f, h.y) - 0.24f, h.z * 0.75f) - 0.06f;
    f cup = blend(min(bowl, foot), max(ring, -ellipsoid(q, v3(0.80f, 0.86f, 0.80f))), 0.06f);
    f dish = abs(p.y - 0.07f - 0.16f * smoothstep(0.6f, 1.5f, r)) - 0.028f;
    return min(cup, max(dish, r - 1.42f) * 0.9f);
  }
  METHOD f coffee(v3 p) const { return max(p.y - 0.82f, length(v3(p.x, (p.y - 0.98f) * 0.93f, p.z)) - 0.79f); }
  METHOD f beans(v3 p) const {
    const float bean[6][3] = {{-1.55f, 0.75f, 0.4f}, {-1.72f, 0.40f, 1.9f}, {-1.35f, 1.05f, 2.6f},
        {1.60f, -0.65f, 1.1f}, {0.9f, 1.55f, 0.2f}, {1.15f, 1.38f, 2.2f}};
    f best = 9.f;
#pragma clang loop unroll(disable)
    for (int i = 0; i < 6; i++) {
      v2 q = rotate(p.x - bean[i][0], p.z - bean[i][1], bean[i][2]);
      f body = ellipsoid(v3(q.x, p.y - 0.08f, q.y), v3(0.17f, 0.09f, 0.115f));
      best = min(best, max(body, 0.018f - length(q.y + 0.02f * sin(q.x * 18.f), p.y - 0.165f)));
    }
    return best;
  }
  METHOD f operator()(v3 p) const { return min(min(min(china(p), coffee(p)), beans(p)), p.y); }

  /// What glaze and coffee mirror: a window behind a dark room's side.
  METHOD v3 room(v3 d) const {
    f pane = smoothstep(0.05f, -0.05f, abs(d.x - 0.35f) - 0.32f) * smoothstep(0.05f, -0.05f, abs(d.z + 0.45f) - 0.30f);
    f bars = smoothstep(0.01f, 0.03f, abs(d.x - 0.35f)) * smoothstep(0.01f, 0.03f, abs(d.z + 0.45f));
    return v3(0.22f, 0.21f, 0.22f) * (0.4f + 0.6f * saturate(d.y)) +
           v3(3.2f, 3.1f, 2.9f) * pane * bars * saturate(d.y * 3.f);
  }

  METHOD v3 crema(v3 p) const {
    f r = length(p.x, p.z), spin = 0.5f * time * 0.35f;
    v2 q = rotate(p.x, p.z, 2.2f * r + spin);
    f swirl = fractal(q.x * 3.2f + 2.f * noise(q.x * 4.f, q.y * 4.f), q.y * 3.2f, 3);
    f foam = noise(q.x * 40.f, q.y * 40.f);
    v3 c = mix(v3(0.13f, 0.045f, 0.012f), v3(0.50f, 0.24f, 0.075f), smoothstep(0.30f, 0.62f, swirl));
    c = c * (0.88f + 0.24f * foam);
    return mix(c, v3(0.10f, 0.035f, 0.012f), smoothstep(0.64f, 0.77f, r) * 0.75f);
  }

  METHOD v3 colour(v3 ray, f, f) const {
    f t = march(*this, camera.eye, ray, 1.4f, 9.f, 70, 0.9f);
    v3 p = camera.eye + ray * t;
    mask onChina = china(p) < 0.008f, onCoffee = coffee(p) < 0.006f, onBean = beans(p) < 0.006f;
    v3 n = normal(*this, p, 0.003f);
    f open = openness(*this, p, n, 0.4f);
    Surface s;
    s.albedo = wood(p.x, p.z, v3(0.20f, 0.09f, 0.04f), v3(0.075f, 0.03f, 0.014f));
    s.gloss = 0.25f;
    s.albedo = select(onBean, v3(0.075f, 0.03f, 0.014f), s.albedo);
    s.albedo = select(onChina, v3(0.80f, 0.78f, 0.74f), s.albedo);
    s.albedo = select(onCoffee, crema(p), s.albedo);
    s.power = select(onChina, f(120.f), f(30.f));
    s.gloss = select(onChina, f(0.5f), s.gloss);
    s.wrap = select(onCoffee | onChina, f(0.2f), f(0.f));
    f seen = shadow(*this, p + n * 0.01f, light.direction, 0.18f, 3.f, 18);
    v3 c = lit(s, light, n, ray, seen, open);
    f fresnel = 0.035f + 0.5f * pow(saturate(1.f + dot(ray, n)), 4.f);
    c += select(onChina | onCoffee, room(reflect(ray, n)) * (fresnel * open), v3(0.f, 0.f, 0.f));
    return c;
  }
};

}  // namespace

void paintEspresso(float s, int w, int h, int a, int b, int n, uint8_t *rgb) { paint<Espresso>(s, w, h, a, b, n, rgb); }

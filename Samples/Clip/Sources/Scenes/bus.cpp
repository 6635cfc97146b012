// A school bus on a road beside trees.
#include "scenes_list.h"

namespace {

struct Bus {
  Camera camera;
  Light light;
  float time;

  Bus(float time) : time(time) {
    float angle = 0.62f + 0.05f * time;
    v2 around = rotate(0.f, 6.6f, angle);
    camera = look(v3(-around.x + 0.6f, 1.75f, around.y), v3(0.35f - 0.1f * time, 1.18f, 0.f), 1.45f);
    light =
        Light{normalize(v3(0.55f, 0.75f, 0.6f)), v3(2.4f, 2.2f, 1.9f), v3(0.5f, 0.6f, 0.8f), v3(0.2f, 0.19f, 0.17f)};
  }

  /// The bus's own frame: its nose at +x, the road at y = 0.
  METHOD v3 own(v3 p) const { return v3(p.x - 0.35f * (time - 1.3f), p.y, p.z); }

  METHOD f body(v3 q) const {
    f cabin = box(q - v3(-0.75f, 1.36f, 0.f), v3(2.35f, 0.92f, 0.86f), 0.16f);
    f hood = box(q - v3(1.95f, 0.93f, 0.f), v3(0.62f, 0.40f, 0.66f), 0.14f);
    f skirt = box(q - v3(-0.3f, 0.72f, 0.f), v3(2.6f, 0.28f, 0.84f), 0.05f);
    f shape = min(blend(cabin, hood, 0.08f), skirt);
    // Wheel arches.
    f arch = min(length(q.x - 1.75f, q.y - 0.42f), length(q.x + 1.75f, q.y - 0.42f)) - 0.52f;
    shape = max(shape, -max(arch, 0.55f - abs(q.z)));
    // Rails along the side.
    f rail = max(
        max(abs(q.x + 0.72f) - 2.3f, abs(abs(q.z) - 0.87f) - 0.018f), min(abs(q.y - 1.22f), abs(q.y - 0.80f)) - 0.035f);
    return min(shape, rail);
  }
  METHOD f wheels(v3 q) const {
    f x = select(q.x > 0.f, q.x - 1.75f, q.x + 1.75f), r = length(x, q.y - 0.42f);
    return max(r - 0.42f, abs(abs(q.z) - 0.74f) - 0.13f) + 0.02f * smoothstep(0.24f, 0.2f, r);
  }
  METHOD f extras(v3 q) const {
    f bumper = box(q - v3(2.62f, 0.58f, 0.f), v3(0.07f, 0.11f, 0.78f), 0.03f);
    v3 m(q.x, q.y, abs(q.z));
    f mirror = box(m - v3(1.85f, 1.75f, 1.05f), v3(0.05f, 0.19f, 0.10f), 0.03f);
    f arm = capsule(m, v3(1.6f, 1.6f, 0.8f), v3(1.85f, 1.75f, 1.05f), 0.018f);
    return min(bumper, min(mirror, arm));
  }
  METHOD f operator()(v3 p) const {
    v3 q = own(p);
    return min(min(body(q), wheels(q)), min(extras(q), p.y));
  }

  /// Trees and sky behind, a little out of focus.
  METHOD v3 behind(v3 d) const {
    f a = turn(d.z, d.x) * 26.f, h = d.y * 4.5f;
    f crown = 0.55f + 0.75f * noise(a * 0.55f, 3.f) + 0.25f * fractal(a * 2.2f, h * 2.f, 3);
    v3 sky = mix(v3(0.72f, 0.82f, 0.95f), v3(0.28f, 0.48f, 0.85f), saturate(d.y * 2.2f));
    f leaves = fractal(a * 2.4f, h * 3.f, 4);
    v3 tree = mix(v3(0.012f, 0.035f, 0.008f), v3(0.17f, 0.30f, 0.05f), smoothstep(0.25f, 0.75f, leaves));
    v3 c = mix(tree, sky, smoothstep(-0.05f, 0.05f, h - crown));
    return mix(v3(0.12f, 0.20f, 0.04f), c, smoothstep(-0.02f, 0.03f, d.y));
  }

  METHOD v3 paintwork(v3 q, v3 n, f &gloss, mask &glass) const {
    v3 yellow(0.86f, 0.40f, 0.006f);
    v3 c = yellow;
    gloss = 0.35f;
    mask side = abs(n.z) > 0.6f, front = n.x > 0.5f;
    // Side windows: twelve panes between black posts.
    f pane = fract(q.x * 2.1f + 0.3f);
    mask row = side & (q.y > 1.50f) & (q.y < 1.98f) & (q.x > -2.9f) & (q.x < 1.36f);
    mask open = row & (pane > 0.09f) & (q.y < 1.96f);
    mask line = side & ((abs(q.y - 1.22f) < 0.04f) | (abs(q.y - 0.80f) < 0.04f)) & (q.x < 1.6f) & (q.x > -3.05f);
    mask sash = open & (abs(q.y - 1.75f) < 0.016f);
    mask shield = front & (q.y > 1.36f) & (q.y < 1.98f) & (abs(q.z) < 0.72f) & (q.x > 1.3f);
    mask pillar = shield & (abs(q.z) < 0.025f);
    mask name = front & (q.x > 1.2f) & (q.y > 2.03f) & (q.y < 2.19f) & (abs(q.z) < 0.46f);
    mask letters = name & (fract(q.z * 13.f) > 0.35f) & (abs(q.y - 2.11f) < 0.045f) & (abs(q.z) < 0.40f);
    mask lamps = front & (q.x > 1.2f) & (length(abs(q.z) - 0.58f, q.y - 2.11f) < 0.085f);
    mask grille = front & (q.x > 2.4f) & (abs(q.z) < 0.36f) & (q.y > 0.72f) & (q.y < 1.16f);
    mask head = front & (q.x > 2.4f) & (length(abs(q.z) - 0.50f, q.y - 0.92f) < 0.10f);
    c = select(line, v3(0.02f, 0.02f, 0.02f), c);
    c = select(row, v3(0.02f, 0.02f, 0.02f), c);
    c = select(name, v3(0.75f, 0.36f, 0.01f), c);
    c = select(letters, v3(0.02f, 0.02f, 0.02f), c);
    c = select(lamps, v3(0.75f, 0.03f, 0.01f), c);
    c = select(grille,
        v3(0.03f, 0.03f, 0.03f) + v3(0.12f, 0.12f, 0.12f) * smoothstep(0.35f, 0.5f, abs(fract(q.y * 14.f) - 0.5f)), c);
    c = select(head, v3(0.85f, 0.85f, 0.8f), c);
    c = select(q.y > 2.2f, mix(c, v3(0.80f, 0.62f, 0.25f), 0.4f), c);
    c = select(q.y < 0.5f, c * 0.4f, c);
    glass = (open & (sash == 0)) | (shield & (pillar == 0));
    c = select(glass, v3(0.025f, 0.03f, 0.035f), c);
    gloss = select(glass, f(1.f), gloss);
    return c;
  }

  METHOD v3 colour(v3 ray, f, f) const {
    f t = march(*this, camera.eye, ray, 2.5f, 28.f, 80);
    v3 p = camera.eye + ray * t, q = own(p);
    mask miss = t >= 28.f;
    if (!any(t < 28.f)) return behind(ray);
    f b = body(q), w = wheels(q), e = extras(q);
    mask onBody = b < 0.012f, onWheel = w < 0.012f, onExtra = e < 0.012f;
    v3 n = normal(*this, p, 0.005f);
    f open = openness(*this, p, n, 0.6f);
    Surface s;
    f grit = noise(p.x * 40.f, p.z * 40.f), patch = fractal(p.x * 0.8f, p.z * 0.8f, 3);
    v3 road = v3(0.13f, 0.13f, 0.135f) * (0.6f + 0.3f * grit + 0.5f * patch);
    mask stripe = (abs(p.z - 1.75f) < 0.07f) & (fract(p.x * 0.25f) < 0.6f);
    road = select(stripe, v3(0.7f, 0.68f, 0.6f), road);
    v3 grass = mix(v3(0.05f, 0.10f, 0.015f), v3(0.18f, 0.28f, 0.05f), fractal(p.x * 6.f, p.z * 6.f, 3));
    road = select(p.z < -1.9f, select(p.z > -2.15f, v3(0.42f, 0.41f, 0.38f), grass), road);
    s.albedo = road;
    f gloss;
    mask glass;
    v3 paintColour = paintwork(q, n, gloss, glass);
    f rim = length(select(q.x > 0.f, q.x - 1.75f, q.x + 1.75f), q.y - 0.42f);
    s.albedo = select(onWheel,
        select(
            rim < 0.22f, select(rim < 0.08f, v3(0.1f, 0.1f, 0.1f), v3(0.75f, 0.37f, 0.02f)), v3(0.02f, 0.02f, 0.021f)),
        s.albedo);
    s.albedo = select(onExtra, v3(0.025f, 0.025f, 0.027f), s.albedo);
    s.albedo = select(onBody, paintColour, s.albedo);
    s.gloss = select(onBody, gloss, f(0.06f));
    s.power = 60.f;
    f seen = shadow(*this, p + n * 0.02f, light.direction, 0.06f, 5.f, 18);
    v3 c = lit(s, light, n, ray, seen, open);
    v3 mirrored = reflect(ray, n);
    f fresnel = select(glass, f(0.10f), f(0.03f)) + 0.5f * pow(saturate(1.f + dot(ray, n)), 4.f);
    c += select(onBody, behind(mirrored) * fresnel, v3(0.f, 0.f, 0.f));
    c = mix(c, v3(0.60f, 0.70f, 0.80f), smoothstep(10.f, 40.f, t) * 0.5f);
    return select(miss, behind(ray), c);
  }
};

}  // namespace

void paintBus(float s, int w, int h, int a, int b, int n, uint8_t *rgb) { paint<Bus>(s, w, h, a, b, n, rgb); }

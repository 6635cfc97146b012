// A heap of oranges on a wooden table, one of them cut.
#include "scenes_list.h"
#include "wood.h"

namespace {

struct Oranges {
  Camera camera;
  Light light;
  v3 half, face, across, along;

  Oranges(float time) : half(0.42f, 0.5f, 0.62f) {
    float angle = -0.20f + 0.09f * time;
    v2 around = rotate(0.f, 2.9f, angle);
    camera = look(v3(around.x, 1.7f - 0.07f * time, around.y), v3(0.02f, 0.80f, 0.f), 1.13f);
    light = Light{
        normalize(v3(-0.55f, 0.85f, 0.45f)), v3(2.1f, 1.8f, 1.5f), v3(0.52f, 0.55f, 0.65f), v3(0.3f, 0.2f, 0.12f)};
    face = normalize(v3(-0.1f, 0.45f, 0.9f));
    across = normalize(cross(v3(0.f, 1.f, 0.f), face));
    along = cross(face, across);
  }

  /// The nearest whole orange: distance, and the place relative to its middle.
  METHOD f whole(v3 p, v3 &inside) const {
    const float heap[7][4] = {{-0.98f, .50f, -.45f, .50f}, {0.0f, .52f, -.62f, .52f}, {1.06f, .5f, -.36f, .50f},
        {-0.53f, .49f, .42f, .49f}, {0.02f, 1.27f, -.25f, .50f}, {-1.5f, .46f, .5f, .46f}, {1.45f, .47f, .55f, .47f}};
    f best = 9.f;
    inside = v3(0.f, 0.f, 0.f);
#pragma clang loop unroll(disable)
    for (int i = 0; i < 7; i++) {
      v3 q = p - v3(heap[i][0], heap[i][1], heap[i][2]);
      f d = length(v3(q.x, q.y * 1.05f, q.z)) - heap[i][3];
      inside = select(d < best, q, inside);
      best = min(best, d);
    }
    return best;
  }
  METHOD f cut(v3 p) const {
    v3 q = p - half;
    f a = sphere(q, 0.5f), b = dot(q, face);
    return max(a, b) + 0.012f * square(saturate(1.f - abs(a - b) * 20.f));
  }
  METHOD f leaves(v3 p) const {
    f best = 9.f;
    const float leaf[3][4] = {{0.30f, 1.78f, -0.12f, 0.5f}, {-0.30f, 1.74f, -0.10f, 2.7f}, {-0.95f, .04f, .95f, 0.9f}};
#pragma clang loop unroll(disable)
    for (int i = 0; i < 3; i++) {
      v3 q = p - v3(leaf[i][0], leaf[i][1], leaf[i][2]);
      v2 r = rotate(q.x, q.z, leaf[i][3]);
      f bend = q.y + 0.5f * r.x * r.x - 0.7f * abs(r.y);
      best = min(best, ellipsoid(v3(r.x, bend, r.y), v3(0.36f, 0.02f, 0.15f)) * 0.7f);
    }
    return best;
  }
  METHOD f operator()(v3 p) const {
    v3 q;
    return min(min(min(whole(p, q), cut(p)), leaves(p)), p.y);
  }

  METHOD v3 flesh(v3 p, f &wet) const {
    v3 q = p - half;
    f x = dot(q, across), y = dot(q, along), r = length(x, y) * 2.f, a = turn(y, x) * 10.f;
    f wall = (0.5f - abs(fract(a) - 0.5f)) * r * 0.314f;
    f strands = noise(v3(a * 3.5f + floor(a) * 9.f, r * 5.f, floor(a)));
    f fine = noise(v3(a * 9.f, r * 12.f, 3.f));
    v3 pulp = mix(v3(0.78f, 0.13f, 0.004f), v3(0.95f, 0.29f, 0.012f), 0.65f * strands + 0.35f * fine);
    v3 pith(0.95f, 0.80f, 0.52f);
    f pale = max(smoothstep(0.028f, 0.006f, wall), max(smoothstep(0.16f, 0.08f, r), smoothstep(0.84f, 0.90f, r)));
    wet = 1.f - pale;
    return mix(mix(pulp, pith, pale * 0.9f), v3(0.93f, 0.36f, 0.015f), smoothstep(0.94f, 0.98f, r));
  }

  METHOD v3 colour(v3 ray, f x, f y) const {
    f t = march(*this, camera.eye, ray, 1.2f, 12.f, 70);
    v3 far = mix(v3(0.05f, 0.06f, 0.03f), v3(0.30f, 0.30f, 0.14f), fractal(x * 2.5f, y * 2.5f, 2));
    far += v3(0.5f, 0.5f, 0.2f) * bokeh(x, y, 7.f, 0.5f) * 0.5f;
    if (!any(t < 6.5f)) return far;
    v3 p = camera.eye + ray * t, q;
    f fruit = whole(p, q), slice = cut(p), leaf = leaves(p);
    mask onFruit = fruit < 0.01f, onSlice = slice < 0.01f, onLeaf = leaf < 0.01f;
    v3 n = normal(*this, p, 0.004f);
    f open = openness(*this, p, n, 0.45f);

    Surface s;
    s.albedo = wood(p.x, p.z, v3(0.30f, 0.15f, 0.065f), v3(0.15f, 0.065f, 0.025f));
    s.gloss = 0.35f;
    s.power = 24.f;
    // Skin: pores as dents, and colour that is never quite even.
    f e = 0.006f;
    v3 k = q * 34.f;
    f here = noise(k);
    v3 slope(noise(k + v3(e * 34.f, 0.f, 0.f)) - here, noise(k + v3(0.f, e * 34.f, 0.f)) - here,
        noise(k + v3(0.f, 0.f, e * 34.f)) - here);
    v3 rough = normalize(n - slope * 0.55f);
    f stem = smoothstep(0.10f, 0.03f, length(q.x, q.z)) * smoothstep(0.2f, 0.4f, q.y);
    v3 skin = mix(v3(0.84f, 0.155f, 0.003f), v3(0.92f, 0.235f, 0.006f), fractal(q * 3.f, 2));
    skin = mix(skin * (0.86f + 0.22f * here), v3(0.2f, 0.22f, 0.03f), stem);
    f wet;
    v3 inner = flesh(p, wet);
    mask flat = onSlice & (dot(n, face) > 0.9f);
    s.albedo = select(onFruit | onSlice, select(flat, inner, skin), s.albedo);
    s.gloss = select(onFruit | onSlice, select(flat, 0.25f + 0.6f * wet, f(0.42f)), s.gloss);
    s.power = select(onFruit | onSlice, f(30.f), s.power);
    s.wrap = select(onFruit | onSlice, f(0.35f), f(0.05f));
    n = select(onFruit, rough, n);
    s.albedo = select(onLeaf, v3(0.07f, 0.22f, 0.02f) * (0.8f + 0.5f * noise(p.x * 20.f, p.z * 20.f)), s.albedo);

    f seen = shadow(*this, p + n * 0.01f, light.direction, 0.16f, 3.f, 16);
    v3 c = lit(s, light, n, ray, seen, open);
    // Light that other oranges throw back.
    c += select(onFruit | onSlice, s.albedo * v3(0.35f, 0.12f, 0.02f) * (1.f - open), v3(0.f, 0.f, 0.f));
    f mist = smoothstep(3.8f, 6.5f, t);
    return mix(c, far, mist);
  }
};

}  // namespace

void paintOrange(float s, int w, int h, int a, int b, int n, uint8_t *rgb) { paint<Oranges>(s, w, h, a, b, n, rgb); }

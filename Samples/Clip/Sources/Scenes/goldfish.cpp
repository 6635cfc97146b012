// A goldfish in an aquarium.
#include "scenes_list.h"

namespace {

struct Goldfish {
  Camera camera;
  Light light;
  float time;

  Goldfish(float time) : time(time) {
    float angle = -0.08f - 0.11f * time;
    v2 around = rotate(0.f, 3.5f, angle);
    camera = look(v3(around.x, 0.28f, around.y), v3(-0.10f, 0.03f, 0.f), 1.2f);
    light =
        Light{normalize(v3(0.25f, 0.9f, 0.5f)), v3(2.2f, 2.1f, 1.9f), v3(0.55f, 0.7f, 0.75f), v3(0.28f, 0.2f, 0.12f)};
  }

  /// The fish's own frame: x ahead, its swimming bend taken away.
  METHOD v3 own(v3 p) const {
    f behind = max(0.35f - p.x, 0.f);
    f bend = 0.10f * behind * behind * sin(p.x * 2.2f + time * 6.f) + 0.04f * sin(time * 1.1f);
    return v3(p.x - 0.12f * (time - 1.3f), p.y - 0.03f * sin(time * 1.7f), p.z - bend);
  }
  METHOD f body(v3 q) const {
    f trunk = ellipsoid(q - v3(0.18f, 0.f, 0.f), v3(0.78f, 0.46f, 0.30f));
    f tail = ellipsoid(q - v3(-0.55f, 0.03f, 0.f), v3(0.42f, 0.17f, 0.11f));
    f snout = ellipsoid(q - v3(0.80f, -0.03f, 0.f), v3(0.24f, 0.20f, 0.18f));
    return blend(blend(trunk, tail, 0.30f), snout, 0.16f);
  }
  METHOD f eye(v3 q) const { return sphere(v3(q.x - 0.70f, q.y - 0.09f, abs(q.z) - 0.195f), 0.070f); }
  /// A sheet that fans out from a root: its outline in polar coordinates. `r` is 0 at the root and 1 at the edge.
  METHOD f fan(f x, f y, f off, f reach, float axis, float spread, f &r) const {
    f d = length(x, y), a = (turn(y, x) - axis / 6.2832f) * 6.2832f;
    a = select(a > 3.1416f, a - 6.2832f, select(a < -3.1416f, a + 6.2832f, a));
    f edge = reach * (1.f + 0.03f * sin(a * 38.f));
    r = d / edge;
    return max(max(d - edge, (abs(a) - spread) * d), abs(off) - 0.012f * (1.3f - saturate(r))) * 0.8f;
  }
  METHOD f fins(v3 q, f &r) const {
    f flow = time * 6.f, part, best, side = abs(q.z);
    // The tail: two long lobes, lowest between them.
    f x = q.x + 0.76f, y = q.y - 0.04f, ta = abs(turn(y, -x)) * 6.2832f;
    f reach = 0.50f + 0.46f * smoothstep(0.05f, 0.55f, ta);
    best = fan(-x, y, q.z - 0.10f * sin(x * 5.f + flow + y * 2.f) * saturate(-x * 2.f), reach, 0.f, 0.92f, r);
    // The back fin.
    f back = fan(q.x - 0.42f, q.y - 0.10f, q.z - 0.025f * sin(q.y * 8.f - time * 4.f), 0.78f + 0.10f * sin(q.x * 4.f),
        2.15f, 0.55f, part);
    r = select(back < best, saturate((part - 0.45f) * 1.8f), r), best = min(best, back);
    // Below: belly fins in pairs, one behind them, and at the breast two that row.
    f belly = fan(q.x - 0.22f, q.y + 0.30f, side - 0.12f - 0.30f * max(-0.3f - q.y, 0.f), 0.46f, -2.0f, 0.38f, part);
    r = select(belly < best, part, r), best = min(best, belly);
    f after = fan(q.x + 0.36f, q.y + 0.14f, q.z - 0.03f * sin(q.x * 7.f + flow), 0.52f, -2.35f, 0.36f, part);
    r = select(after < best, part, r), best = min(best, after);
    f rowing = (0.35f + 0.18f * sin(time * 5.f)) * max(0.45f - q.x, 0.f);
    f breast = fan(q.x - 0.45f, q.y + 0.14f, side - 0.23f - rowing, 0.42f, -2.75f, 0.42f, part);
    r = select(breast < best, part, r);
    return min(best, breast);
  }
  METHOD f ground(v3 p) const {
    return (p.y + 1.12f - 0.06f * noise(p.x * 9.f, p.z * 9.f) - 0.10f * noise(p.x * 1.5f, p.z * 1.5f)) * 0.7f;
  }
  METHOD f weeds(v3 p) const {
    f best = 9.f;
    const float at[5][3] = {
        {-1.35f, -1.0f, 1.9f}, {-1.05f, -1.3f, 1.4f}, {1.15f, -1.2f, 2.0f}, {1.45f, -0.9f, 1.5f}, {0.5f, -1.6f, 1.6f}};
#pragma clang loop unroll(disable)
    for (int i = 0; i < 5; i++) {
      f y = p.y + 0.95f;
      f sway = 0.16f * sin(y * 2.1f + time * 1.3f + at[i][0] * 5.f) * y * 0.6f;
      f x = p.x - at[i][0] - sway, z = p.z - at[i][1];
      f blade = 0.12f * sqrt(max(1.f - y / at[i][2], 0.f)) + 0.05f * abs(sin(y * 9.f));
      best = min(best, max(max(abs(x + 0.4f * z) - blade, abs(z - 0.4f * x) - 0.02f), y - at[i][2]) * 0.6f);
    }
    return best;
  }
  METHOD f operator()(v3 p) const {
    v3 q = own(p);
    f r;
    return min(min(min(body(q), eye(q)), fins(q, r)), min(ground(p), weeds(p)));
  }

  METHOD v3 colour(v3 ray, f x, f y) const {
    f t = march(*this, camera.eye, ray, 1.4f, 7.f, 80, 0.9f);
    f drift = fractal(v3(x * 3.f, y * 2.f, time * 0.1f), 2);
    v3 far =
        mix(v3(0.004f, 0.022f, 0.03f), v3(0.03f, 0.15f, 0.17f), smoothstep(-0.4f, 0.6f, y + 0.6f * (drift - 0.4f)));
    v2 bubble = cells(x * 9.f, y * 9.f - time * 1.2f);
    far += v3(0.16f, 0.3f, 0.3f) * (smoothstep(0.10f, 0.08f, bubble.x) * square(bubble.y));
    if (!any(t < 5.2f)) return far;
    v3 p = camera.eye + ray * t, q = own(p);
    f r, b = body(q), e = eye(q), fin = fins(q, r);
    mask onBody = b < 0.008f, onEye = e < 0.008f, onFin = fin < 0.008f, onWeed = weeds(p) < 0.01f;
    v3 n = normal(*this, p, 0.004f);
    f open = openness(*this, p, n, 0.35f);
    Surface s;
    v2 stone = cells(p.x * 9.f, p.z * 9.f);
    s.albedo = mix(v3(0.05f, 0.055f, 0.05f), v3(0.20f, 0.19f, 0.15f), stone.y) * smoothstep(0.65f, 0.25f, stone.x);
    s.albedo =
        select(onWeed, mix(v3(0.03f, 0.10f, 0.02f), v3(0.10f, 0.28f, 0.04f), noise(p.x * 8.f, p.y * 8.f)), s.albedo);
    // Scales: rows of arcs, offset in every other row.
    f sx = q.x * 12.f, sy = q.y * 12.f, column = floor(sx);
    f sy2 = sy + 0.5f * (column - 2.f * floor(column * 0.5f)), across = fract(sy2) - 0.5f;
    f arc = fract(sx) + 1.3f * across * across;
    f shine = smoothstep(1.25f, 0.4f, select(arc > 1.f, arc - 0.75f, arc));
    v3 gold = mix(v3(0.75f, 0.05f, 0.003f), v3(0.88f, 0.13f, 0.006f), 0.6f * shine + 0.4f * fractal(q * 4.f, 2));
    gold = mix(gold, v3(0.95f, 0.42f, 0.10f), smoothstep(-0.12f, -0.45f, q.y) * 0.7f);
    f cheek = smoothstep(0.02f, 0.f, abs(length(q.x - 0.62f, q.y) - 0.25f)) * smoothstep(0.66f, 0.5f, q.x);
    cheek += smoothstep(0.014f, 0.004f, abs(q.y + 0.10f + 0.6f * square(q.x - 0.95f))) * smoothstep(0.90f, 0.93f, q.x);
    gold = gold * (1.f - 0.4f * cheek) * mix(0.75f + 0.35f * shine, f(1.f), smoothstep(0.40f, 0.5f, q.x));
    f spokes = max(turn(q.y - 0.04f, q.x + 0.76f), 0.f) + turn(q.y + 0.14f, q.x - 0.42f);
    f rays = 0.80f + 0.20f * sin(spokes * 300.f);
    v3 sail = mix(v3(0.80f, 0.06f, 0.003f), v3(0.90f, 0.20f, 0.03f), r) * rays;
    s.albedo = select(onFin, sail, s.albedo);
    s.albedo = select(onBody, gold, s.albedo);
    f iris = length(q.x - 0.712f, q.y - 0.095f);
    s.albedo = select(onEye, select(iris < 0.050f, v3(0.01f, 0.01f, 0.01f), v3(0.85f, 0.5f, 0.1f)), s.albedo);
    s.gloss = select(onEye, f(0.9f), select(onBody, 0.35f + 0.3f * shine, f(0.08f)));
    s.power = select(onEye, f(140.f), f(26.f));
    s.wrap = select(onFin, f(0.8f), select(onBody, f(0.3f), f(0.1f)));
    f seen = shadow(*this, p + n * 0.012f, light.direction, 0.15f, 2.f, 14);
    v3 c = lit(s, light, n, ray, seen, open);
    // Light that the waves above gather.
    f web = square(1.f - abs(2.f * fractal(v3(p.x * 2.4f, time * 0.8f, p.z * 2.4f), 2) - 0.75f));
    c = c * (0.75f + 0.6f * web * saturate(n.y + 0.2f));
    c = mix(c, far * 1.5f, select(onFin & (onBody == 0), 0.15f + 0.40f * saturate(r), f(0.f)));
    return mix(c, far, smoothstep(3.0f, 5.2f, t));
  }
};

}  // namespace

void paintGoldfish(float s, int w, int h, int a, int b, int n, uint8_t *rgb) { paint<Goldfish>(s, w, h, a, b, n, rgb); }

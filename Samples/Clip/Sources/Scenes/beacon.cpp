// A lighthouse on a rocky shore.
#include "scenes_list.h"

namespace {

struct Beacon {
  Camera camera;
  Light light;
  float time;

  Beacon(float time) : time(time) {
    float angle = 0.32f - 0.075f * time;
    v2 around = rotate(0.f, 8.6f, angle);
    camera = look(v3(around.x, 1.0f + 0.25f * time, around.y), v3(0.f, 2.08f, 0.f), 1.30f);
    light = Light{
        normalize(v3(0.65f, 0.55f, 0.55f)), v3(2.7f, 2.4f, 2.0f), v3(0.42f, 0.55f, 0.80f), v3(0.16f, 0.15f, 0.12f)};
  }

  METHOD f ground(v3 p) const {
    f r = length(p.x * 0.75f, p.z);
    f hill = 1.0f - 0.30f * r;
    f crag = fractal(p.x * 1.1f + 3.f, p.z * 1.1f, 4) - 0.45f;
    return (p.y - (hill + crag * (0.5f + 0.35f * smoothstep(0.6f, 2.f, r)) * smoothstep(0.3f, 1.2f, r))) * 0.55f;
  }
  METHOD f tower(v3 p) const {
    f r = length(p.x, p.z), y = p.y;
    f body = max((r - (0.66f - 0.075f * y)) * 0.98f, max(y - 4.0f, 0.4f - y));
    f gallery = cylinder(p - v3(0.f, 4.02f, 0.f), 0.60f, 0.06f, 0.02f);
    f rail = torus(p - v3(0.f, 4.34f, 0.f), 0.56f, 0.018f);
    f a = (fract(turn(p.z, p.x) * 16.f) - 0.5f) * r * 0.3927f;
    f posts = max(length(a, r - 0.56f) - 0.014f, abs(y - 4.2f) - 0.15f);
    f lamp = cylinder(p - v3(0.f, 4.35f, 0.f), 0.30f, 0.30f, 0.02f);
    f roof = max(r - (5.12f - y) * 0.82f, max(y - 5.10f, 4.64f - y)) * 0.7f;
    f ball = sphere(p - v3(0.f, 5.08f, 0.f), 0.08f);
    return min(min(min(body, gallery), min(rail, posts)), min(min(lamp, roof), ball));
  }
  METHOD f cottage(v3 p) const {
    v3 q = p - v3(-1.45f, 0.95f, -0.25f);
    f walls = box(q, v3(0.72f, 0.36f, 0.45f), 0.01f);
    f roof = max(abs(q.z) * 0.78f + (q.y - 0.78f) * 0.62f, abs(q.x) - 0.78f);
    return min(walls, max(roof, 0.34f - q.y));
  }
  METHOD f operator()(v3 p) const { return min(min(tower(p), cottage(p)), min(ground(p), p.y)); }

  METHOD v3 sky(v3 d) const {
    f up = max(d.y, 0.f);
    v3 c = mix(v3(0.62f, 0.76f, 0.92f), v3(0.10f, 0.27f, 0.66f), sqrt(up));
    f s = 1.f / (up + 0.12f);
    f cloud = smoothstep(0.42f, 0.75f, fractal(v3(d.x * s * 1.3f + 0.04f * time, 0.07f * time, d.z * s * 1.3f), 4));
    return mix(c, v3(0.95f, 0.95f, 0.96f), cloud * smoothstep(0.0f, 0.14f, up) * 0.85f);
  }

  METHOD v3 colour(v3 ray, f, f) const {
    f t = march(*this, camera.eye, ray, 3.f, 30.f, 90);
    v3 p = camera.eye + ray * t;
    mask miss = t >= 30.f;
    if (!any(t < 30.f)) return sky(ray);
    f tw = tower(p), co = cottage(p);
    mask onTower = tw < 0.02f, onHouse = co < 0.02f, onSea = (p.y < 0.02f) & (ground(p) > 0.01f);
    v3 n = normal(*this, p, 0.006f);
    f open = openness(*this, p, n, 0.5f);
    Surface s;
    f rough = fractal(p * 4.f, 3);
    v3 rock = mix(v3(0.12f, 0.095f, 0.075f), v3(0.40f, 0.35f, 0.29f), rough);
    v3 grass = mix(v3(0.07f, 0.13f, 0.02f), v3(0.20f, 0.27f, 0.06f), noise(p.x * 9.f, p.z * 9.f));
    s.albedo = mix(rock, grass, smoothstep(0.60f, 0.82f, n.y) * smoothstep(0.5f, 0.8f, p.y));
    // Paint: red bands on white, dirt that ran down.
    f r = length(p.x, p.z);
    f streak = noise(turn(p.z, p.x) * 60.f, p.y * 0.8f) * 0.16f;
    mask band = (fract(p.y * 0.42f - 0.06f) < 0.5f) & (p.y < 3.94f);
    v3 wall = select(band, v3(0.62f, 0.055f, 0.035f), v3(0.86f, 0.85f, 0.81f)) * (1.f - streak);
    f a = turn(p.z, p.x);
    mask window = (abs(a - 0.20f) < 0.022f) & ((abs(p.y - 1.65f) < 0.14f) | (abs(p.y - 2.9f) < 0.14f));
    wall = select(window, v3(0.02f, 0.025f, 0.03f), wall);
    wall = select(p.y > 3.94f, v3(0.10f, 0.10f, 0.11f), wall);
    mask glass = (p.y > 4.10f) & (p.y < 4.62f) & (r < 0.32f);
    wall = select(
        glass, select(abs(fract(a * 10.f) - 0.5f) > 0.43f, v3(0.06f, 0.06f, 0.06f), v3(0.45f, 0.5f, 0.45f)), wall);
    wall = select(p.y > 4.63f, v3(0.50f, 0.05f, 0.03f), wall);
    s.albedo = select(onTower, wall, s.albedo);
    v3 q = p - v3(-1.45f, 0.95f, -0.25f);
    mask pane = (abs(fract(q.x * 1.6f) - 0.5f) < 0.14f) & (abs(q.y - 0.02f) < 0.13f) & (abs(n.z) > 0.5f);
    v3 house =
        select(q.y > 0.37f, v3(0.30f, 0.09f, 0.055f), select(pane, v3(0.03f, 0.035f, 0.05f), v3(0.84f, 0.82f, 0.78f)));
    s.albedo = select(onHouse, house, s.albedo);
    s.gloss = select(glass & onTower, f(1.f), f(0.06f));
    f seen = shadow(*this, p + n * 0.03f, light.direction, 0.05f, 6.f, 22);
    v3 c = lit(s, light, n, ray, seen, open);
    // The sea: small waves, and the sky in them.
    f wx = fractal(v3(p.x * 2.2f, p.z * 2.2f, time * 1.1f), 3) - 0.45f,
      wz = fractal(v3(p.x * 2.2f + 40.f, p.z * 2.2f, time * 1.1f), 3) - 0.45f;
    f calm = 1.f / (1.f + 0.02f * t * t);
    v3 m = normalize(v3(wx * 0.7f * calm, 1.f, wz * 0.7f * calm));
    v3 mirrored = reflect(ray, m);
    f fresnel = 0.03f + 0.9f * pow(saturate(1.f + dot(ray, m)), 5.f);
    f surf = smoothstep(0.22f, 0.02f, ground(p) + 0.10f * (noise(p.x * 5.f, p.z * 5.f + time) - 0.5f));
    v3 sea = mix(v3(0.012f, 0.075f, 0.13f), sky(v3(mirrored.x, abs(mirrored.y), mirrored.z)), fresnel);
    sea = mix(sea, v3(0.85f, 0.88f, 0.9f), surf * 0.7f);
    c = select(onSea, sea, c);
    c = mix(c, v3(0.62f, 0.76f, 0.92f), smoothstep(9.f, 30.f, t) * 0.75f);
    return select(miss, sky(ray), c);
  }
};

}  // namespace

void paintBeacon(float s, int w, int h, int a, int b, int n, uint8_t *rgb) { paint<Beacon>(s, w, h, a, b, n, rgb); }

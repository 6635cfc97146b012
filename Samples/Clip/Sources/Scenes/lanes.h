// Sixteen numbers at a time: what GLSL calls float and vec3, for a block of 4 x 4 pixels at once.
#pragma once

#include <stdint.h>

typedef float f __attribute__((ext_vector_type(16)));
typedef int32_t mask __attribute__((ext_vector_type(16)));
typedef uint32_t bits __attribute__((ext_vector_type(16)));

#define INLINE static inline __attribute__((always_inline))
#define METHOD inline __attribute__((always_inline))

INLINE bool any(mask m) { return __builtin_reduce_or(m) != 0; }
INLINE f select(mask m, f a, f b) { return m ? a : b; }
INLINE f min(f a, f b) { return __builtin_elementwise_min(a, b); }
INLINE f max(f a, f b) { return __builtin_elementwise_max(a, b); }
INLINE f abs(f a) { return __builtin_elementwise_abs(a); }
INLINE f floor(f a) { return __builtin_elementwise_floor(a); }
INLINE f sqrt(f a) { return __builtin_elementwise_sqrt(max(a, 0.f)); }
INLINE f fract(f a) { return a - floor(a); }
INLINE f clamp(f a, f low, f high) { return min(max(a, low), high); }
INLINE f saturate(f a) { return clamp(a, 0.f, 1.f); }
INLINE f mix(f a, f b, f t) { return a + (b - a) * t; }
INLINE f square(f a) { return a * a; }
INLINE f smoothstep(f from, f to, f a) {
  f t = saturate((a - from) / (to - from));
  return t * t * (3.f - 2.f * t);
}

/// sin, to about 1e-4: whole turns are taken away, then a parabola and its correction.
INLINE f sin(f a) {
  f turns = a * 0.15915494f;
  turns -= floor(turns + 0.5f);
  f y = turns * (8.f - 16.f * abs(turns));
  return y * (0.775f + 0.225f * abs(y));
}
INLINE f cos(f a) { return sin(a + 1.57079633f); }

/// 2^a, to about 1e-4 relative.
INLINE f exp2(f a) {
  a = clamp(a, -100.f, 100.f);
  f whole = floor(a), part = a - whole;
  f curve = 1.f + part * (0.6958f + part * (0.2252f + part * 0.0790f));
  bits exponent = __builtin_convertvector(__builtin_convertvector(whole, mask) + 127, bits) << 23;
  return curve * (f)exponent;
}
INLINE f exp(f a) { return exp2(a * 1.44269504f); }

/// log2 of positive numbers, to about 1e-3.
INLINE f log2(f a) {
  bits raw = (bits)max(a, 1e-20f);
  f exponent = __builtin_convertvector((mask)(raw >> 23) - 127, f);
  f m = (f)((raw & 0x7fffffu) | 0x3f800000u);
  return exponent + (((-0.0821343f * m + 0.6490186f) * m - 2.1344791f) * m + 4.0700908f) * m - 2.5025f;
}
INLINE f pow(f a, f b) { return exp2(b * log2(a)); }

/// The angle of (x, y) in turns, -0.5 to 0.5, to about 2e-3.
INLINE f turn(f y, f x) {
  f ax = abs(x), ay = abs(y);
  f r = min(ax, ay) / max(max(ax, ay), 1e-9f);
  f a = r * (0.125f + 0.0388f * (1.f - r) * (1.f + 0.28f * r));
  a = select(ay > ax, 0.25f - a, a);
  a = select(x < 0.f, 0.5f - a, a);
  return select(y < 0.f, -a, a);
}

struct v2 {
  f x, y;
};
struct v3 {
  f x, y, z;
  v3() = default;
  INLINE v3 same(f a) { return v3(a, a, a); }
  METHOD v3(f x, f y, f z) : x(x), y(y), z(z) {}
};

INLINE v3 operator+(v3 a, v3 b) { return v3(a.x + b.x, a.y + b.y, a.z + b.z); }
INLINE v3 operator-(v3 a, v3 b) { return v3(a.x - b.x, a.y - b.y, a.z - b.z); }
INLINE v3 operator*(v3 a, v3 b) { return v3(a.x * b.x, a.y * b.y, a.z * b.z); }
INLINE v3 operator*(v3 a, f b) { return v3(a.x * b, a.y * b, a.z * b); }
INLINE v3 operator*(f b, v3 a) { return a * b; }
INLINE v3 operator-(v3 a) { return v3(-a.x, -a.y, -a.z); }
INLINE void operator+=(v3 &a, v3 b) { a = a + b; }
INLINE f dot(v3 a, v3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
INLINE v3 cross(v3 a, v3 b) { return v3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x); }
INLINE f length(v3 a) { return sqrt(dot(a, a)); }
INLINE f length(f x, f y) { return sqrt(x * x + y * y); }
INLINE v3 normalize(v3 a) { return a * (1.f / sqrt(max(dot(a, a), 1e-20f))); }
INLINE v3 reflect(v3 d, v3 n) { return d - n * (2.f * dot(d, n)); }
INLINE v3 mix(v3 a, v3 b, f t) { return a + (b - a) * t; }
INLINE v3 select(mask m, v3 a, v3 b) { return v3(select(m, a.x, b.x), select(m, a.y, b.y), select(m, a.z, b.z)); }
INLINE v3 max(v3 a, f b) { return v3(max(a.x, b), max(a.y, b), max(a.z, b)); }

/// (x, y) turned by an angle in radians.
INLINE v2 rotate(f x, f y, f angle) {
  f c = cos(angle), s = sin(angle);
  return v2{c * x - s * y, s * x + c * y};
}

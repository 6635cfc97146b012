// Vector exp, log, erf and their kin, to a few units in the last place over the whole range of float.
#pragma once
#include "vector.h"

// 2^n for n in -126 ... 127.
INLINE v16 power_of_two(i16 n) { return as_float((n + 127) << 23); }

typedef struct {
    v16 rest;  // x - n ln 2, in -ln 2 / 2 ... ln 2 / 2
    v16 n;     // a whole number
} exp_parts;

// Cody and Waite's reduction with ln 2 in two parts, for x from -104, where exp(x) rounds to 0, to 89, where it is infinite. Adding
// 3/2 2^23 rounds to a whole number.
INLINE exp_parts exp_reduce(v16 x) {
    exp_parts e;
    e.n = fma16(x, splat(1.44269504f), splat(12582912)) - splat(12582912);
    e.rest = fma16(e.n, splat(-1.42860677e-6f), fma16(e.n, splat(-0.693145752f), x));
    return e;
}

// Two factors whose product is 2^n, so that subnormal results come out.
INLINE void exp_scales(v16 n, v16 scales[2]) {
    const i16 k = __builtin_convertvector(n == n ? n : splat(0), i16), half = k >> 1;
    scales[0] = power_of_two(half);
    scales[1] = power_of_two(k - half);
}

// p 2^n, and 1 / b for b in 1 ... 2^127 to two units in the last place: AVX-512 has instructions that shorten both.
#ifdef FOVEA_ESTIMATES
INLINE v16 scale16(v16 p, v16 n) { return (v16)_mm512_scalef_ps((__m512)p, (__m512)n); }

INLINE v16 reciprocal16(v16 b) {
    const v16 r = (v16)_mm512_rcp14_ps((__m512)b);
    return fma16(r, fma16(-b, r, splat(1)), r);
}
#else
INLINE v16 scale16(v16 p, v16 n) {
    v16 scales[2];
    exp_scales(n, scales);
    return p * scales[0] * scales[1];
}

INLINE v16 reciprocal16(v16 b) { return splat(1) / b; }
#endif

// (exp(r) - 1 - r) / r^2 for |r| <= ln 2 / 2: least greatest relative error of exp (3e-9).
INLINE v16 exp_tail(v16 r) {
    v16 p = fma16(splat(1.38145401e-3f), r, splat(8.36874514e-3f));
    p = fma16(p, r, splat(4.16683908e-2f));
    p = fma16(p, r, splat(1.66665204e-1f));
    return fma16(p, r, splat(0.499999934f));
}

INLINE v16 exp_limits(v16 x) { return at_most(at_least(x, splat(-104)), splat(89)); }

INLINE v16 exp16(v16 x) {
    const exp_parts e = exp_reduce(exp_limits(x));
    return scale16(fma16(fma16(exp_tail(e.rest), e.rest, splat(1)), e.rest, splat(1)), e.n);
}

// exp(x) - 1 without cancellation near 0.
INLINE v16 expm1_16(v16 x) {
    const exp_parts e = exp_reduce(exp_limits(x));
    const v16 p = fma16(exp_tail(e.rest), e.rest * e.rest, e.rest);
    v16 scales[2];
    exp_scales(e.n, scales);
    return fma16(p * scales[0], scales[1], fma16(scales[0], scales[1], splat(-1)));
}

// log(1 + f) + k ln 2 for 1 + f in sqrt(1/2) ... sqrt(2), by the series of atanh(f / (2 + f)), correction terms kept apart.
INLINE v16 log_core(v16 f, v16 k) {
    const v16 s = f / (splat(2) + f), z = s * s, half = splat(0.5f) * f * f;
    v16 r = fma16(splat(2.0f / 11), z, splat(2.0f / 9));
    r = fma16(r, z, splat(2.0f / 7));
    r = fma16(r, z, splat(2.0f / 5));
    r = fma16(r, z, splat(2.0f / 3)) * z;
    const v16 low = fma16(s, half + r, k * splat(1.42860677e-6f));
    return fma16(k, splat(0.693145752f), f - (half - low));
}

INLINE v16 log16(v16 x) {
    const i16 tiny = x < splat(1.17549435e-38f);
    const v16 scaled = pick(tiny, x * splat(8388608), x);
    const i16 bits = as_int(scaled) - 0x3f3504f3;  // sqrt(1/2)
    const i16 exponent = bits >> 23;
    const v16 mantissa = as_float((bits & 0x7fffff) + 0x3f3504f3);
    const v16 k = __builtin_convertvector(exponent, v16) - pick(tiny, splat(23), splat(0));
    v16 y = log_core(mantissa - splat(1), k);
    y = pick(x == splat(INFINITY), x, y);
    y = pick(x == splat(0), splat(-INFINITY), y);
    return pick((x < splat(0)) | (x != x), splat(NAN), y);
}

// log(1 + t) for t in 0 ... 1.
INLINE v16 log1p_unit(v16 t) {
    const i16 large = t > splat(0.41421356f);
    const v16 f = pick(large, (t - splat(1)) * splat(0.5f), t);
    return log_core(f, pick(large, splat(1), splat(0)));
}

INLINE v16 abs16(v16 x) { return as_float(as_int(x) & 0x7fffffff); }
INLINE v16 copysign16(v16 magnitude, v16 sign) {
    return as_float((as_int(magnitude) & 0x7fffffff) | (as_int(sign) & (int32_t)0x80000000));
}

// 1 + exp(-x) for x >= LOGISTIC_LEAST; below, its reciprocal is less than any number that is not subnormal.
#define LOGISTIC_LEAST (-87.3f)
#ifdef FOVEA_ESTIMATES
// 2^(i/16). With x = -(n ln 2 / 16 + r), exp(-x) is 2^(n/16) exp(r): the table is one instruction, and |r| <= ln 2 / 32 leaves three terms.
static const float sixteenth_powers[16] __attribute__((aligned(64))) = {
    1.0f,        1.04427378f, 1.09050773f, 1.13878863f, 1.18920712f, 1.24185781f, 1.29683955f, 1.35425555f,
    1.41421356f, 1.47682615f, 1.54221083f, 1.61049033f, 1.68179283f, 1.75625216f, 1.83400809f, 1.91520656f};

INLINE v16 logistic_divisor(v16 x) {
    const v16 y = at_most(x, splat(87)), shifted = fma16(y, splat(-23.0831207f), splat(12582912)), n = shifted - splat(12582912);
    const v16 r = fma16(n, splat(8.92879225e-8f), fma16(n, splat(0.0433216095f), y));  // of the other sign
    const v16 p = fma16(fma16(splat(-1.0f / 6), r, splat(0.5f)), r, splat(-1)) * r;
    const i16 k = as_int(shifted);  // n in its lowest bits
    const v16 power = (v16)_mm512_permutexvar_ps((__m512i)k, (__m512)load(sixteenth_powers));
    const v16 scale = as_float(as_int(power) + ((k >> 4) << 23));
    return fma16(scale, p, scale) + splat(1);
}
#else
INLINE v16 logistic_divisor(v16 x) { return exp16(-x) + splat(1); }
#endif

INLINE v16 sigmoid16(v16 x) { return pick(x < splat(LOGISTIC_LEAST), splat(0), reciprocal16(logistic_divisor(x))); }

INLINE v16 tanh16(v16 x) {
    const v16 t = expm1_16(splat(-2) * abs16(x));
    return copysign16(t / (t + splat(2)), x);
}

// Polynomials by Chebyshev interpolation: erf(x) / x in x^2 below 1, log(erfc(x)) in x from 1 to 4.
INLINE v16 erf16(v16 x) {
    const v16 z = x * x, a = at_most(abs16(x), splat(4));
    v16 p = fma16(splat(7.8824974e-05f), z, splat(-0.0008018855f));
    p = fma16(p, z, splat(0.005189312f));
    p = fma16(p, z, splat(-0.026854329f));
    p = fma16(p, z, splat(0.11283597f));
    p = fma16(p, z, splat(-0.37612626f));
    p = fma16(p, z, splat(1.1283791f)) * x;
    v16 q = fma16(splat(1.5742983e-06f), a, splat(-4.4822395e-05f));
    q = fma16(q, a, splat(0.0005864512f));
    q = fma16(q, a, splat(-0.0047113877f));
    q = fma16(q, a, splat(0.026285013f));
    q = fma16(q, a, splat(-0.109841846f));
    q = fma16(q, a, splat(-0.632078f));
    q = fma16(q, a, splat(-1.1300864f));
    q = fma16(q, a, splat(0.00028393295f));
    return pick(a < splat(1), p, copysign16(splat(1) - exp16(q), x));
}

INLINE v16 softplus16(v16 x) { return at_least(x, splat(0)) + log1p_unit(exp16(-abs16(x))); }

// tanh(log(1 + e)) = e (e + 2) / (e (e + 2) + 2)
INLINE v16 mish16(v16 x) {
    const v16 e = exp16(at_most(x, splat(20))), n = e * (e + splat(2));
    return x * (n / (n + splat(2)));
}

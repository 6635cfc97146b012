// The one-dimensional transforms of Winograd's minimal filtering F(m, r): m outputs of an r-tap filter from n = m + r - 1 inputs
// with n products (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016, equations 7 to 9; the Toom-Cook
// form: interpolation at n - 1 points and at infinity). Inputs are multiplied by transposed(B), weights by G, sums by transposed(A).
//
// Row i of transposed(B) holds the coefficients of M(x) / (x - p_i), M(x) = product of (x - p_j), the last row those of M(x); row i of G
// is (1, p, p^2 ...) / M'(p_i), the last (0 ... 0 1); column i of transposed(A) is (1, p, p^2 ...), the last (0 ... 0 1).
// Points come in pairs +p, -p, whose rows share their even and odd parts. Pairs p, q with p q = 1 keep the numbers small; with
// sqrt(1/2) and sqrt(2) instead of 1 and 2, F(4,3) rounds 3 to 5 times less.
#pragma once
#include "vector.h"

// The lanes that a transform works on at once: its intermediate values must fit the registers.
#define LANES (TILE_VECTORS == 2 ? 16 : 8)
typedef float vec __attribute__((ext_vector_type(LANES)));
typedef double vec64 __attribute__((ext_vector_type(LANES)));

INLINE vec vec_load(const float *p) { return *(const vec *)p; }
INLINE void vec_store(float *p, vec x) { *(vec *)p = x; }
INLINE vec vec_fma(float a, vec b, vec c) { return __builtin_elementwise_fma((vec)a, b, c); }

// Hides how a pointer was computed, so that the compiler keeps the base and a few steps in registers instead of a pointer for each point.
#define OPAQUE(p) __asm__("" : "+r"(p))

#define ROOT2 1.41421356237309504880

// F(m, r): its finite points in order; the last is infinity.
typedef struct {
    int m, r, n;
    double points[7];
} winograd_kind;

static const winograd_kind winograd_kinds[4] = {
    {4, 3, 6, {0, ROOT2 / 2, -ROOT2 / 2, ROOT2, -ROOT2}},
    {2, 3, 4, {0, 1, -1}},
    {4, 5, 8, {0, 1, -1, 0.5, -0.5, 2, -2}},
    {3, 4, 6, {0, ROOT2 / 2, -ROOT2 / 2, ROOT2, -ROOT2}},
};

enum { WINOGRAD_4_3, WINOGRAD_2_3, WINOGRAD_4_5, WINOGRAD_3_4 };

// o = transposed(B) d. F(4,3) and F(3,4): M = x^5 - 5/2 x^3 + x.
INLINE void input_4_3(const vec d[6], vec o[6]) {
    const float a = (float)(ROOT2 / 2), b = (float)ROOT2;
    const vec even_a = vec_fma(-2, d[2], d[4]), odd_a = vec_fma(-2, d[1], d[3]);
    const vec even_b = vec_fma(-0.5f, d[2], d[4]), odd_b = vec_fma(-0.5f, d[1], d[3]);
    o[0] = vec_fma(-2.5f, d[2], d[0] + d[4]);
    o[1] = vec_fma(a, odd_a, even_a), o[2] = vec_fma(-a, odd_a, even_a);
    o[3] = vec_fma(b, odd_b, even_b), o[4] = vec_fma(-b, odd_b, even_b);
    o[5] = vec_fma(-2.5f, d[3], d[1] + d[5]);
}

// M = x^3 - x.
INLINE void input_2_3(const vec d[4], vec o[4]) {
    o[0] = d[2] - d[0];
    o[1] = d[2] + d[1], o[2] = d[2] - d[1];
    o[3] = d[3] - d[1];
}

// M = x^7 - 21/4 x^5 + 21/4 x^3 - x.
INLINE void input_4_5(const vec d[8], vec o[8]) {
    const vec even_1 = vec_fma(-4.25f, d[4], d[6] + d[2]), odd_1 = vec_fma(-4.25f, d[3], d[5] + d[1]);
    const vec even_h = vec_fma(4, d[2], vec_fma(-5, d[4], d[6])), odd_h = vec_fma(4, d[1], vec_fma(-5, d[3], d[5]));
    const vec even_2 = vec_fma(0.25f, d[2], vec_fma(-1.25f, d[4], d[6])), odd_2 = vec_fma(0.25f, d[1], vec_fma(-1.25f, d[3], d[5]));
    o[0] = vec_fma(5.25f, d[2] - d[4], d[6] - d[0]);
    o[1] = even_1 + odd_1, o[2] = even_1 - odd_1;
    o[3] = vec_fma(0.5f, odd_h, even_h), o[4] = vec_fma(-0.5f, odd_h, even_h);
    o[5] = vec_fma(2, odd_2, even_2), o[6] = vec_fma(-2, odd_2, even_2);
    o[7] = vec_fma(5.25f, d[3] - d[5], d[7] - d[1]);
}

// y = transposed(A) s.
INLINE void output_4_3(const vec s[6], vec y[4]) {
    const float a = (float)(ROOT2 / 2), b = (float)ROOT2;
    const vec even_a = s[1] + s[2], odd_a = s[1] - s[2], even_b = s[3] + s[4], odd_b = s[3] - s[4];
    y[0] = s[0] + even_a + even_b;
    y[1] = vec_fma(b, odd_b, a * odd_a);
    y[2] = vec_fma(2, even_b, 0.5f * even_a);
    y[3] = vec_fma(2 * b, odd_b, vec_fma(0.5f * a, odd_a, s[5]));
}

INLINE void output_2_3(const vec s[4], vec y[2]) {
    y[0] = s[0] + s[1] + s[2];
    y[1] = s[1] - s[2] + s[3];
}

INLINE void output_4_5(const vec s[8], vec y[4]) {
    const vec even_1 = s[1] + s[2], odd_1 = s[1] - s[2], even_h = s[3] + s[4], odd_h = s[3] - s[4], even_2 = s[5] + s[6];
    const vec odd_2 = s[5] - s[6];
    y[0] = s[0] + even_1 + even_h + even_2;
    y[1] = vec_fma(2, odd_2, vec_fma(0.5f, odd_h, odd_1));
    y[2] = vec_fma(4, even_2, vec_fma(0.25f, even_h, even_1));
    y[3] = vec_fma(8, odd_2, vec_fma(0.125f, odd_h, odd_1)) + s[7];
}

INLINE void output_3_4(const vec s[6], vec y[3]) {
    const float a = (float)(ROOT2 / 2), b = (float)ROOT2;
    const vec even_a = s[1] + s[2], even_b = s[3] + s[4];
    y[0] = s[0] + even_a + even_b;
    y[1] = vec_fma(b, s[3] - s[4], a * (s[1] - s[2]));
    y[2] = vec_fma(2, even_b, vec_fma(0.5f, even_a, s[5]));
}

// `kind` is known when inlined.
INLINE void transform_input(const int kind, const vec *d, vec *o) {
    if (kind == WINOGRAD_4_3 || kind == WINOGRAD_3_4) input_4_3(d, o);
    else if (kind == WINOGRAD_2_3) input_2_3(d, o);
    else input_4_5(d, o);
}

INLINE void transform_output(const int kind, const vec *s, vec *y) {
    if (kind == WINOGRAD_4_3) output_4_3(s, y);
    else if (kind == WINOGRAD_2_3) output_2_3(s, y);
    else if (kind == WINOGRAD_4_5) output_4_5(s, y);
    else output_3_4(s, y);
}

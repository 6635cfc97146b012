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

// F(m, r): n inputs, and its finite points in order; the last is infinity. With stride 2 (r = 3) the inputs of even place and the outer
// taps are F(m, 2), and those of odd place are multiplied by the middle tap as they are: 2 m + 1 products instead of 3 m.
typedef struct {
    int m, r, stride, n;
    double points[7];
} winograd_kind;

static const winograd_kind winograd_kinds[6] = {
    {4, 3, 1, 6, {0, ROOT2 / 2, -ROOT2 / 2, ROOT2, -ROOT2}},
    {2, 3, 1, 4, {0, 1, -1}},
    {4, 5, 1, 8, {0, 1, -1, 0.5, -0.5, 2, -2}},
    {3, 4, 1, 6, {0, ROOT2 / 2, -ROOT2 / 2, ROOT2, -ROOT2}},
    {4, 3, 2, 9, {0.5, -0.5, 1.25, -1.25}},
    {3, 3, 2, 7, {0, 1, -1}},
};

enum { WINOGRAD_4_3, WINOGRAD_2_3, WINOGRAD_4_5, WINOGRAD_3_4, WINOGRAD_4_3_2, WINOGRAD_3_3_2 };
#define WINOGRAD_MOST_POINTS 9

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

// Stride 2, M = (x^2 - 1/4) (x^2 - 25/16).
INLINE void input_4_3_2(const vec d[9], vec o[9]) {
    const vec even_p = vec_fma(-1.5625f, d[2], d[6]), odd_p = vec_fma(-1.5625f, d[0], d[4]);
    const vec even_q = vec_fma(-0.25f, d[2], d[6]), odd_q = vec_fma(-0.25f, d[0], d[4]);
    o[0] = vec_fma(0.5f, odd_p, even_p), o[1] = vec_fma(-0.5f, odd_p, even_p);
    o[2] = vec_fma(1.25f, odd_q, even_q), o[3] = vec_fma(-1.25f, odd_q, even_q);
    o[4] = vec_fma(0.390625f, d[0], vec_fma(-1.8125f, d[4], d[8]));
    UNROLL for (int i = 0; i < 4; ++i) o[5 + i] = d[2 * i + 1];
}

// Stride 2, M = x^3 - x.
INLINE void input_3_3_2(const vec d[7], vec o[7]) {
    o[0] = d[4] - d[0];
    o[1] = d[4] + d[2], o[2] = d[4] - d[2];
    o[3] = d[6] - d[2];
    UNROLL for (int i = 0; i < 3; ++i) o[4 + i] = d[2 * i + 1];
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

INLINE void output_4_3_2(const vec s[9], vec y[4]) {
    const vec even_p = s[0] + s[1], odd_p = s[0] - s[1], even_q = s[2] + s[3], odd_q = s[2] - s[3];
    y[0] = even_p + even_q + s[5];
    y[1] = vec_fma(1.25f, odd_q, vec_fma(0.5f, odd_p, s[6]));
    y[2] = vec_fma(1.5625f, even_q, vec_fma(0.25f, even_p, s[7]));
    y[3] = vec_fma(1.953125f, odd_q, vec_fma(0.125f, odd_p, s[4])) + s[8];
}

INLINE void output_3_3_2(const vec s[7], vec y[3]) {
    const vec even = s[1] + s[2];
    y[0] = s[0] + even + s[4];
    y[1] = s[1] - s[2] + s[5];
    y[2] = even + s[3] + s[6];
}

// `kind` is known when inlined.
INLINE void transform_input(const int kind, const vec *d, vec *o) {
    if (kind == WINOGRAD_4_3 || kind == WINOGRAD_3_4) input_4_3(d, o);
    else if (kind == WINOGRAD_2_3) input_2_3(d, o);
    else if (kind == WINOGRAD_4_5) input_4_5(d, o);
    else if (kind == WINOGRAD_4_3_2) input_4_3_2(d, o);
    else input_3_3_2(d, o);
}

INLINE void transform_output(const int kind, const vec *s, vec *y) {
    if (kind == WINOGRAD_4_3) output_4_3(s, y);
    else if (kind == WINOGRAD_2_3) output_2_3(s, y);
    else if (kind == WINOGRAD_4_5) output_4_5(s, y);
    else if (kind == WINOGRAD_3_4) output_3_4(s, y);
    else if (kind == WINOGRAD_4_3_2) output_4_3_2(s, y);
    else output_3_3_2(s, y);
}

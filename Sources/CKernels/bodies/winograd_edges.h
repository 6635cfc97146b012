// The last tiles of a row or column, when m does not divide the output: with e < m outputs along an axis they need e + r - 1 of the points
// there (2 e + 1 with stride 2). Row i of G, which makes the weights, is (1, p, p^2 ...) / M'(p_i), M over all points; over the points of the
// subset alone the slope is less by the product of (p_i - q) over the points q left out. That factor goes into row i of transposed(B), and
// the weights serve both. At 14x14 F(4x4,3x3) makes 84 % of the products of whole tiles, at 13x13 77 %.
#pragma once
#include "winograd_transform.h"

// The points that a tile of `e` outputs uses along an axis, in the order of its transforms; the last is infinity.
typedef struct {
    int n, points[WINOGRAD_MOST_POINTS];
} winograd_axis;

// By kind and outputs; kinds without any have whole tiles only.
static const winograd_axis winograd_edges[6][4] = {
    [WINOGRAD_4_3] = {{0}, {3, {1, 2, 5}}, {4, {0, 1, 2, 5}}, {5, {1, 2, 3, 4, 5}}},
    [WINOGRAD_2_3] = {{0}, {3, {1, 2, 3}}},
    [WINOGRAD_4_3_2] = {{0}, {3, {0, 4, 5}}, {5, {0, 1, 4, 5, 6}}, {7, {0, 1, 2, 4, 5, 6, 7}}},
};

INLINE winograd_axis winograd_axis_of(int kind, int e) {
    if (e == winograd_kinds[kind].m) return (winograd_axis){winograd_kinds[kind].n, {0, 1, 2, 3, 4, 5, 6, 7, 8}};
    return winograd_edges[kind][e];
}

// F(4,3) with one output: M = x^2 - 1/2.
INLINE void input_1_of_4_3(const vec d[3], vec o[3]) {
    const vec even = -0.75f * d[0], odd = (float)(0.75 * ROOT2) * d[1];
    o[0] = even - odd, o[1] = even + odd;
    o[2] = vec_fma(-0.5f, d[0], d[2]);
}

// Two outputs: M = x^3 - x / 2.
INLINE void input_2_of_4_3(const vec d[4], vec o[4]) {
    const vec even = -1.5f * d[2], odd = (float)(0.75 * ROOT2) * d[1];
    o[0] = vec_fma(-2, d[2], d[0]);
    o[1] = even - odd, o[2] = even + odd;
    o[3] = vec_fma(-0.5f, d[1], d[3]);
}

// Three outputs: M = x^4 - 5/2 x^2 + 1.
INLINE void input_3_of_4_3(const vec d[5], vec o[5]) {
    const float a = (float)(ROOT2 / 2), b = (float)ROOT2;
    const vec even_a = vec_fma(0.5f, d[2], -d[0]), odd_a = vec_fma(-2, d[1], d[3]);
    const vec even_b = vec_fma(2, d[2], -d[0]), odd_b = vec_fma(-0.5f, d[1], d[3]);
    o[0] = vec_fma(a, odd_a, even_a), o[1] = vec_fma(-a, odd_a, even_a);
    o[2] = vec_fma(b, odd_b, even_b), o[3] = vec_fma(-b, odd_b, even_b);
    o[4] = vec_fma(-2.5f, d[2], d[4] + d[0]);
}

// F(2,3) with one output: M = x^2 - 1.
INLINE void input_1_of_2_3(const vec d[3], vec o[3]) {
    o[0] = d[0] + d[1], o[1] = d[0] - d[1];
    o[2] = d[2] - d[0];
}

// Stride 2, one output: M = x - 1/2.
INLINE void input_1_of_4_3_2(const vec d[3], vec o[3]) {
    o[0] = -1.3125f * d[0];
    o[1] = vec_fma(-0.5f, d[0], d[2]);
    o[2] = d[1];
}

// Two outputs: M = x^2 - 1/4.
INLINE void input_2_of_4_3_2(const vec d[5], vec o[5]) {
    const vec even = -1.3125f * d[2], odd = 0.65625f * d[0];
    o[0] = even - odd, o[1] = even + odd;
    o[2] = vec_fma(-0.25f, d[0], d[4]);
    o[3] = d[1], o[4] = d[3];
}

// Three outputs: M = (x^2 - 1/4) (x - 5/4).
INLINE void input_3_of_4_3_2(const vec d[7], vec o[7]) {
    const vec middle = -1.3125f * d[2];
    o[0] = vec_fma(-1.09375f, d[0], vec_fma(1.75f, d[4], middle));
    o[1] = vec_fma(0.46875f, d[0], vec_fma(0.75f, d[4], middle));
    o[2] = vec_fma(2.5f, d[4], -0.625f * d[0]);
    o[3] = vec_fma(0.3125f, d[0], vec_fma(-0.25f, d[2], vec_fma(-1.25f, d[4], d[6])));
    o[4] = d[1], o[5] = d[3], o[6] = d[5];
}

INLINE void output_1(const vec s[3], vec y[1]) { y[0] = s[0] + s[1] + s[2]; }

INLINE void output_2_of_4_3(const vec s[4], vec y[2]) {
    y[0] = s[0] + s[1] + s[2];
    y[1] = vec_fma((float)(ROOT2 / 2), s[1] - s[2], s[3]);
}

INLINE void output_3_of_4_3(const vec s[5], vec y[3]) {
    const float a = (float)(ROOT2 / 2), b = (float)ROOT2;
    const vec even_a = s[0] + s[1], even_b = s[2] + s[3];
    y[0] = even_a + even_b;
    y[1] = vec_fma(b, s[2] - s[3], a * (s[0] - s[1]));
    y[2] = vec_fma(2, even_b, vec_fma(0.5f, even_a, s[4]));
}

INLINE void output_2_of_4_3_2(const vec s[5], vec y[2]) {
    y[0] = s[0] + s[1] + s[3];
    y[1] = vec_fma(0.5f, s[0] - s[1], s[2] + s[4]);
}

INLINE void output_3_of_4_3_2(const vec s[7], vec y[3]) {
    const vec even = s[0] + s[1];
    y[0] = even + s[2] + s[4];
    y[1] = vec_fma(1.25f, s[2], vec_fma(0.5f, s[0] - s[1], s[5]));
    y[2] = vec_fma(1.5625f, s[2], vec_fma(0.25f, even, s[3] + s[6]));
}

// A tile of `e` outputs along an axis, m for a whole one; `kind` and `e` are known when inlined.
INLINE void transform_input_of(const int kind, const int e, const vec *d, vec *o) {
    if (e == winograd_kinds[kind].m) transform_input(kind, d, o);
    else if (kind == WINOGRAD_2_3) input_1_of_2_3(d, o);
    else if (kind == WINOGRAD_4_3) e == 1 ? input_1_of_4_3(d, o) : e == 2 ? input_2_of_4_3(d, o) : input_3_of_4_3(d, o);
    else e == 1 ? input_1_of_4_3_2(d, o) : e == 2 ? input_2_of_4_3_2(d, o) : input_3_of_4_3_2(d, o);
}

INLINE void transform_output_of(const int kind, const int e, const vec *s, vec *y) {
    if (e == winograd_kinds[kind].m) transform_output(kind, s, y);
    else if (e == 1) output_1(s, y);
    else if (kind == WINOGRAD_4_3) e == 2 ? output_2_of_4_3(s, y) : output_3_of_4_3(s, y);
    else e == 2 ? output_2_of_4_3_2(s, y) : output_3_of_4_3_2(s, y);
}

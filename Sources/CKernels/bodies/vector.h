// Sixteen floats as one value: a zmm register, two ymm, or four quad registers; the compiler splits them. The bodies in this
// folder are written once in these terms and compiled once for each instruction set (isa_*.c).
#pragma once

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float v16 __attribute__((ext_vector_type(16)));
typedef int32_t i16 __attribute__((ext_vector_type(16)));
typedef uint32_t u16 __attribute__((ext_vector_type(16)));
typedef v16 v16u __attribute__((aligned(4)));
typedef float v8 __attribute__((ext_vector_type(8)));  // half a vector
typedef v8 v8u __attribute__((aligned(4)));

INLINE v16 splat(float x) { return (v16)x; }
INLINE v16 load(const float *p) { return *(const v16 *)p; }
INLINE v16 loadu(const float *p) { return *(const v16u *)p; }
INLINE void store(float *p, v16 x) { *(v16 *)p = x; }
INLINE void storeu(float *p, v16 x) { *(v16u *)p = x; }
INLINE v8 load8(const float *p) { return *(const v8u *)p; }
INLINE v16 widened(v8 x) { return __builtin_shufflevector(x, (v8)0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15); }
INLINE v16 fma16(v16 a, v16 b, v16 c) { return __builtin_elementwise_fma(a, b, c); }
INLINE v16 as_float(i16 x) { return (v16)x; }
INLINE i16 as_int(v16 x) { return (i16)x; }

// m has all bits set in the lanes that take a.
INLINE v16 pick(i16 m, v16 a, v16 b) { return m ? a : b; }

// Both return x when it is NaN.
INLINE v16 at_least(v16 x, v16 low) { return low > x ? low : x; }
INLINE v16 at_most(v16 x, v16 high) { return high < x ? high : x; }

INLINE i16 lane_index(void) { return (i16){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}; }
INLINE i16 first_lanes(int n) { return lane_index() < (i16)n; }

// The first n of 16 floats, zero beyond; and their store.
INLINE v16 load_first(const float *p, int n) {
#ifdef LOAD_FIRST
    return LOAD_FIRST(p, n);
#else
    float t[16] __attribute__((aligned(64))) = {0};
    __builtin_memcpy(t, p, (size_t)n * sizeof(float));
    return load(t);
#endif
}
INLINE void store_first(float *p, v16 x, int n) {
#ifdef STORE_FIRST
    STORE_FIRST(p, x, n);
#else
    float t[16] __attribute__((aligned(64)));
    store(t, x);
    __builtin_memcpy(p, t, (size_t)n * sizeof(float));
#endif
}

// Drawing on samples in place. The body of the blend is written once for bytes and once for words, so that the compiler
// vectorises it for each instruction set; `blend_any` is the reference and serves narrower samples.
#include <string.h>

#include "fovea_image.h"
#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#endif
#define INLINE static inline __attribute__((always_inline))

// floor(x / 255) for x < 65535.
INLINE uint16_t by255(uint16_t x) { return (uint16_t)((uint16_t)(x + 1 + (x >> 8)) >> 8); }

INLINE void blend_bytes(uint8_t *restrict at, const uint16_t *restrict v, long vs, const uint8_t *restrict w, long ws,
                        int n) {
    for (long i = 0; i < n; i++) {
        uint16_t weight = w[i * ws], old = at[i], value = v[i * vs];
        at[i] = (uint8_t)by255((uint16_t)(old * (255 - weight) + value * weight + 127));
    }
}

static unsigned load_word(const uint8_t *at, int wide) { return at[0] | (wide ? (unsigned)at[1] << 8 : 0); }

static void store_word(uint8_t *at, int wide, unsigned word) {
    at[0] = (uint8_t)word;
    if (wide) at[1] = (uint8_t)(word >> 8);
}

static void blend_any(uint8_t *at, long step, int shift, int depth, const uint16_t *v, long vs, const uint8_t *w,
                      long ws, int n) {
    const unsigned mask = (1u << depth) - 1;
    const int wide = shift + depth > 8;
    for (long i = 0; i < n; i++) {
        unsigned word = load_word(at + i * step, wide), weight = w[i * ws];
        unsigned old = word >> shift & mask;
        unsigned value = (old * (255 - weight) + v[i * vs] * weight + 127) / 255;
        store_word(at + i * step, wide, (word & ~(mask << shift)) | value << shift);
    }
}

// floor(x / 255) for x < 2^24.
INLINE uint32_t by255_wide(uint32_t x) { return (x + 1 + ((x + 1 + (x >> 8)) >> 8)) >> 8; }

INLINE void blend_words(uint16_t *restrict at, int shift, int depth, const uint16_t *restrict v, long vs,
                        const uint8_t *restrict w, long ws, int n) {
    const uint32_t mask = (1u << depth) - 1;
    for (long i = 0; i < n; i++) {
        const uint32_t word = at[i], weight = w[i * ws];
        const uint32_t value = by255_wide((word >> shift & mask) * (255 - weight) + v[i * vs] * weight + 127);
        at[i] = (uint16_t)((word & ~(mask << shift)) | value << shift);
    }
}

enum { PART = 256 };

// Samples that are no neighbouring bytes: collected, blended and put back, a part at a time.
INLINE void blend_bytes_apart(uint8_t *at, long step, const uint16_t *v, long vs, const uint8_t *w, long ws, int n) {
    uint8_t part[PART];
    for (long i = 0; i < n; i += PART, at += step * PART) {
        const int count = n - i < PART ? (int)(n - i) : PART;
        for (long k = 0; k < count; k++) part[k] = at[k * step];
        blend_bytes(part, v + i * vs, vs, w + i * ws, ws, count);
        for (long k = 0; k < count; k++) at[k * step] = part[k];
    }
}

INLINE void blend_words_apart(uint8_t *at, long step, int shift, int depth, const uint16_t *v, long vs,
                              const uint8_t *w, long ws, int n) {
    uint16_t part[PART];
    for (long i = 0; i < n; i += PART, at += step * PART) {
        const int count = n - i < PART ? (int)(n - i) : PART;
        for (long k = 0; k < count; k++) memcpy(part + k, at + k * step, 2);
        blend_words(part, shift, depth, v + i * vs, vs, w + i * ws, ws, count);
        for (long k = 0; k < count; k++) memcpy(at + k * step, part + k, 2);
    }
}

// The steps are constants, so that the compiler sees the layout.
INLINE void blend_steps(uint8_t *at, int step, int shift, int depth, const uint16_t *v, long vs, const uint8_t *w,
                        long ws, int n) {
    if (shift + depth > 8) {
        if (step == 2) return blend_words_apart(at, 2, shift, depth, v, vs, w, ws, n);
        if (step == 4) return blend_words_apart(at, 4, shift, depth, v, vs, w, ws, n);
        return blend_words_apart(at, step, shift, depth, v, vs, w, ws, n);
    }
    if (depth != 8) return blend_any(at, step, shift, depth, v, vs, w, ws, n);
    if (step == 1) return blend_bytes(at, v, vs, w, ws, n);
    if (step == 2) return blend_bytes_apart(at, 2, v, vs, w, ws, n);
    if (step == 3) return blend_bytes_apart(at, 3, v, vs, w, ws, n);
    if (step == 4) return blend_bytes_apart(at, 4, v, vs, w, ws, n);
    blend_bytes_apart(at, step, v, vs, w, ws, n);
}

INLINE void blend(uint8_t *at, int step, int shift, int depth, const uint16_t *v, int vs, const uint8_t *w, int ws,
                  int n) {
    if (vs == 0 && ws == 0) return blend_steps(at, step, shift, depth, v, 0, w, 0, n);
    if (vs == 0) return blend_steps(at, step, shift, depth, v, 0, w, 1, n);
    if (ws == 0) return blend_steps(at, step, shift, depth, v, 1, w, 0, n);
    blend_steps(at, step, shift, depth, v, 1, w, 1, n);
}

#if defined(__x86_64__)
AVX2 static void blend_avx2(uint8_t *at, int step, int shift, int depth, const uint16_t *v, int vs, const uint8_t *w,
                            int ws, int n) {
    blend(at, step, shift, depth, v, vs, w, ws, n);
}

AVX512 static void blend_avx512(uint8_t *at, int step, int shift, int depth, const uint16_t *v, int vs,
                                const uint8_t *w, int ws, int n) {
    blend(at, step, shift, depth, v, vs, w, ws, n);
}
#endif

void fovea_image_blend(uint8_t *at, int step, int shift, int depth, const uint16_t *values, int value_step,
                       const uint8_t *weights, int weight_step, int n, fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512) return blend_avx512(at, step, shift, depth, values, value_step, weights, weight_step, n);
    if (isa == FOVEA_AVX2) return blend_avx2(at, step, shift, depth, values, value_step, weights, weight_step, n);
#endif
    if (isa == FOVEA_SCALAR) return blend_any(at, step, shift, depth, values, value_step, weights, weight_step, n);
    blend(at, step, shift, depth, values, value_step, weights, weight_step, n);
}

void fovea_image_lookup(uint8_t *at, int step, int shift, int depth, const uint8_t *index, int index_step,
                        const uint16_t *table, int n) {
    if (depth == 8 && shift == 0) {
        for (long i = 0; i < n; i++) at[i * step] = (uint8_t)table[index[i * index_step]];
        return;
    }
    const unsigned mask = ((1u << depth) - 1) << shift;
    const int wide = shift + depth > 8;
    for (long i = 0; i < n; i++) {
        unsigned word = load_word(at + i * step, wide) & ~mask;
        store_word(at + i * step, wide, word | (unsigned)table[index[i * index_step]] << shift);
    }
}

void fovea_image_coverage(uint8_t *out, int n, const uint8_t *mask, long stride, int width, int height, int left,
                          int top, int log2_width, int log2_height) {
    const int block = 1 << log2_width, area = log2_width + log2_height;
    const int first = top < 0 ? 0 : top;
    const int end = top + (1 << log2_height) < height ? top + (1 << log2_height) : height;
    for (int i = 0; i < n; i++) {
        unsigned sum = area > 0 ? 1u << (area - 1) : 0;
        for (int y = first; y < end; y++)
            for (int x = left + i * block; x < left + (i + 1) * block; x++)
                if (x >= 0 && x < width) sum += mask[y * stride + x];
        out[i] = (uint8_t)(sum >> area);
    }
}

// Element by element, and from one layout to another.
#pragma once
#include "v32.h"

#define MAP_PIXELS 8

typedef struct {
    v32 scale, shift;
    __mmask32 channels;
    store_activation f;
    fovea_activation function;
    int scales, shifts;
} map_block;

INLINE void map_pixels(const map_block *m, const bf16 *x, const bf16 *other, bf16 *y, int64_t n) {
    float t[32 * MAP_PIXELS] __attribute__((aligned(64)));
    const v16 low = splat(m->f.low), high = splat(m->f.high);
    for (int64_t i = 0; i < n; ++i) {
        v32 v = load_v32(x + 32 * i);
        if (m->scales) v.first *= m->scale.first, v.last *= m->scale.last;
        if (m->shifts) v.first += m->shift.first, v.last += m->shift.last;
        if (other) {
            const v32 o = load_v32(other + 32 * i);
            v.first += o.first, v.last += o.last;
        }
        if (m->f.post) {
            v = widen_both(rounded(v.first, v.last));
            store(t + 32 * i, v.first), store(t + 32 * i + 16, v.last);
            continue;
        }
        v.first = at_most(at_least(v.first, low), high), v.last = at_most(at_least(v.last, low), high);
        _mm512_store_si512(y + 32 * i, _mm512_maskz_mov_epi16(m->channels, rounded(v.first, v.last)));
    }
    if (!m->f.post) return;
    activate_span(m->function, t, t, 32 * n);
    for (int64_t i = 0; i < n; ++i)
        _mm512_store_si512(y + 32 * i, _mm512_maskz_mov_epi16(m->channels, rounded(load(t + 32 * i), load(t + 32 * i + 16))));
}

// One float for each channel of a block; the second half may be missing.
INLINE v32 channel_floats(const float *x, int64_t block, int64_t channels) {
    return (v32){loadu(x + 32 * block), 2 * block + 1 < blocks16(channels) ? loadu(x + 32 * block + 16) : splat(0)};
}

static void map(
    const fovea_extent *e, fovea_activation f, const bf16 *x, const float *scale, const float *shift, const bf16 *other, bf16 *y,
    int part, int parts) {
    const int64_t blocks = blocks32(e->channels), spans = (e->pixels + MAP_PIXELS - 1) / MAP_PIXELS;
    const part_range range = share(e->batch * blocks * spans, part, parts);
    map_block m = {.f = in_store(f), .function = f, .scales = scale != NULL, .shifts = shift != NULL};
    for (int64_t i = range.first; i < range.end; ++i) {
        const int64_t block = i / spans % blocks, first = i % spans * MAP_PIXELS;
        const int64_t at = (i / spans * e->pixels + first) * 32;
        m.channels = lanes32(0, e->channels - 32 * block);
        if (scale) m.scale = channel_floats(scale, block, e->channels);
        if (shift) m.shift = channel_floats(shift, block, e->channels);
        map_pixels(&m, x + at, other ? other + at : NULL, y + at, smaller(MAP_PIXELS, e->pixels - first));
    }
}

static void place(
    int64_t channels, int64_t pixels, int first_lane, int keeps_rest, const bf16 *x, bf16 *y, int part, int parts) {
    const int64_t blocks = blocks32(first_lane + channels);
    const part_range range = share(blocks * pixels, part, parts);
    for (int64_t i = range.first; i < range.end; ++i) {
        const int64_t block = i / pixels, before = first_lane - 32 * block, end = before + channels;
        const __mmask32 real = lanes32(before, end), written = lanes32(before, keeps_rest ? end : 32);
        // With a shift the halves come from the end of one source block and the start of the next.
        const bf16 *from = x + (block * pixels + i % pixels) * 32 - (first_lane ? 16 : 0);
        __m512i v = _mm512_setzero_si512();
        if (first_lane == 0) v = _mm512_maskz_loadu_epi16(real, from);
        else {
            if (block > 0) v = _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)(from - pixels * 32 + 32)));
            if (block < blocks32(channels)) v = _mm512_inserti64x4(v, _mm256_loadu_si256((const __m256i *)(from + 16)), 1);
            v = _mm512_maskz_mov_epi16(real, v);
        }
        _mm512_mask_storeu_epi16(y + i * 32, written, v);
    }
}

static void from_blocked(const fovea_extent *e, const float *x, bf16 *y, int part, int parts) {
    const int64_t blocks = blocks32(e->channels), halves = blocks16(e->channels);
    const part_range range = share(e->batch * blocks * e->pixels, part, parts);
    for (int64_t i = range.first; i < range.end; ++i) {
        const int64_t pixel = i % e->pixels, block = i / e->pixels % blocks, n = i / e->pixels / blocks;
        const float *from = x + ((n * halves + 2 * block) * e->pixels + pixel) * 16;
        store_v32(y + 32 * i, (v32){load(from), 2 * block + 1 < halves ? load(from + e->pixels * 16) : splat(0)});
    }
}

static void to_blocked(const fovea_extent *e, const bf16 *x, float *y, int part, int parts) {
    const int64_t blocks = blocks32(e->channels), halves = blocks16(e->channels);
    const part_range range = share(e->batch * blocks * e->pixels, part, parts);
    for (int64_t i = range.first; i < range.end; ++i) {
        const int64_t pixel = i % e->pixels, block = i / e->pixels % blocks, n = i / e->pixels / blocks;
        float *to = y + ((n * halves + 2 * block) * e->pixels + pixel) * 16;
        const v32 v = load_v32(x + 32 * i);
        store(to, v.first);
        if (2 * block + 1 < halves) store(to + e->pixels * 16, v.last);
    }
}

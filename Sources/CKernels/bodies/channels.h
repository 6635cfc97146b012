// Channels of blocked tensors brought together as the channels of another.
#pragma once
#include "vector.h"

// Where 16 lanes of a pixel come from: lanes of `count` blocks of the inputs.
typedef struct {
    int count;
    const float *block[16];  // pixel 0
    i16 takes[16], from[16];  // lanes that come from the block, all bits set; and from which of its lanes
} lane_sources;

// The sources of output channels first ..< first + 16 of image n. Lanes past the last channel have none.
static lane_sources sources_of(const fovea_gather_params *p, const float *const *inputs, int64_t n, int64_t first) {
    lane_sources s = {0};
    for (int lane = 0; lane < (int)smaller(16, p->channels - first); ++lane) {
        const int32_t input = p->source[first + lane], channel = p->channel[first + lane];
        const float *block = inputs[input] + n * p->in_batch_strides[input] + channel / 16 * p->pixels * 16;
        int i = 0;
        while (i < s.count && s.block[i] != block) ++i;
        if (i == s.count) s.block[s.count++] = block;
        s.takes[i][lane] = -1, s.from[i][lane] = channel % 16;
    }
    return s;
}

#ifdef PERMUTE16
// Pixels first ..< end: a permutation of each block.
static void gather_pixels(const lane_sources *s, int64_t first, int64_t end, float *y) {
    for (int64_t pixel = first; pixel < end; ++pixel) {
        v16 v = splat(0);
        for (int i = 0; i < s->count; ++i) v = pick(s->takes[i], PERMUTE16(load(s->block[i] + pixel * 16), s->from[i]), v);
        store(y + pixel * 16, v);
    }
}
#else
// Pixels first ..< end, lane by lane.
static void gather_pixels(const lane_sources *s, int64_t first, int64_t end, float *y) {
    const float *lanes[16];
    int64_t step[16];
    const float zero = 0;
    for (int lane = 0; lane < 16; ++lane) {
        lanes[lane] = &zero, step[lane] = 0;
        for (int i = 0; i < s->count; ++i)
            if (s->takes[i][lane]) lanes[lane] = s->block[i] + s->from[i][lane], step[lane] = 16;
    }
    for (int64_t pixel = first; pixel < end; ++pixel)
        UNROLL for (int lane = 0; lane < 16; ++lane) y[pixel * 16 + lane] = lanes[lane][pixel * step[lane]];
}
#endif

static void gather_channels(const fovea_gather_params *p, const float *const *inputs, float *output, int part, int parts) {
    const int64_t blocks = blocks16(p->channels);
    const part_range all = share(p->batch * blocks * p->pixels, part, parts);
    for (int64_t at = all.first; at < all.end;) {
        const int64_t row = at / p->pixels, first = at % p->pixels, end = smaller(p->pixels, first + all.end - at);
        const int64_t n = row / blocks, block = row % blocks;
        const lane_sources s = sources_of(p, inputs, n, block * 16);
        gather_pixels(&s, first, end, output + n * p->out_batch_stride + block * p->pixels * 16);
        at += end - first;
    }
}

// Products of 16 or 32 pixels and 32 output channels in AMX tiles: 0 ... 3 sums, 4 and 5 pixels, 6 and 7 weights.
#pragma once
#include "tile.h"

#define TILE_STORES 0

// Tile configuration, palette 1 (Intel SDM volume 1, 18.2): every tile has 16 rows of 64 bytes.
static void tile_begin(void) {
    struct {
        uint8_t palette, start_row, reserved[14];
        uint16_t row_bytes[16];
        uint8_t rows[16];
    } config = {.palette = 1};
    for (int i = 0; i < 8; ++i) config.row_bytes[i] = 64, config.rows[i] = 16;
    _tile_loadconfig(&config);
}

// Tiles that hold nothing need not be saved when the thread is interrupted.
static void tile_end(void) { _tile_release(); }

// Three or four groups by one half at a time: each weight is read once, the pixels of a plane's taps stay in the first-level cache.
static void tile_columns(bf16_tile *t, int groups, int halves, float *c) {
    for (int h = 0; h < halves; ++h) {
        const char *w = t->weights + 1024 * h, *last = groups == 4 ? t->pixels[3] : t->pixels[2];
        const int64_t step = t->pixel_bytes;
        _tile_loadd(0, t->bias + 16 * h, 0);
        _tile_loadd(1, t->bias + 16 * h, 0);
        _tile_loadd(2, t->bias + 16 * h, 0);
        _tile_loadd(3, t->bias + 16 * h, 0);
        for (int32_t k = 0; k < t->steps; ++k, w += 1024 * halves) {
            const int64_t at = t->offsets[k];
            _tile_loadd(6, w, 64);
            _tile_loadd(4, t->pixels[0] + at, step);
            _tile_loadd(5, t->pixels[1] + at, step);
            _tile_dpbf16ps(0, 4, 6);
            _tile_loadd(7, t->pixels[2] + at, step);
            _tile_dpbf16ps(1, 5, 6);
            _tile_loadd(4, last + at, step);
            _tile_dpbf16ps(2, 7, 6);
            _tile_dpbf16ps(3, 4, 6);
            tile_prefetch(t);
        }
        _tile_stored(0, c + 256 * h, 64);
        _tile_stored(1, c + 256 * h + 512, 64);
        _tile_stored(2, c + 256 * h + 1024, 64);
        _tile_stored(3, c + 256 * h + 1536, 64);
    }
}

// One or two groups by the halves that there are; the sums stay in tiles.
static void tile_products(bf16_tile *t, int groups, int halves, float *c) {
    (void)c;
    const char *w = t->weights, *a = t->pixels[0], *b = t->pixels[1];
    const int64_t step = t->pixel_bytes;
    _tile_loadd(0, t->bias, 0);
    if (halves == 2) _tile_loadd(1, t->bias + 16, 0);
    if (groups == 2) _tile_loadd(2, t->bias, 0);
    if (groups == 2 && halves == 2) {
        _tile_loadd(3, t->bias + 16, 0);
        for (int32_t k = 0; k < t->steps; ++k, w += 2048) {
            _tile_loadd(6, w, 64);
            _tile_loadd(4, a + t->offsets[k], step);
            _tile_loadd(7, w + 1024, 64);
            _tile_dpbf16ps(0, 4, 6);
            _tile_loadd(5, b + t->offsets[k], step);
            _tile_dpbf16ps(1, 4, 7);
            _tile_dpbf16ps(2, 5, 6);
            _tile_dpbf16ps(3, 5, 7);
            tile_prefetch(t);
        }
    } else if (groups == 2) {
        for (int32_t k = 0; k < t->steps; ++k, w += 1024) {
            _tile_loadd(6, w, 64);
            _tile_loadd(4, a + t->offsets[k], step);
            _tile_loadd(5, b + t->offsets[k], step);
            _tile_dpbf16ps(0, 4, 6);
            _tile_dpbf16ps(2, 5, 6);
            tile_prefetch(t);
        }
    } else if (halves == 2) {
        for (int32_t k = 0; k < t->steps; ++k, w += 2048) {
            _tile_loadd(4, a + t->offsets[k], step);
            _tile_loadd(6, w, 64);
            _tile_loadd(7, w + 1024, 64);
            _tile_dpbf16ps(0, 4, 6);
            _tile_dpbf16ps(1, 4, 7);
            tile_prefetch(t);
        }
    } else {
        for (int32_t k = 0; k < t->steps; ++k, w += 1024) {
            _tile_loadd(4, a + t->offsets[k], step);
            _tile_loadd(6, w, 64);
            _tile_dpbf16ps(0, 4, 6);
            tile_prefetch(t);
        }
    }
}

// c: [groups][2 halves][16 pixels][16 channels]. Stores that have the low bits of their addresses in common with loads that
// follow them would hold those up, so the sums before are to be read first.
static void tile_store(int groups, int halves, float *c) {
    _tile_stored(0, c, 64);
    if (halves == 2) _tile_stored(1, c + 256, 64);
    if (groups == 2) _tile_stored(2, c + 512, 64);
    if (groups == 2 && halves == 2) _tile_stored(3, c + 768, 64);
}

static double product_loop(int64_t rounds, float *result) {
    const __m512i ones = _mm512_set1_epi16(0x3f80);
    float c[256] __attribute__((aligned(64)));
    tile_begin();
    _tile_zero(0), _tile_zero(1), _tile_zero(2), _tile_zero(3);
    _tile_loadd(4, &ones, 0), _tile_loadd(5, &ones, 0), _tile_loadd(6, &ones, 0), _tile_loadd(7, &ones, 0);
    for (int64_t i = 0; i < rounds; ++i) {
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, c, 64);
    tile_end();
    *result = c[0];
    return 2.0 * 4 * 16 * 16 * 32 * (double)rounds;
}

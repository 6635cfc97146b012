// Shared by the resampling kernels: the arithmetic, and how the SIMD variants want their weights.
//
// A product of a byte and a weight of 22 fraction bits needs 32 bits, but multiply-add instructions take 16 or 8 bits. So weights
// are split into digits, products summed digit by digit, and the sums put together: exact, because every sum fits 32 bits.
#pragma once
#include <string.h>

#include "include/fovea_image.h"

enum { FRACTION = 22, HALF = 1 << (FRACTION - 1), LOW_BITS = 15 };

static inline uint8_t filtered_byte(int32_t sum) {
    const int32_t value = sum >> FRACTION;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/// The references; columns: those from `first` to before `end`.
void image_rows_scalar(uint8_t *out, long stride, const uint8_t *strip, const fovea_image_filter *f);
void image_column_scalar(
    uint8_t *out, const uint8_t *const *rows, const int32_t *weights, int taps, long first, long end);

#if defined(__x86_64__)
/// AVX2, pairs of taps as 16-bit words: for each 4 taps the low 15 bits of the weights, then the rest.
enum { AVX2_QUAD_BYTES = 16 };
void image_pack_avx2(uint8_t *packed, const int32_t *weights, long quads);
void image_rows_avx2(uint8_t *out, long stride, const uint8_t *strip, const fovea_image_filter *f);
void image_column_avx2(
    uint8_t *out, const uint8_t *const *rows, const int32_t *weights, const uint8_t *packed, int taps, long n);

/// AVX-512 VNNI, fours of taps as signed bytes: for each 4 taps three digits of the weights to base 256, lowest first.
enum { VNNI_QUAD_BYTES = 12 };
void image_pack_vnni(uint8_t *packed, const int32_t *weights, long quads);
void image_rows_vnni(uint8_t *out, long stride, const uint8_t *strip, const fovea_image_filter *f);
void image_column_vnni(
    uint8_t *out, const uint8_t *const *rows, const int32_t *weights, const uint8_t *packed, int taps, long n);
#endif

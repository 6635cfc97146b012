// Picture kernels: rows of samples on their way to a network's input. Samples travel as 15-bit fixed point: an 8-bit
// value v is v * 128, a value of depth d is v * 2^(15-d). Filter weights are fixed point with 14 fraction bits.
#pragma once
#include <stdint.h>

#include "fovea_cpu.h"

/// out[i] = the sample at in + i * step, as 15-bit fixed point. A sample is a byte when shift + depth <= 8, else a
/// little-endian 16-bit word; depth 1...16. Reads nothing past the last sample.
void fovea_image_unpack(int16_t *out, const uint8_t *in, int step, int shift, int depth, int n, fovea_isa isa);

/// out[i] = sum over t of weight[t] * rows[t][i], rounded; the weights of a filter add up to 16384.
void fovea_image_vertical8(int16_t *out, const uint8_t *const *rows, const int16_t *weights, int taps, int n,
                           fovea_isa isa);

/// The same for rows of 15-bit fixed point.
void fovea_image_vertical16(int16_t *out, const int16_t *const *rows, const int16_t *weights, int taps, int n,
                            fovea_isa isa);

/// out[i] = sum over t < taps of weights[i * taps + t] * row[start[i] + t], rounded. taps is a multiple of 8; row has
/// `taps` readable elements from wherever a filter starts.
void fovea_image_horizontal(int16_t *out, const int16_t *row, const int32_t *start, const int16_t *weights, int taps,
                            int n, fovea_isa isa);

/// For each of `outputs` (1 or 3) planes: rgb = clamp(matrix * (a, b, c, 1), 0, 255), then out[k][i] = the combination
/// `mix` (rows of 4) of (r, g, b, 1). `matrix` is 3 rows of 4 over the fixed-point samples.
void fovea_image_normalise(float *const *out, int outputs, const int16_t *a, const int16_t *b, const int16_t *c,
                           const float *matrix, const float *mix, int n, fovea_isa isa);

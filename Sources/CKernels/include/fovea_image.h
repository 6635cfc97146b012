// Picture kernels: rows of samples on their way to a network's input. Samples travel as 15-bit fixed point: an 8-bit
// value v is v * 128, a value of depth d is v * 2^(15-d). Filter weights are fixed point with 14 fraction bits.
#pragma once
#include <stdint.h>

#include "fovea_cpu.h"

/// out[i] = the sample at in + i * step, as 15-bit fixed point. A sample is a byte when shift + depth <= 8, else a
/// little-endian 16-bit word; depth 1...16. Reads nothing past the last sample.
void fovea_image_unpack(int16_t *out, const uint8_t *in, int step, int shift, int depth, int n, fovea_isa isa);

/// R'G'B' pixels of four bytes (the fourth 0): out[i] = rint(clamp(matrix * (a[i], b[j], c[j], 1), 0, 255)) with
/// j = (i + phase) >> shift, for subsampled chroma. `matrix` is 3 rows of 4 over the fixed-point samples.
void fovea_image_to_rgb(uint8_t *out, const int16_t *a, const int16_t *b, const int16_t *c, int shift, int phase,
                        const float *matrix, int n, fovea_isa isa);

/// Pixels of four bytes: out[i] = sum over t < taps of weights[i * taps + t] * row[start[i] + t], rounded and clamped.
/// Weights have 22 fraction bits; taps is even; row has `taps` readable pixels from wherever a filter starts.
void fovea_image_resample_row(uint8_t *out, const uint8_t *row, const int32_t *start, const int32_t *weights, int taps,
                              int n, fovea_isa isa);

/// n bytes: out[i] = sum over t < taps of weights[t] * rows[t][i], rounded and clamped.
void fovea_image_resample_column(uint8_t *out, const uint8_t *const *rows, const int32_t *weights, int taps, long n,
                                 fovea_isa isa);

/// For each of `outputs` planes k: out[k][i] = the combination `mix` (rows of 4) of pixel i's (r, g, b, 1).
void fovea_image_normalise(float *const *out, int outputs, const uint8_t *rgb, const float *mix, int n, fovea_isa isa);

// Drawing. A row of samples is described as `fovea_image_unpack` reads them; other bits of a word stay as they are.

/// sample[i] = (sample[i] * (255 - w) + v * w + 127) / 255 with v = values[i * value_step], w = weights[i * weight_step];
/// steps are 0 (the same for all) or 1. Weight 0 leaves a sample as it is, 255 replaces it.
void fovea_image_blend(uint8_t *at, int step, int shift, int depth, const uint16_t *values, int value_step,
                       const uint8_t *weights, int weight_step, int n, fovea_isa isa);

/// sample[i] = table[index[i * index_step]]; the table has 256 entries.
void fovea_image_lookup(uint8_t *at, int step, int shift, int depth, const uint8_t *index, int index_step,
                        const uint16_t *table, int n);

/// out[i] = rounded mean of `mask` over the block of 2^log2_width columns from left + i * 2^log2_width and 2^log2_height
/// rows from top; what lies outside of the mask (width x height bytes, rows `stride` apart) counts as 0.
void fovea_image_coverage(uint8_t *out, int n, const uint8_t *mask, long stride, int width, int height, int left,
                          int top, int log2_width, int log2_height);

/// Smallest and largest finite value of a feature map (0 and 0 when none is finite) and the mean of their magnitudes.
void fovea_image_range(const float *values, long n, float *low, float *high, float *magnitude);

/// A feature map (height x width) as width_out x height_out bytes, clamp((mean - low) * gain, 0, 255): each byte is the
/// mean over the map's cells that it covers, the nearest cell when the map is smaller. NaN gives 0.
void fovea_image_tile(uint8_t *out, long stride, int width_out, int height_out, const float *map, int width,
                      int height, float low, float gain);

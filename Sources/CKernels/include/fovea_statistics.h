// What the viewer measures of activations: one pass over the values each.
#pragma once
#include <stdint.h>

#include "fovea_cpu.h"

/// Of one channel's values. NaN takes no part in low, high and place, which are +inf, -inf and 0 where nothing else is left; a
/// value that is not finite spoils the sums.
typedef struct {
    float low, high;
    /// Sums of the values, of their magnitudes, and of the magnitudes of their changes.
    float sum, magnitude, change;
    /// The first of the largest values.
    int32_t place;
    /// How many are zero.
    int32_t zeros;
} fovea_channel;

/// Measures n values, compares them with those before (which may be the same) and copies them to `kept`.
void fovea_statistics_channel(fovea_channel *result, const float *values, const float *before, float *kept, int32_t n,
                              fovea_isa isa);

/// Of the finite values; others are not counted. Low and high are +inf and -inf where there is none.
typedef struct {
    float low, high;
    double sum, squares, magnitude;
    int64_t zeros;
} fovea_moments;

/// Adds n values to what was measured before.
void fovea_statistics_moments(fovea_moments *total, const float *values, int64_t n, fovea_isa isa);

enum { FOVEA_MOST_BINS = 31 };

/// Adds the finite ones of n values to `bins` counts, at most FOVEA_MOST_BINS: bin (v - low) * gain, rounded down and clamped.
/// Returns how many of them are at least `limit`.
int64_t fovea_statistics_histogram(int64_t *counts, int bins, const float *values, int64_t n, float low, float gain,
                                   float limit, fovea_isa isa);

/// A row of a patch: out[3 i] = clamp(in[columns[i]] * gain + bias, 0, 255), rounded; NaN gives 0.
void fovea_statistics_patch_row(uint8_t *out, const float *in, const int32_t *columns, int n, float gain, float bias);

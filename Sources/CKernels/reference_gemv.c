// Scalar reference of weights in few bits: rounded to what such a weight can be, kept as floats.
#include <math.h>
#include "reference.h"

// To the nearest number of 11 significant bits, or multiple of 2^-24 below the normal halves; infinite beyond 65504.
static float to_half(float x) {
    if (fabsf(x) >= 65520) return copysignf(INFINITY, x);
    if (fabsf(x) < 0x1p-14f) return (float)rint((double)x * 0x1p24) * 0x1p-24f;
    int exponent;
    const double fraction = frexp((double)x, &exponent);
    return (float)ldexp(rint(fraction * 2048), exponent - 11);
}

// A block of numbers as whole multiples, at most 524287 in magnitude, of the block's largest by 524287.
static void to_20_bits(float *w, int64_t count) {
    float most = 0;
    for (int64_t i = 0; i < count; ++i) most = fmaxf(most, fabsf(w[i]));
    const float scale = most > 1e-30f ? most / 524287 : 0;
    for (int64_t i = 0; i < count; ++i) w[i] = scale > 0 ? rintf(w[i] * (1 / scale)) * scale : 0;
}

float reference_round_weights(fovea_weights form, float *w, int64_t count) {
    double lost = 0, all = 0;
    for (int64_t block = 0; block < count; block += 128) {
        float before[128];
        const int64_t size = smaller(128, count - block);
        for (int64_t i = 0; i < size; ++i) before[i] = w[block + i];
        if (form == FOVEA_WEIGHTS_20_BITS) to_20_bits(w + block, size);
        else for (int64_t i = 0; i < size; ++i) w[block + i] = to_half(w[block + i]);
        for (int64_t i = 0; i < size; ++i) {
            lost += ((double)w[block + i] - before[i]) * ((double)w[block + i] - before[i]);
            all += fabs((double)before[i]);
        }
    }
    const double share = all > 0 ? sqrt(lost * (double)count) / all : 0;
    return share >= 0 ? (float)share : INFINITY;
}

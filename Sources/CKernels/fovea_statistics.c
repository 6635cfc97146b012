// Statistics of activations. The bodies are written once in values of sixteen lanes and compiled for each instruction set; sums
// are kept lane by lane, so that every variant adds in the same order.
#include "include/fovea_statistics.h"

#include <float.h>
#include <math.h>
#include <string.h>
#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#endif
#define INLINE static inline __attribute__((always_inline))

enum { LANES = 16 };
typedef float v16 __attribute__((ext_vector_type(16)));
typedef int32_t i16 __attribute__((ext_vector_type(16)));
typedef uint8_t u8x16 __attribute__((ext_vector_type(16)));
typedef float v16u __attribute__((ext_vector_type(16), aligned(4)));

INLINE void channel_body(fovea_channel *r, const float *values, const float *before, float *kept, int32_t n) {
    v16 low = INFINITY, high = -INFINITY, sum = 0, magnitude = 0, change = 0;
    i16 place = 0, zeros = 0, index = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    for (int32_t i = 0; i < n; i += LANES, index += LANES) {
        v16 x, old;
        i16 inside = -1;
        if (n - i >= LANES) {
            x = *(const v16u *)(values + i), old = *(const v16u *)(before + i);
            *(v16u *)(kept + i) = x;
        } else {
            // Zeros beyond the end change no sum; they must not count as the smallest, the largest or a zero.
            inside = index < n;
            x = 0, old = 0;
            memcpy(&x, values + i, (size_t)(n - i) * sizeof(float));
            memcpy(&old, before + i, (size_t)(n - i) * sizeof(float));
            memcpy(kept + i, &x, (size_t)(n - i) * sizeof(float));
        }
        const i16 larger = (x > high) & inside;
        high = larger ? x : high;
        place = larger ? index : place;
        low = ((x < low) & inside) ? x : low;
        sum += x;
        magnitude += __builtin_elementwise_abs(x);
        change += __builtin_elementwise_abs(x - old);
        zeros -= (x == 0) & inside;
    }
    *r = (fovea_channel){.low = INFINITY, .high = -INFINITY};
    for (int j = 0; j < LANES; j++) {
        if (high[j] > r->high || (high[j] == r->high && high[j] > -INFINITY && place[j] < r->place))
            r->high = high[j], r->place = place[j];
        r->low = low[j] < r->low ? low[j] : r->low;
        r->sum += sum[j], r->magnitude += magnitude[j], r->change += change[j], r->zeros += zeros[j];
    }
}

INLINE void moments_body(fovea_moments *r, const float *values, int64_t n) {
    v16 low = INFINITY, high = -INFINITY, sum = 0, squares = 0, magnitude = 0;
    i16 zeros = 0;
    for (int64_t i = 0; i < n; i += LANES) {
        // NaN beyond the end is not counted.
        v16 x = NAN;
        if (n - i >= LANES) x = *(const v16u *)(values + i);
        else memcpy(&x, values + i, (size_t)(n - i) * sizeof(float));
        const v16 size = __builtin_elementwise_abs(x);
        const i16 finite = size <= FLT_MAX;
        low = ((x < low) & finite) ? x : low;
        high = ((x > high) & finite) ? x : high;
        x = finite ? x : 0;
        sum += x;
        squares += x * x;
        magnitude += finite ? size : 0;
        zeros -= (x == 0) & finite;
    }
    for (int j = 0; j < LANES; j++) {
        r->low = low[j] < r->low ? low[j] : r->low;
        r->high = high[j] > r->high ? high[j] : r->high;
        r->sum += (double)sum[j], r->squares += (double)squares[j], r->magnitude += (double)magnitude[j];
        r->zeros += zeros[j];
    }
}

// Four tables take turns, so that equal values need not wait for one another; bin `bins` is for what is not finite.
INLINE int64_t histogram_body(int64_t *counts, int bins, const float *values, int64_t n, float low, float gain, float limit) {
    int64_t tables[4][FOVEA_MOST_BINS + 1] = {{0}};
    int64_t reached = 0;
    const v16 last = (float)(bins - 1);
    for (int64_t i = 0; i < n; i += LANES) {
        const int count = n - i < LANES ? (int)(n - i) : LANES;
        v16 x = NAN;
        if (count == LANES) x = *(const v16u *)(values + i);
        else memcpy(&x, values + i, (size_t)count * sizeof(float));
        const i16 finite = __builtin_elementwise_abs(x) <= FLT_MAX;
        v16 q = (x - low) * gain;
        q = q > 0 ? q : 0;
        q = q < last ? q : last;
        const i16 bin = finite ? __builtin_convertvector(q, i16) : bins;
        reached -= __builtin_reduce_add((x >= limit) & finite);
        const u8x16 bytes = __builtin_convertvector(bin, u8x16);
        uint8_t at[LANES];
        memcpy(at, &bytes, sizeof at);
        if (count == LANES)
            for (int j = 0; j < LANES; j++) tables[j & 3][at[j]]++;
        else
            for (int j = 0; j < count; j++) tables[j & 3][at[j]]++;
    }
    for (int b = 0; b < bins; b++) counts[b] += tables[0][b] + tables[1][b] + tables[2][b] + tables[3][b];
    return reached;
}

#if defined(__x86_64__)
AVX2 static void channel_avx2(fovea_channel *r, const float *values, const float *before, float *kept, int32_t n) {
    channel_body(r, values, before, kept, n);
}

AVX512 static void channel_avx512(fovea_channel *r, const float *values, const float *before, float *kept, int32_t n) {
    channel_body(r, values, before, kept, n);
}

AVX2 static void moments_avx2(fovea_moments *r, const float *values, int64_t n) { moments_body(r, values, n); }
AVX512 static void moments_avx512(fovea_moments *r, const float *values, int64_t n) { moments_body(r, values, n); }

AVX2 static int64_t histogram_avx2(
    int64_t *counts, int bins, const float *values, int64_t n, float low, float gain, float limit) {
    return histogram_body(counts, bins, values, n, low, gain, limit);
}

AVX512 static int64_t histogram_avx512(
    int64_t *counts, int bins, const float *values, int64_t n, float low, float gain, float limit) {
    return histogram_body(counts, bins, values, n, low, gain, limit);
}
#endif

void fovea_statistics_channel(fovea_channel *result, const float *values, const float *before, float *kept, int32_t n,
                              fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512) return channel_avx512(result, values, before, kept, n);
    if (isa == FOVEA_AVX2) return channel_avx2(result, values, before, kept, n);
#endif
    (void)isa;
    channel_body(result, values, before, kept, n);
}

void fovea_statistics_moments(fovea_moments *total, const float *values, int64_t n, fovea_isa isa) {
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512) return moments_avx512(total, values, n);
    if (isa == FOVEA_AVX2) return moments_avx2(total, values, n);
#endif
    (void)isa;
    moments_body(total, values, n);
}

int64_t fovea_statistics_histogram(int64_t *counts, int bins, const float *values, int64_t n, float low, float gain,
                                   float limit, fovea_isa isa) {
    if (bins < 1 || bins > FOVEA_MOST_BINS) return 0;
#if defined(__x86_64__)
    if (isa == FOVEA_AVX512) return histogram_avx512(counts, bins, values, n, low, gain, limit);
    if (isa == FOVEA_AVX2) return histogram_avx2(counts, bins, values, n, low, gain, limit);
#endif
    (void)isa;
    return histogram_body(counts, bins, values, n, low, gain, limit);
}

void fovea_statistics_patch_row(uint8_t *out, const float *in, const int32_t *columns, int n, float gain, float bias) {
    for (int i = 0; i < n; i++) {
        float level = in[columns[i]] * gain + bias;
        level = level > 0 ? level : 0;
        out[3 * i] = (uint8_t)(int32_t)((level < 255 ? level : 255) + 0.5f);
    }
}

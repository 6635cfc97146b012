// Feature maps to bytes.
#include <float.h>
#include <string.h>

#include "fovea_image.h"

enum { LANES = 16 };

void fovea_image_range(const float *values, long n, float *low, float *high, float *magnitude) {
    float lo[LANES], hi[LANES], sum[LANES];
    for (int j = 0; j < LANES; j++) lo[j] = FLT_MAX, hi[j] = -FLT_MAX, sum[j] = 0;
    for (long i = 0; i < n; i += LANES) {
        const int count = n - i < LANES ? (int)(n - i) : LANES;
        for (int j = 0; j < count; j++) {
            float v = values[i + j], size = __builtin_fabsf(v);
            int finite = size <= FLT_MAX;
            lo[j] = finite && v < lo[j] ? v : lo[j];
            hi[j] = finite && v > hi[j] ? v : hi[j];
            sum[j] += finite ? size : 0;
        }
    }
    float total = 0;
    for (int j = 1; j < LANES; j++) {
        lo[0] = lo[j] < lo[0] ? lo[j] : lo[0];
        hi[0] = hi[j] > hi[0] ? hi[j] : hi[0];
    }
    for (int j = 0; j < LANES; j++) total += sum[j];
    const int any = lo[0] <= hi[0];
    *low = any ? lo[0] : 0;
    *high = any ? hi[0] : 0;
    *magnitude = n > 0 ? total / (float)n : 0;
}

static uint8_t level(float value, float low, float gain) {
    float q = (value - low) * gain + 0.5f;
    q = q > 0 ? q : 0;
    return (uint8_t)(q < 255 ? q : 255);
}

// The cells that output `i` of `n_out` covers: at least one.
static void cells(long i, long n_out, long n, long *first, long *end) {
    *first = i * n / n_out;
    *end = (i + 1) * n / n_out;
    if (*end <= *first) *end = *first + 1;
}

void fovea_image_tile(uint8_t *out, long stride, int width_out, int height_out, const float *map, int width,
                      int height, float low, float gain) {
    long previous = -1;
    for (long y = 0; y < height_out; y++) {
        long y0, y1;
        cells(y, height_out, height, &y0, &y1);
        uint8_t *row = out + y * stride;
        if (y0 == previous && y1 == y0 + 1) {
            memcpy(row, row - stride, (size_t)width_out);
            continue;
        }
        previous = y1 == y0 + 1 ? y0 : -1;
        // x0 = x * width / width_out, stepped without dividing.
        const long whole = width / width_out, part = width % width_out;
        long x0 = 0, rest = 0, last = -1;
        for (long x = 0; x < width_out; x++) {
            long next = x0 + whole;
            rest += part;
            if (rest >= width_out) rest -= width_out, next++;
            const long x1 = next > x0 ? next : x0 + 1;
            if (x0 == last && x1 == x0 + 1) {
                row[x] = row[x - 1];
            } else {
                float sum = 0;
                for (long v = y0; v < y1; v++)
                    for (long u = x0; u < x1; u++) sum += map[v * width + u];
                row[x] = level(sum / (float)((y1 - y0) * (x1 - x0)), low, gain);
            }
            last = x1 == x0 + 1 ? x0 : -1;
            x0 = next;
        }
    }
}

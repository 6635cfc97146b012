// Feature maps to bytes.
#include <string.h>

#include "fovea_image.h"

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

// Outputs at a time, and the columns of the map that they may cover.
enum { RUN = 128, SPAN = 1024 };

typedef struct {
    long y0, y1, x0, x1;
} block;

static float mean(const float *map, long width, block b) {
    float sum = 0;
    for (long v = b.y0; v < b.y1; v++)
        for (long u = b.x0; u < b.x1; u++) sum += map[v * width + u];
    return sum / (float)((b.y1 - b.y0) * (b.x1 - b.x0));
}

// The means of `count` outputs that cover the cells from starts[i] to before starts[i + 1], at least one each, of rows y0 to
// before y1: columns are summed up first.
static void means(float *out, int count, const float *map, long width, long y0, long y1, const int *starts) {
    float sums[SPAN];
    const float *columns = map + y0 * width + starts[0];
    const int span = starts[count] > starts[count - 1] ? starts[count] - starts[0] : starts[count - 1] + 1 - starts[0];
    if (y1 > y0 + 1) {
        for (int u = 0; u < span; u++) sums[u] = columns[u] + columns[width + u];
        for (long v = 2; v < y1 - y0; v++)
            for (int u = 0; u < span; u++) sums[u] += columns[v * width + u];
        columns = sums;
    }
    const float rows = (float)(y1 - y0), shares[3] = {1 / rows, 1 / rows, 1 / (2 * rows)};
    for (int i = 0; i < count; i++) {
        const float *at = columns + starts[i] - starts[0];
        const int cells = starts[i + 1] - starts[i];
        if (cells <= 2) {
            const float second = cells == 2 ? at[1] : 0;
            out[i] = (at[0] + second) * shares[cells];
            continue;
        }
        float sum = 0;
        for (int u = 0; u < cells; u++) sum += at[u];
        out[i] = sum / (rows * (float)cells);
    }
}

// Columns from `first` on of all rows.
static void run(uint8_t *out, long stride, long first, int count, long width_out, long height_out, const float *map,
                long width, long height, float low, float gain) {
    int starts[RUN + 1];
    for (int i = 0; i <= count; i++) starts[i] = (int)((first + i) * width / width_out);
    const int wide = starts[count] - starts[0] + 1 > SPAN;
    long previous = -1;
    for (long y = 0; y < height_out; y++) {
        block b;
        cells(y, height_out, height, &b.y0, &b.y1);
        uint8_t *row = out + y * stride + first;
        if (b.y0 == previous && b.y1 == b.y0 + 1) {
            memcpy(row, row - stride, (size_t)count);
            continue;
        }
        previous = b.y1 == b.y0 + 1 ? b.y0 : -1;
        float values[RUN];
        if (!wide) means(values, count, map, width, b.y0, b.y1, starts);
        for (int i = 0; wide && i < count; i++) {
            cells(first + i, width_out, width, &b.x0, &b.x1);
            values[i] = mean(map, width, b);
        }
        for (int i = 0; i < count; i++) row[i] = level(values[i], low, gain);
    }
}

void fovea_image_tile(uint8_t *out, long stride, int width_out, int height_out, const float *map, int width,
                      int height, float low, float gain) {
    for (long first = 0; first < width_out; first += RUN) {
        const int count = width_out - first < RUN ? (int)(width_out - first) : RUN;
        run(out, stride, first, count, width_out, height_out, map, width, height, low, gain);
    }
}

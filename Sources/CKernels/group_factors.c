// Group normalisation as factors of channels: a few numbers, the same on every CPU.
#include <math.h>
#include "table.h"

void fovea_group_factors(
    const fovea_group_params *p, const float *mean, const float *squares, const float *gamma, const float *beta, float *scale,
    float *shift) {
    const fovea_extent *e = &p->extent;
    const int64_t padded = e->blocked ? blocks16(e->channels) * 16 : e->channels, size = e->channels / p->groups;
    for (int64_t i = 0; i < e->batch * p->groups; ++i) {
        const int64_t first = i % p->groups * size, base = i / p->groups * padded + first;
        double m = 0, sum = 0;
        for (int64_t c = 0; c < size; ++c) m += mean[base + c] / (double)size;
        for (int64_t c = 0; c < size; ++c)
            sum += squares[base + c] + (mean[base + c] - m) * (mean[base + c] - m) * (double)e->pixels;
        const double factor = 1 / sqrt(sum / (double)(size * e->pixels) + p->epsilon);
        for (int64_t c = 0; c < size; ++c) {
            const int64_t parameter = p->by_group ? i % p->groups : first + c;
            const double s = factor * gamma[parameter];
            scale[base + c] = (float)s;
            shift[base + c] = (float)(beta[parameter] - m * s);
        }
    }
}

// The scalar reference of the kernels in bodies/gradient.h: one element after the other, one part does it all.
#include <math.h>
#include <string.h>
#include "reference.h"

static double slope_of(const fovea_slope *f, double v) {
    const double a = f->a, b = f->b, c = f->c, pi = 3.14159265358979323846;
    switch (f->kind) {
    case FOVEA_SLOPE_GATE: return v > a && v < b ? c : 0;
    case FOVEA_SLOPE_BENT: return v > 0 ? c : a * v + b;
    case FOVEA_SLOPE_SIGMOID: return v * (1 - v);
    case FOVEA_SLOPE_TANH: return 1 - v * v;
    case FOVEA_SLOPE_SOFTPLUS: return -expm1(-v);
    case FOVEA_SLOPE_EXP: return v;
    case FOVEA_SLOPE_SQRT: return 0.5 / v;
    case FOVEA_SLOPE_RECIPROCAL: return -v * v;
    case FOVEA_SLOPE_HARD_SWISH: return v <= -3 ? 0 : v >= 3 ? 1 : v / 3 + 0.5;
    case FOVEA_SLOPE_SILU: {
        const double s = 1 / (1 + exp(-a * v));
        return s * (1 + a * v * (1 - s));
    }
    case FOVEA_SLOPE_GELU_ERF: return 0.5 * (1 + erf(v / sqrt(2))) + v * exp(-v * v / 2) / sqrt(2 * pi);
    case FOVEA_SLOPE_GELU_TANH: {
        const double k = sqrt(2 / pi), t = tanh(k * (v + 0.044715 * v * v * v));
        return 0.5 * (1 + t) + 0.5 * v * (1 - t * t) * k * (1 + 3 * 0.044715 * v * v);
    }
    case FOVEA_SLOPE_ERF: return 2 / sqrt(pi) * exp(-v * v);
    case FOVEA_SLOPE_MISH: {
        const double t = tanh(fmax(v, 0) + log1p(exp(-fabs(v))));
        return t + v * (1 - t * t) / (1 + exp(-v));
    }
    case FOVEA_SLOPE_SOFTSIGN: return 1 / ((1 + fabs(v)) * (1 + fabs(v)));
    case FOVEA_SLOPE_LOG: return 1 / v;
    case FOVEA_SLOPE_SHARE: {
        const double divisor = v + (v < 0 ? -a : a);
        return divisor == 0 ? 0 : 1 / divisor;
    }
    default: return v > 0 ? 1 : v < 0 ? -1 : 0;
    }
}

void reference_slope_product(
    const fovea_slope_params *p, const float *g, const float *v, float *dx, int part, int parts) {
    (void)parts;
    const fovea_extent *e = &p->extent;
    const int64_t count = part ? 0 : fovea_extent_size(e), blocks = blocks16(e->channels);
    for (int64_t i = 0; i < count; ++i) {
        const double slope = slope_of(&p->slope, v[i]);
        const float from = p->broadcast == FOVEA_SAME ? g[i] : g[i / (16 * e->pixels) * 16 + i % 16];
        const int is_padding = e->blocked && i / 16 / e->pixels % blocks * 16 + i % 16 >= e->channels;
        dx[i] = is_padding || slope == 0 ? 0 : (float)(from * slope);
    }
}

void reference_spread(const fovea_extent *e, const float *v, float *y, int part, int parts) {
    (void)parts;
    const int64_t count = part ? 0 : fovea_extent_size(e);
    for (int64_t i = 0; i < count; ++i) y[i] = v[i / (16 * e->pixels) * 16 + i % 16];
}

// The taps of one window and channel, row by row: their places in the plane; the number of them inside, and in the padded input.
static int window_taps(const fovea_pool_params *p, int64_t oh, int64_t ow, int64_t *places, int64_t *padded) {
    int count = 0;
    *padded = 0;
    for (int32_t i = 0; i < p->kernel_height; ++i)
        for (int32_t j = 0; j < p->kernel_width; ++j) {
            const int64_t y = oh * p->stride_height - p->pad_top + (int64_t)i * p->dilation_height;
            const int64_t x = ow * p->stride_width - p->pad_left + (int64_t)j * p->dilation_width;
            if (y < p->in_height + p->pad_bottom && x < p->in_width + p->pad_right) ++*padded;
            if (y >= 0 && y < p->in_height && x >= 0 && x < p->in_width) {
                if (places) places[count] = y * p->in_width + x;
                ++count;
            }
        }
    return count;
}

static void window_gradient(
    const fovea_pool_gradient_params *q, int64_t oh, int64_t ow, float g, const float *x, const float *y, float *dx) {
    const fovea_pool_params *p = &q->pool;
    if (x && !(*y > q->gate_low && *y < q->gate_high)) return;
    int64_t padded;
    const int count = window_taps(p, oh, ow, NULL, &padded);
    if (count == 0) return;
    int64_t places[count];
    window_taps(p, oh, ow, places, &padded);
    for (int i = 0; i < count; ++i) {
        if (p->kind == FOVEA_POOL_AVERAGE) dx[16 * places[i]] += g / (float)(p->count_include_pad ? padded : count);
        else if (x[16 * places[i]] == *y) {
            dx[16 * places[i]] += g;
            return;
        }
    }
}

size_t reference_pool_gradient_scratch_size(const fovea_pool_gradient_params *q, int parts) {
    (void)q, (void)parts;
    return 0;
}

void reference_pool_gradient(
    const fovea_pool_gradient_params *q, const float *g, const float *x, const float *y, float *dx, void *scratch, int part,
    int parts) {
    (void)parts, (void)scratch;
    if (part) return;
    const fovea_pool_params *p = &q->pool;
    const int64_t blocks = blocks16(p->channels), in_plane = (int64_t)p->in_height * p->in_width * 16;
    for (int64_t plane = 0; plane < p->batch * blocks; ++plane) {
        const int64_t in = plane / blocks * p->in_batch_stride + plane % blocks * in_plane;
        const int64_t out = plane / blocks * p->out_batch_stride + plane % blocks * p->out_height * p->out_width * 16;
        memset(dx + in, 0, (size_t)in_plane * sizeof(float));
        for (int64_t oh = 0; oh < p->out_height; ++oh)
            for (int64_t ow = 0; ow < p->out_width; ++ow)
                for (int lane = 0; lane < 16; ++lane) {
                    const int64_t at = out + (oh * p->out_width + ow) * 16 + lane;
                    const float *largest = p->kind == FOVEA_POOL_MAX ? y + at : NULL;
                    window_gradient(q, oh, ow, g[at], largest ? x + in + lane : NULL, largest, dx + in + lane);
                }
    }
}

static float phase_value(const fovea_weave_params *p, const fovea_phase *phases, int64_t n, int64_t c, int64_t y, int64_t x) {
    const int64_t t = (y + p->pad_top) / p->stride_height, u = (x + p->pad_left) / p->stride_width;
    const int64_t r = (y + p->pad_top) % p->stride_height * p->stride_width + (x + p->pad_left) % p->stride_width;
    const fovea_phase *phase = p->joined ? phases : phases + r;
    if (!phase->data) return 0;
    const int64_t channel = p->joined ? r * p->channels + c : c;
    const int64_t blocks = blocks16(p->joined ? (int64_t)p->channels * p->stride_height * p->stride_width : p->channels);
    const int64_t row = (n * blocks + channel / 16) * phase->height + t - phase->first_row;
    return phase->data[(row * phase->width + u - phase->first_column) * 16 + channel % 16];
}

void reference_weave(
    const fovea_weave_params *p, const fovea_phase *phases, const float *residual, const float *gate, float *y, int part,
    int parts) {
    (void)parts;
    if (part) return;
    const int64_t lanes = p->joined ? 1 : 16, planes = p->joined ? p->channels : blocks16(p->channels);
    const int64_t count = p->batch * planes * p->height * p->width * lanes;
    for (int64_t i = 0; i < count; ++i) {
        const int64_t pixel = i / lanes % ((int64_t)p->height * p->width), plane = i / lanes / p->height / p->width;
        const int64_t c = plane % planes * lanes + i % lanes;
        const int inside = c < p->channels;
        float v = inside ? phase_value(p, phases, plane / planes, c, pixel / p->width, pixel % p->width) : 0;
        if (residual) v += residual[i];
        y[i] = gate && !(gate[i] > p->gate_low && gate[i] < p->gate_high) ? 0 : v;
    }
}

void reference_linear_adjoint(
    const fovea_linear_params *p, const float *g, const float *weights, float *y, int part, int parts) {
    const part_range r = share(p->in_features, part, parts);
    for (int64_t k = r.first; k < r.end; ++k) {
        double sum = 0;
        for (int64_t n = 0; n < p->out_features; ++n) sum += g[n] == 0 ? 0 : (double)g[n] * weights[n * p->in_features + k];
        y[k] = (float)sum;
    }
}

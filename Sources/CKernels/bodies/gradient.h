// Backward passes of element-wise functions, pools and strided convolutions.
#pragma once
#include "elementwise.h"
#include "window.h"

INLINE v16 slope_gelu(v16 v) {
    const v16 half = splat(0.5f), density = splat(0.398942280f) * exp16(-half * v * v);
    return fma16(v, density, half + half * erf16(v * splat(0.707106781f)));
}

INLINE v16 slope_gelu_tanh(v16 v) {
    const v16 one = splat(1), half = splat(0.5f), factor = splat(0.797884561f);
    const v16 t = tanh16(factor * fma16(v * v * v, splat(0.044715f), v));
    return half * (one + t) + half * v * (one - t * t) * factor * (one + splat(0.134145f) * v * v);
}

INLINE v16 slope_mish(v16 v) {
    const v16 t = tanh16(softplus16(v));
    return fma16(v * (splat(1) - t * t), sigmoid16(v), t);
}

INLINE v16 slope_value(const int kind, const fovea_slope *f, v16 v) {
    const v16 a = splat(f->a), b = splat(f->b), c = splat(f->c), zero = splat(0), one = splat(1);
    switch (kind) {
    case FOVEA_SLOPE_GATE: return pick((v > a) & (v < b), c, zero);
    case FOVEA_SLOPE_BENT: return pick(v > zero, c, fma16(v, a, b));
    case FOVEA_SLOPE_SIGMOID: return v * (one - v);
    case FOVEA_SLOPE_TANH: return one - v * v;
    case FOVEA_SLOPE_SOFTPLUS: return -expm1_16(-v);
    case FOVEA_SLOPE_EXP: return v;
    case FOVEA_SLOPE_SQRT: return splat(0.5f) / v;
    case FOVEA_SLOPE_RECIPROCAL: return -v * v;
    case FOVEA_SLOPE_HARD_SWISH:
        return pick(v <= splat(-3), zero, pick(v >= splat(3), one, fma16(v, splat(1.0f / 3), splat(0.5f))));
    case FOVEA_SLOPE_SILU: {
        const v16 s = sigmoid16(a * v);
        return s * fma16(a * v, one - s, one);
    }
    case FOVEA_SLOPE_GELU_ERF: return slope_gelu(v);
    case FOVEA_SLOPE_GELU_TANH: return slope_gelu_tanh(v);
    case FOVEA_SLOPE_ERF: return splat(1.12837917f) * exp16(-v * v);
    case FOVEA_SLOPE_MISH: return slope_mish(v);
    case FOVEA_SLOPE_SOFTSIGN: return one / ((one + abs16(v)) * (one + abs16(v)));
    case FOVEA_SLOPE_LOG: return one / v;
    case FOVEA_SLOPE_SHARE: {
        const v16 divisor = v + pick(v < zero, -a, a);
        return pick(divisor == zero, zero, one / divisor);
    }
    default: return pick(v > zero, one, pick(v < zero, -one, zero));
    }
}

// A slope of zero gives 0, also for an infinite gradient.
INLINE v16 slope_times(const int kind, const fovea_slope *f, v16 g, v16 v) {
    const v16 slope = slope_value(kind, f, v);
    return pick(slope == splat(0), splat(0), g * slope);
}

INLINE void slope_run(const int kind, const int held, const fovea_slope *f, const float *g, const float *v, float *y, int64_t count) {
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) storeu(y + i, slope_times(kind, f, loadu(held ? g : g + i), loadu(v + i)));
    if (i < count) {
        const int n = (int)(count - i);
        store_first(y + i, slope_times(kind, f, held ? loadu(g) : load_first(g + i, n), load_first(v + i, n)), n);
    }
}

#define SLOPE_CASE(kind) \
    case kind: held ? slope_run(kind, 1, f, g, v, y, count) : slope_run(kind, 0, f, g, v, y, count); break;

static void slope_span(const fovea_slope *f, int held, const float *g, const float *v, float *y, int64_t count) {
    switch (f->kind) {
        SLOPE_CASE(FOVEA_SLOPE_GATE)
        SLOPE_CASE(FOVEA_SLOPE_BENT)
        SLOPE_CASE(FOVEA_SLOPE_SIGMOID)
        SLOPE_CASE(FOVEA_SLOPE_TANH)
        SLOPE_CASE(FOVEA_SLOPE_SOFTPLUS)
        SLOPE_CASE(FOVEA_SLOPE_EXP)
        SLOPE_CASE(FOVEA_SLOPE_SQRT)
        SLOPE_CASE(FOVEA_SLOPE_RECIPROCAL)
        SLOPE_CASE(FOVEA_SLOPE_HARD_SWISH)
        SLOPE_CASE(FOVEA_SLOPE_SILU)
        SLOPE_CASE(FOVEA_SLOPE_GELU_ERF)
        SLOPE_CASE(FOVEA_SLOPE_GELU_TANH)
        SLOPE_CASE(FOVEA_SLOPE_ERF)
        SLOPE_CASE(FOVEA_SLOPE_MISH)
        SLOPE_CASE(FOVEA_SLOPE_SOFTSIGN)
        SLOPE_CASE(FOVEA_SLOPE_LOG)
        SLOPE_CASE(FOVEA_SLOPE_ABS)
        SLOPE_CASE(FOVEA_SLOPE_SHARE)
    }
}

static void slope_product(const fovea_slope_params *p, const float *g, const float *v, float *dx, int part, int parts) {
    const fovea_extent *e = &p->extent;
    const part_range r = span_share(fovea_extent_size(e), part, parts);
    if (p->broadcast == FOVEA_SAME) {
        if (r.end > r.first) slope_span(&p->slope, 0, g + r.first, v + r.first, dx + r.first, r.end - r.first);
    } else {
        const int64_t run = e->pixels * 16;
        for (int64_t i = r.first; i < r.end;) {
            const int64_t plane = i / run, end = smaller(r.end, (plane + 1) * run);
            slope_span(&p->slope, 1, g + 16 * plane, v + i, dx + i, end - i);
            i = end;
        }
    }
    if (needs_clear(e)) clear_padding(e, dx, r);
}

static void spread(const fovea_extent *e, const float *v, float *y, int part, int parts) {
    const part_range r = span_share(fovea_extent_size(e), part, parts);
    for (int64_t i = r.first; i < r.end; i += 16) store(y + i, load(v + i / (16 * e->pixels) * 16));
}

// The windows first ..< end of one axis that meet a range of the input.
INLINE part_range windows_over(part_range in, int32_t kernel, int32_t stride, int32_t dilation, int32_t pad, int32_t count) {
    const int64_t reach = in.first + pad - (int64_t)(kernel - 1) * dilation;
    part_range r = {reach <= 0 ? 0 : (reach + stride - 1) / stride, 0};
    r.end = smaller(count, (in.end - 1 + pad) / stride + 1);
    return r;
}

static void pool_scatter_average(
    const fovea_pool_gradient_params *q, v16 g, int64_t top, int64_t left, part_range band, float *dx) {
    const fovea_pool_params *p = &q->pool;
    const part_range rows = taps_inside(top, p->dilation_height, p->kernel_height, p->in_height);
    const part_range columns = taps_inside(left, p->dilation_width, p->kernel_width, p->in_width);
    pool_divide(p, top, left, rows, columns, &g);
    for (int64_t r = rows.first; r < rows.end; ++r) {
        const int64_t row = top + r * p->dilation_height;
        if (row < band.first || row >= band.end) continue;
        for (int64_t c = columns.first; c < columns.end; ++c) {
            const int64_t at = (row * p->in_width + left + c * p->dilation_width) * 16;
            store(dx + at, load(dx + at) + g);
        }
    }
}

// For one row of windows: the tap, counted row by row, at which each finds the first element that equals its largest; -1 where the gate
// lets nothing pass.
static void pool_find_taps(const fovea_pool_gradient_params *q, const float *x, const float *y, int64_t oh, int32_t *taps) {
    const fovea_pool_params *p = &q->pool;
    const v16 low = splat(q->gate_low), high = splat(q->gate_high);
    const int64_t top = oh * p->stride_height - p->pad_top;
    const part_range rows = taps_inside(top, p->dilation_height, p->kernel_height, p->in_height);
    for (int64_t ow = 0; ow < p->out_width; ++ow) {
        const int64_t left = ow * p->stride_width - p->pad_left;
        const part_range columns = taps_inside(left, p->dilation_width, p->kernel_width, p->in_width);
        const v16 largest = load(y + 16 * ow);
        i16 found = (i16)-1;
        for (int64_t r = rows.end - 1; r >= rows.first; --r) {
            const float *row = x + ((top + r * p->dilation_height) * p->in_width + left) * 16;
            for (int64_t c = columns.end - 1; c >= columns.first; --c) {
                const i16 hit = load(row + c * p->dilation_width * 16) == largest;
                found = hit ? (i16)(int32_t)(r * p->kernel_width + c) : found;
            }
        }
        const i16 passes = (largest > low) & (largest < high);
        *(i16 *)(taps + 16 * ow) = passes ? found : (i16)-1;
    }
}

// What one row of windows hands to a row of dx, whose taps begin at `first` in the windows; taps: of pool_find_taps for these windows.
static void pool_gather_windows(const fovea_pool_params *p, const float *g, const int32_t *taps, int32_t first, float *dx) {
    const int64_t reach = (int64_t)(p->kernel_width - 1) * p->dilation_width - p->pad_left;
    part_range across = {0, 0};
    for (int64_t x = 0; x < p->in_width; ++x) {
        while (across.end < p->out_width && across.end * p->stride_width - p->pad_left <= x) ++across.end;
        while (across.first < across.end && across.first * p->stride_width + reach < x) ++across.first;
        v16 sum = load(dx + 16 * x);
        for (int64_t ow = across.first; ow < across.end; ++ow) {
            const int64_t c = x + p->pad_left - ow * p->stride_width;
            if (p->dilation_width > 1 && c % p->dilation_width) continue;
            const i16 tap = *(const i16 *)(taps + ow * 16);
            const int32_t own = first + (int32_t)(p->dilation_width > 1 ? c / p->dilation_width : c);
            sum += pick(tap == (i16)own, load(g + ow * 16), splat(0));
        }
        store(dx + 16 * x, sum);
    }
}

// One row of dx of one block of channels; taps: of pool_find_taps for the row oh of windows at taps + oh % ring * out_width * 16.
static void pool_gather_row(
    const fovea_pool_params *p, const float *g, const int32_t *taps, int64_t ring, int64_t row, float *dx) {
    const part_range in = {row, row + 1};
    const part_range windows = windows_over(in, p->kernel_height, p->stride_height, p->dilation_height, p->pad_top, p->out_height);
    const int64_t line = (int64_t)p->out_width * 16;
    memset(dx, 0, (size_t)p->in_width * 16 * sizeof(float));
    for (int64_t oh = windows.first; oh < windows.end; ++oh) {
        const int64_t r = row + p->pad_top - oh * p->stride_height;
        if (p->dilation_height > 1 && r % p->dilation_height) continue;
        const int32_t first = (int32_t)((p->dilation_height > 1 ? r / p->dilation_height : r) * p->kernel_width);
        pool_gather_windows(p, g + oh * line, taps + oh % ring * line, first, dx);
    }
}

// Rows of windows that one row of dx may meet.
static int64_t pool_ring(const fovea_pool_params *p) {
    return (int64_t)(p->kernel_height - 1) * p->dilation_height / p->stride_height + 1;
}

static size_t pool_gradient_scratch_size(const fovea_pool_gradient_params *q, int parts) {
    if (q->pool.kind != FOVEA_POOL_MAX) return 0;
    return (size_t)(pool_ring(&q->pool) * q->pool.out_width * 16) * sizeof(int32_t) * (size_t)parts;
}

// The rows `band` of dx of one block of channels.
static void pool_gradient_plane(
    const fovea_pool_gradient_params *q, const float *g, const float *x, const float *y, float *dx, int32_t *taps, part_range band) {
    const fovea_pool_params *p = &q->pool;
    const int64_t row = (int64_t)p->in_width * 16, ring = pool_ring(p);
    const part_range all = windows_over(band, p->kernel_height, p->stride_height, p->dilation_height, p->pad_top, p->out_height);
    if (p->kind == FOVEA_POOL_MAX) {
        int64_t ready = all.first;
        for (int64_t r = band.first; r < band.end; ++r) {
            const part_range in = {r, r + 1};
            const part_range met = windows_over(in, p->kernel_height, p->stride_height, p->dilation_height, p->pad_top, p->out_height);
            for (; ready < met.end; ++ready)
                pool_find_taps(q, x, y + ready * p->out_width * 16, ready, taps + ready % ring * p->out_width * 16);
            pool_gather_row(p, g, taps, ring, r, dx + r * row);
        }
        return;
    }
    memset(dx + band.first * row, 0, (size_t)((band.end - band.first) * row) * sizeof(float));
    for (int64_t oh = all.first; oh < all.end; ++oh)
        for (int64_t ow = 0; ow < p->out_width; ++ow) {
            const int64_t top = oh * p->stride_height - p->pad_top, left = ow * p->stride_width - p->pad_left;
            pool_scatter_average(q, load(g + (oh * p->out_width + ow) * 16), top, left, band, dx);
        }
}

// A part has whole rows of dx, and looks at every window that meets them: each number is summed in one order, whatever the parts.
static void pool_gradient(
    const fovea_pool_gradient_params *q, const float *g, const float *x, const float *y, float *dx, void *scratch, int part,
    int parts) {
    const fovea_pool_params *p = &q->pool;
    const int64_t blocks = blocks16(p->channels), in_plane = (int64_t)p->in_height * p->in_width * 16;
    const int64_t out_plane = (int64_t)p->out_height * p->out_width * 16;
    const part_range all = share(p->batch * blocks * p->in_height, part, parts);
    int32_t *taps = scratch ? (int32_t *)scratch + pool_ring(p) * p->out_width * 16 * part : NULL;
    for (int64_t i = all.first; i < all.end;) {
        const int64_t plane = i / p->in_height, n = plane / blocks, c = plane % blocks;
        const part_range band = {i % p->in_height, smaller(p->in_height, i % p->in_height + all.end - i)};
        i += band.end - band.first;
        const int64_t in = n * p->in_batch_stride + c * in_plane, out = n * p->out_batch_stride + c * out_plane;
        pool_gradient_plane(q, g + out, x ? x + in : NULL, y ? y + out : NULL, dx + in, taps, band);
    }
}

// One row of one block of channels.
static void weave_row(
    const fovea_weave_params *p, const fovea_phase *phases, int64_t plane, int64_t row, const float *residual, const float *gate,
    float *y) {
    const int64_t t = (row + p->pad_top) / p->stride_height, r = (row + p->pad_top) % p->stride_height;
    const v16 low = splat(p->gate_low), high = splat(p->gate_high);
    for (int32_t s = 0; s < p->stride_width; ++s) {
        const fovea_phase *phase = phases + r * p->stride_width + s;
        int64_t x = (s - p->pad_left % p->stride_width + p->stride_width) % p->stride_width;
        const float *from = NULL;
        if (phase->data) {
            const int64_t column = (x + p->pad_left) / p->stride_width - phase->first_column;
            from = phase->data + ((plane * phase->height + t - phase->first_row) * phase->width + column) * 16;
        }
        for (; x < p->width; x += p->stride_width) {
            v16 v = from ? load(from) : splat(0);
            if (from) from += 16;
            if (residual) v += load(residual + 16 * x);
            if (gate) {
                const v16 w = load(gate + 16 * x);
                v = pick((w > low) & (w < high), v, splat(0));
            }
            store(y + 16 * x, v);
        }
    }
}

static void weave_joined_row(const fovea_weave_params *p, const fovea_phase *phase, int64_t n, int64_t c, int64_t row, float *y) {
    const int64_t t = (row + p->pad_top) / p->stride_height - phase->first_row, r = (row + p->pad_top) % p->stride_height;
    const int64_t blocks = blocks16((int64_t)p->channels * p->stride_height * p->stride_width);
    const int64_t pixels = (int64_t)phase->height * phase->width;
    for (int32_t s = 0; s < p->stride_width; ++s) {
        const int64_t channel = (r * p->stride_width + s) * p->channels + c;
        int64_t x = (s - p->pad_left % p->stride_width + p->stride_width) % p->stride_width;
        const int64_t column = (x + p->pad_left) / p->stride_width - phase->first_column;
        const float *from =
            phase->data + ((n * blocks + channel / 16) * pixels + t * phase->width + column) * 16 + channel % 16;
        for (; x < p->width; x += p->stride_width, from += 16) y[x] = *from;
    }
}

static void weave(
    const fovea_weave_params *p, const fovea_phase *phases, const float *residual, const float *gate, float *y, int part,
    int parts) {
    const int64_t planes = p->batch * (p->joined ? p->channels : blocks16(p->channels)), lanes = p->joined ? 1 : 16;
    const part_range range = share(planes * p->height, part, parts);
    for (int64_t i = range.first; i < range.end; ++i) {
        const int64_t plane = i / p->height, row = i % p->height, at = i * p->width * lanes;
        if (p->joined) weave_joined_row(p, phases, plane / p->channels, plane % p->channels, row, y + at);
        else weave_row(p, phases, plane, row, residual ? residual + at : NULL, gate ? gate + at : NULL, y + at);
    }
}

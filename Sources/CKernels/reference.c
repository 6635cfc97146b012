// Scalar references of the matrix, element-wise, row-wise and layout kernels, straight from their definitions.
#include <math.h>
#include <string.h>
#include "reference.h"

static size_t linear_weights_size(const fovea_linear_params *p) { return (size_t)p->in_features * (size_t)p->out_features; }

static float linear_pack(
    const fovea_linear_params *p, const float *source, int64_t n_stride, int64_t k_stride, float scale, float *packed) {
    const int is_rounded = p->weights == FOVEA_WEIGHTS_20_BITS || p->weights == FOVEA_WEIGHTS_FP16;
    float worst = 0;
    for (int64_t n = 0; n < p->out_features; ++n, packed += p->in_features) {
        for (int64_t k = 0; k < p->in_features; ++k) packed[k] = source[n * n_stride + k * k_stride] * scale;
        if (is_rounded) worst = fmaxf(worst, reference_round_weights(p->weights, packed, p->in_features));
    }
    return worst;
}

static void linear(const fovea_linear_params *p, const fovea_linear_args *a, int part, int parts) {
    const part_range r = share((int64_t)p->rows * p->out_features, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        const int64_t m = i / p->out_features, n = i % p->out_features, at = m * p->out_row_stride + n;
        double sum = a->bias ? a->bias[n] : 0;
        for (int64_t k = 0; k < p->in_features; ++k)
            sum += (double)a->input[m * p->in_row_stride + k] * a->weights[n * p->in_features + k];
        const float value = a->residual ? (float)sum + a->residual[at] : (float)sum;
        a->output[at] = fovea_activate(p->activation, value);
    }
}

static size_t matmul_scratch_size(const fovea_matmul_params *p, int parts) {
    (void)p, (void)parts;
    return 0;
}

static void matmul(
    const fovea_matmul_params *p, const float *a, const float *b, float *c, void *scratch, int part, int parts) {
    (void)scratch;
    const part_range r = share((int64_t)p->batch * p->m * p->n, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        const int64_t n = i % p->n, m = i / p->n % p->m, item = i / p->n / p->m;
        double sum = 0;
        for (int64_t k = 0; k < p->k; ++k)
            sum += (double)a[item * p->a_batch + m * p->a_row + k * p->a_column] *
                   b[item * p->b_batch + k * p->b_row + n * p->b_column];
        c[i] = fovea_activate(p->activation, (float)(p->alpha * sum));
    }
}

// Where the i-th float of an extent lies.
typedef struct {
    int64_t batch, channel, pixel;
} place;

static place place_of(const fovea_extent *e, int64_t i) {
    if (!e->blocked) return (place){i / e->pixels / e->channels, i / e->pixels % e->channels, i % e->pixels};
    const int64_t plane = i / 16 / e->pixels, blocks = blocks16(e->channels);
    return (place){plane / blocks, plane % blocks * 16 + i % 16, i / 16 % e->pixels};
}

static void unary(const fovea_extent *e, fovea_activation f, const float *x, float *y, int part, int parts) {
    const part_range r = share(fovea_extent_size(e), part, parts);
    for (int64_t i = r.first; i < r.end; ++i) y[i] = place_of(e, i).channel < e->channels ? fovea_activate(f, x[i]) : 0;
}

static int64_t operand_at(const fovea_binary_params *p, int64_t i) {
    const fovea_extent *e = &p->extent;
    const place at = place_of(e, i);
    const int64_t channels = e->blocked ? blocks16(e->channels) * 16 : e->channels;
    switch (p->broadcast) {
    case FOVEA_SAME: return i;
    case FOVEA_CHANNEL: return at.channel;
    case FOVEA_CHANNEL_BATCH: return at.batch * channels + at.channel;
    case FOVEA_PIXEL: return at.batch * e->pixels + at.pixel;
    default: return 0;
    }
}

static void binary(const fovea_binary_params *p, const float *x, const float *other, float *y, int part, int parts) {
    const part_range r = share(fovea_extent_size(&p->extent), part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        const float b = other[operand_at(p, i)], v = p->swapped ? reference_combine(p->kind, b, x[i]) : reference_combine(p->kind, x[i], b);
        y[i] = place_of(&p->extent, i).channel < p->extent.channels ? fovea_activate(p->activation, v) : 0;
    }
}

static void channel_affine(
    const fovea_extent *e, fovea_activation f, const float *x, const float *scale, const float *shift, float *y, int part,
    int parts) {
    const part_range r = share(fovea_extent_size(e), part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        const int64_t c = place_of(e, i).channel;
        const double v = c < e->channels ? (double)x[i] * scale[c] + (shift ? shift[c] : 0) : 0;
        y[i] = c < e->channels ? fovea_activate(f, (float)v) : 0;
    }
}

static size_t lrn_scratch_size(const fovea_lrn_params *p, int parts) {
    (void)p, (void)parts;
    return 0;
}

static void lrn(const fovea_lrn_params *p, const float *x, float *y, void *scratch, int part, int parts) {
    (void)scratch;
    const fovea_extent *e = &p->extent;
    const int64_t blocks = blocks16(e->channels);
    const part_range r = share(fovea_extent_size(e), part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        const place at = place_of(e, i);
        const int64_t first = larger(0, at.channel - (p->size - 1) / 2), end = smaller(e->channels, at.channel + p->size / 2 + 1);
        double sum = 0;
        for (int64_t c = first; c < end; ++c) {
            const double v = x[((at.batch * blocks + c / 16) * e->pixels + at.pixel) * 16 + c % 16];
            sum += v * v;
        }
        y[i] = at.channel < e->channels ? (float)(x[i] * pow(p->bias + (double)p->alpha / p->size * sum, -(double)p->beta)) : 0;
    }
}

static void reduce_rows(
    fovea_reduce_kind kind, int64_t rows, int64_t columns, const float *x, float *y, int part, int parts) {
    const part_range r = share(rows, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) y[i] = (float)reference_reduce(kind, x + i * columns, columns, 1);
}

static void softmax(int64_t rows, int64_t columns, int log_form, const float *x, float *y, int part, int parts) {
    const part_range r = share(rows, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        const float *in = x + i * columns;
        const double top = reference_reduce(FOVEA_REDUCE_MAX, in, columns, 1);
        double sum = 0;
        for (int64_t c = 0; c < columns; ++c) sum += exp(in[c] - top);
        for (int64_t c = 0; c < columns; ++c)
            y[i * columns + c] = (float)(log_form ? in[c] - top - log(sum) : exp(in[c] - top) / sum);
    }
}

static void layer_norm(
    int64_t rows, int64_t columns, float epsilon, const float *x, const float *gamma, const float *beta, float *y, int part,
    int parts) {
    const part_range r = share(rows, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        const float *in = x + i * columns;
        const double mean = reference_reduce(FOVEA_REDUCE_MEAN, in, columns, 1);
        double variance = 0;
        for (int64_t c = 0; c < columns; ++c) variance += (in[c] - mean) * (in[c] - mean);
        const double scale = 1 / sqrt(variance / (double)columns + epsilon);
        for (int64_t c = 0; c < columns; ++c)
            y[i * columns + c] = (float)((in[c] - mean) * scale * (gamma ? gamma[c] : 1) + (beta ? beta[c] : 0));
    }
}

static void to_blocked(const fovea_layout_params *p, const float *plain, float *blocked, int part, int parts) {
    const int64_t lanes = blocks16(p->channels) * 16;
    const part_range r = share(p->batch * lanes, part, parts);
    for (int64_t i = r.first; i < r.end; ++i)
        for (int64_t pixel = 0; pixel < p->pixels; ++pixel) {
            const int64_t n = i / lanes, c = i % lanes;
            blocked[n * p->blocked_batch_stride + (c / 16 * p->pixels + pixel) * 16 + c % 16] =
                c < p->channels ? plain[n * p->plain_batch_stride + c * p->pixels + pixel] : 0;
        }
}

static void from_blocked(const fovea_layout_params *p, const float *blocked, float *plain, int part, int parts) {
    const part_range r = share((int64_t)p->batch * p->channels, part, parts);
    for (int64_t i = r.first; i < r.end; ++i)
        for (int64_t pixel = 0; pixel < p->pixels; ++pixel) {
            const int64_t n = i / p->channels, c = i % p->channels;
            plain[n * p->plain_batch_stride + c * p->pixels + pixel] =
                blocked[n * p->blocked_batch_stride + (c / 16 * p->pixels + pixel) * 16 + c % 16];
        }
}

static void transpose(const fovea_transpose_params *p, const uint32_t *x, uint32_t *y, int part, int parts) {
    int64_t strides[8], count = 1;
    for (int axis = p->rank - 1; axis >= 0; --axis) strides[axis] = count, count *= p->extents[axis];
    const part_range r = share(count, part, parts);
    for (int64_t i = r.first; i < r.end; ++i) {
        int64_t from = 0, rest = i;
        for (int axis = p->rank - 1; axis >= 0; --axis) {
            from += rest % p->extents[p->permutation[axis]] * strides[p->permutation[axis]];
            rest /= p->extents[p->permutation[axis]];
        }
        y[i] = x[from];
    }
}

static void gather_channels(const fovea_gather_params *p, const float *const *inputs, float *output, int part, int parts) {
    const int64_t blocks = blocks16(p->channels);
    const part_range all = share(p->batch * blocks * p->pixels, part, parts);
    for (int64_t i = all.first; i < all.end; ++i) {
        const int64_t pixel = i % p->pixels, block = i / p->pixels % blocks, n = i / p->pixels / blocks;
        for (int64_t lane = 0; lane < 16; ++lane) {
            float *y = output + n * p->out_batch_stride + (block * p->pixels + pixel) * 16 + lane;
            const int64_t c = block * 16 + lane;
            *y = 0;
            if (c >= p->channels) continue;
            const float *x = inputs[p->source[c]] + n * p->in_batch_strides[p->source[c]];
            *y = x[(p->channel[c] / 16 * p->pixels + pixel) * 16 + p->channel[c] % 16];
        }
    }
}

static double fma_loop(int64_t rounds, float seed, float *result) {
    float sums[8];
    for (int i = 0; i < 8; ++i) sums[i] = seed * (float)i;
    for (int64_t round = 0; round < rounds; ++round)
        for (int i = 0; i < 8; ++i) sums[i] = sums[i] * seed + (1 - seed);
    *result = 0;
    for (int i = 0; i < 8; ++i) *result += sums[i];
    return 2.0 * 8 * (double)rounds;
}

static int conv_splits_channels(const fovea_conv_params *p, int parts) {
    (void)p, (void)parts;
    return 1;
}

const kernel_table fovea_table_scalar = {
    .conv_weights_size = reference_conv_packed_size,
    .conv_pack = reference_conv_pack,
    .conv_scratch_size = reference_conv_scratch_size,
    .conv_splits_channels = conv_splits_channels,
    .conv_products = conv_direct_products,
    .conv = reference_conv,
    .pool = reference_pool,
    .global_pool = reference_global_pool,
    .linear_weights_size = linear_weights_size,
    .linear_pack = linear_pack,
    .linear = linear,
    .linear_adjoint = reference_linear_adjoint,
    .matmul_scratch_size = matmul_scratch_size,
    .matmul = matmul,
    .unary = unary,
    .binary = binary,
    .channel_affine = channel_affine,
    .lrn_scratch_size = lrn_scratch_size,
    .lrn = lrn,
    .softmax = softmax,
    .layer_norm = layer_norm,
    .reduce_rows = reduce_rows,
    .to_blocked = to_blocked,
    .from_blocked = from_blocked,
    .transpose = transpose,
    .fma_loop = fma_loop,
    .slope_product = reference_slope_product,
    .spread = reference_spread,
    .pool_gradient_scratch_size = reference_pool_gradient_scratch_size,
    .pool_gradient = reference_pool_gradient,
    .weave = reference_weave,
    .gather_channels = gather_channels,
    .binary_axes = reference_binary_axes,
    .reduce_columns = reference_reduce_columns,
    .channel_moments = reference_channel_moments,
};

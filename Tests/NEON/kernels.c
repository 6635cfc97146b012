// Compares the kernels of the best instruction set of the CPU that this runs on with the scalar reference, over random shapes:
// the short form of Tests/CKernelsTests for machines without Swift. Scripts/test-neon.sh runs it under an emulator.
#include "CKernels.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 20;
static int failures, checks;

// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
static uint64_t next(void) {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}
static int pick(int low, int high) { return low + (int)(next() % (uint64_t)(high - low + 1)); }
static float number(void) { return (float)(next() >> 40) * 0x1p-23f - 1; }

static float *floats(int64_t count) {
    const size_t bytes = ((size_t)(count > 16 ? count : 16) * sizeof(float) + 63) / 64 * 64;
    float *p = aligned_alloc(64, bytes);
    if (!p) exit(2);
    memset(p, 0, bytes);
    return p;
}
static float *noise(int64_t count) {
    float *p = floats(count);
    for (int64_t i = 0; i < count; ++i) p[i] = number();
    return p;
}
// [batch][blocks][pixels][16] with zeros in the lanes past the last channel.
static float *blocked_noise(int batch, int channels, int64_t pixels) {
    const int64_t blocks = (channels + 15) / 16, count = batch * blocks * pixels * 16;
    float *p = noise(count);
    for (int64_t i = 0; i < count; ++i)
        if (i / 16 / pixels % blocks * 16 + i % 16 >= channels) p[i] = 0;
    return p;
}

// |a - b| <= tolerance (1 + |b|) for each number; equal infinities and two NaNs are equal. Frees a, for it is one of many.
static void expect(const char *what, float *a, const float *b, int64_t count, float tolerance) {
    ++checks;
    for (int64_t i = 0; i < count; ++i) {
        if (a[i] == b[i] || (a[i] != a[i] && b[i] != b[i]) || fabsf(a[i] - b[i]) <= tolerance * (1 + fabsf(b[i]))) continue;
        if (++failures <= 20) printf("%s: %g instead of %g at %lld of %lld\n", what, a[i], b[i], (long long)i, (long long)count);
        break;
    }
    free(a);
}

static float *run_conv(fovea_isa isa, const fovea_conv_params *p, fovea_conv_args a, const float *weights, int parts) {
    float *packed = floats((int64_t)fovea_conv_weights_size(isa, p)), *out = floats(p->out_batch_stride * p->batch);
    float *scratch = floats((int64_t)(fovea_conv_scratch_size(isa, p, parts) / 4));
    fovea_conv_pack(isa, p, weights, packed);
    a.weights = packed, a.output = out, a.scratch = scratch;
    for (int part = 0; part < parts; ++part) fovea_conv(isa, p, &a, part, parts);
    free(packed), free(scratch);
    return out;
}

static int winograd_kernel(fovea_conv_algorithm algorithm) {
    return algorithm == FOVEA_CONV_WINOGRAD_4_5 ? 5 : algorithm == FOVEA_CONV_WINOGRAD_3_4 ? 4 : 3;
}

static fovea_conv_params conv_shape(fovea_conv_algorithm algorithm) {
    const int winograd = algorithm >= FOVEA_CONV_WINOGRAD_4_3, planar = algorithm == FOVEA_CONV_PLANAR;
    fovea_conv_params p = {.algorithm = algorithm, .batch = pick(1, 2), .groups = winograd || planar ? 1 : pick(1, 3)};
    p.in_channels = p.groups * (planar ? pick(1, 4) : pick(1, pick(0, 3) ? 20 : 300));
    p.out_channels = p.groups * pick(1, 40);
    if (algorithm == FOVEA_CONV_DEPTHWISE) p.groups = p.in_channels = p.out_channels = pick(1, 40);
    p.kernel_height = p.kernel_width = winograd ? winograd_kernel(algorithm) : pick(1, 5);
    p.stride_height = p.stride_width = winograd ? 1 + (algorithm >= FOVEA_CONV_WINOGRAD_4_3_2) : pick(1, 2);
    p.dilation_height = p.dilation_width = winograd || pick(0, 2) ? 1 : 2;
    p.pad_top = p.pad_left = pick(0, 2);
    p.in_height = pick(9, 15), p.in_width = pick(9, 15);
    const int span = (p.kernel_height - 1) * p.dilation_height + 1;
    p.out_height = (p.in_height + 2 * p.pad_top - span) / p.stride_height + 1;
    p.out_width = (p.in_width + 2 * p.pad_left - span) / p.stride_width + 1;
    if (algorithm == FOVEA_CONV_TRANSPOSE) {
        p.out_height = (p.in_height - 1) * p.stride_height + span - 2 * p.pad_top;
        p.out_width = (p.in_width - 1) * p.stride_width + span - 2 * p.pad_left;
    }
    const fovea_activation f[] = {{FOVEA_ACT_NONE, 0, 0, 0}, {FOVEA_ACT_CLIP, 0.25f, 0.75f, 0}, {FOVEA_ACT_SIGMOID, 0, 0, 0}};
    p.activation = f[pick(0, 2)];
    const int64_t in_blocks = planar ? p.in_channels : (p.in_channels + 15) / 16 * 16;
    p.in_batch_stride = in_blocks * p.in_height * p.in_width;
    p.out_batch_stride = p.residual_batch_stride = (int64_t)(p.out_channels + 15) / 16 * 16 * p.out_height * p.out_width;
    return p;
}

#define ALGORITHMS (FOVEA_CONV_WINOGRAD_3_3_2 + 1)

static void convolutions(fovea_isa isa) {
    for (int i = 0; i < 20 * ALGORITHMS; ++i) {
        const fovea_conv_params p = conv_shape((fovea_conv_algorithm)(i % ALGORITHMS));
        if (!fovea_conv_accepts(&p)) continue;
        const int64_t pixels = (int64_t)p.in_height * p.in_width;
        float *input = i % ALGORITHMS == FOVEA_CONV_PLANAR ? noise(p.batch * p.in_batch_stride) : blocked_noise(p.batch, p.in_channels, pixels);
        float *weights = noise((int64_t)p.in_channels * p.out_channels * p.kernel_height * p.kernel_width);
        float *bias = blocked_noise(1, p.out_channels, 1);
        float *residual = pick(0, 1) ? blocked_noise(p.batch, p.out_channels, (int64_t)p.out_height * p.out_width) : NULL;
        const fovea_conv_args a = {.input = input, .bias = bias, .residual = residual};
        float *want = run_conv(FOVEA_SCALAR, &p, a, weights, 1);
        char what[64];
        snprintf(what, sizeof what, "convolution %d, algorithm %d", i, i % ALGORITHMS);
        for (int parts = 1; parts <= 3; ++parts)
            expect(what, run_conv(isa, &p, a, weights, parts), want, p.out_batch_stride * p.batch, 1e-3f);
        free(input), free(weights), free(bias), free(residual), free(want);
    }
}

static float *run_linear(fovea_isa isa, const fovea_linear_params *p, const float *x, const float *w, const float *bias, float *loss) {
    float *packed = floats((int64_t)fovea_linear_weights_size(isa, p)), *y = floats((int64_t)p->rows * p->out_features);
    *loss = fovea_linear_pack(isa, p, w, p->in_features, 1, 1, packed);
    const fovea_linear_args a = {.input = x, .weights = packed, .bias = bias, .output = y};
    for (int part = 0; part < 2; ++part) fovea_linear(isa, p, &a, part, 2);
    free(packed);
    return y;
}

static void products(fovea_isa isa) {
    for (int i = 0; i < 24; ++i) {
        fovea_linear_params p = {.rows = i % 4 ? 1 : pick(1, 9), .in_features = pick(1, 600), .out_features = pick(1, 70)};
        p.in_row_stride = p.in_features, p.out_row_stride = p.out_features, p.weights = (fovea_weights)(i % 4);
        float *x = noise((int64_t)p.rows * p.in_features), *w = noise((int64_t)p.in_features * p.out_features);
        float *bias = noise(p.out_features), lost[2];
        float *want = run_linear(FOVEA_SCALAR, &p, x, w, bias, lost);
        expect("linear", run_linear(isa, &p, x, w, bias, lost + 1), want, (int64_t)p.rows * p.out_features, 1e-4f);
        float *loss = floats(1);
        *loss = lost[1];
        expect("what rounding loses", loss, lost, 1, 1e-4f);
        free(x), free(w), free(bias), free(want);

        fovea_matmul_params m = {.batch = pick(1, 2), .m = pick(1, 20), .n = pick(1, 70), .k = pick(1, 400), .alpha = 0.5f};
        m.a_batch = (int64_t)m.m * m.k, m.b_batch = (int64_t)m.k * m.n, m.a_row = m.k, m.a_column = 1, m.b_row = m.n, m.b_column = 1;
        if (i % 2) m.a_row = 1, m.a_column = m.m, m.b_row = 1, m.b_column = m.k;
        float *a = noise(m.batch * m.a_batch), *b = noise(m.batch * m.b_batch), *c[2];
        const fovea_isa isas[2] = {FOVEA_SCALAR, isa};
        for (int k = 0; k < 2; ++k) {
            c[k] = floats((int64_t)m.batch * m.m * m.n);
            float *scratch = floats((int64_t)(fovea_matmul_scratch_size(isas[k], &m, 2) / 4));
            for (int part = 0; part < 2; ++part) fovea_matmul(isas[k], &m, a, b, c[k], scratch, part, 2);
            free(scratch);
        }
        expect("matrix product", c[1], c[0], (int64_t)m.batch * m.m * m.n, 1e-4f);
        free(a), free(b), free(c[0]);
    }
}

static void pools(fovea_isa isa) {
    for (int i = 0; i < 24; ++i) {
        fovea_pool_params p = {.kind = (fovea_pool_kind)(i % 2), .batch = 2, .channels = pick(1, 40), .in_height = pick(4, 12)};
        p.in_width = pick(4, 12), p.kernel_height = p.kernel_width = pick(1, 3), p.stride_height = p.stride_width = pick(1, 2);
        p.dilation_height = p.dilation_width = 1, p.pad_top = p.pad_left = p.pad_bottom = p.pad_right = p.kernel_height / 2;
        p.count_include_pad = i / 2 % 2;
        p.out_height = (p.in_height + 2 * p.pad_top - p.kernel_height) / p.stride_height + 1;
        p.out_width = (p.in_width + 2 * p.pad_left - p.kernel_width) / p.stride_width + 1;
        const int64_t lanes = (p.channels + 15) / 16 * 16;
        p.in_batch_stride = lanes * p.in_height * p.in_width, p.out_batch_stride = lanes * p.out_height * p.out_width;
        float *x = blocked_noise(2, p.channels, (int64_t)p.in_height * p.in_width), *y[2];
        for (int global = 0; global < 2; ++global) {
            if (global) p.out_batch_stride = lanes;
            for (int k = 0; k < 2; ++k) {
                y[k] = floats(2 * p.out_batch_stride);
                for (int part = 0; part < 2; ++part) {
                    if (global) fovea_global_pool(k ? isa : FOVEA_SCALAR, &p, x, y[k], part, 2);
                    else fovea_pool(k ? isa : FOVEA_SCALAR, &p, x, y[k], part, 2);
                }
            }
            expect(global ? "global pool" : "pool", y[1], y[0], 2 * p.out_batch_stride, 1e-5f);
            free(y[0]);
        }
        free(x);
    }
}

// Positive numbers and numbers of either sign, and the ends of the line.
static void functions(fovea_isa isa) {
    const fovea_extent e = {1, 1, 203, 0};
    float *x = noise(203), *other = noise(203), *y[2] = {floats(203), NULL};
    const float ends[] = {0, -0.0f, INFINITY, -INFINITY, NAN, 88, -88, 1e-30f, 100, -100};
    for (int i = 0; i < 203; ++i) x[i] = i < 10 ? ends[i] : x[i] * (i % 2 ? 1 : 9), other[i] += other[i] < 0 ? -0.5f : 0.5f;
    for (int kind = 0; kind < FOVEA_ACT_COUNT; ++kind) {
        const fovea_activation f = {(fovea_activation_kind)kind, kind == FOVEA_ACT_POW ? 2 : 0.3f, kind == FOVEA_ACT_QUANTIZE ? -6 : 0.6f, 7};
        y[1] = floats(203);
        fovea_unary(FOVEA_SCALAR, &e, f, x, y[0], 0, 1);
        for (int part = 0; part < 2; ++part) fovea_unary(isa, &e, f, x, y[1], part, 2);
        char what[32];
        snprintf(what, sizeof what, "function %d", kind);
        expect(what, y[1], y[0], 203, 2e-5f);
    }
    for (int kind = 0; kind <= FOVEA_PRELU; ++kind) {
        const fovea_binary_params p = {.extent = e, .kind = (fovea_binary_kind)kind, .broadcast = FOVEA_SAME};
        y[1] = floats(203);
        fovea_binary(FOVEA_SCALAR, &p, x, other, y[0], 0, 1);
        fovea_binary(isa, &p, x, other, y[1], 0, 1);
        expect("two operands", y[1], y[0], 203, 2e-5f);
    }
    free(x), free(other), free(y[0]);
}

#define REDUCTIONS (FOVEA_REDUCE_PRODUCT + 1)

static void rows(fovea_isa isa) {
    for (int columns = 1; columns < 70; columns += 7) {
        float *x = noise(3 * columns), *gamma = noise(columns), *beta = noise(columns);
        for (int kind = 0; kind < 3 + REDUCTIONS; ++kind) {
            float *y[2];
            for (int k = 0; k < 2; ++k) {
                const fovea_isa i = k ? isa : FOVEA_SCALAR;
                y[k] = floats(3 * columns);
                if (kind < 2) fovea_softmax(i, 3, columns, kind, x, y[k], 0, 1);
                else if (kind == 2) fovea_layer_norm(i, 3, columns, 1e-5f, x, gamma, beta, y[k], 0, 1);
                else fovea_reduce_rows(i, (fovea_reduce_kind)(kind - 3), 3, columns, x, y[k], 0, 1);
            }
            expect("rows", y[1], y[0], 3 * columns, 1e-4f);
            free(y[0]);
        }
        free(x), free(gamma), free(beta);
    }
}

static void channels(fovea_isa isa) {
    for (int count = 1; count < 50; count += 8) {
        const int64_t pixels = 35, size = (count + 15) / 16 * 16 * pixels;
        const fovea_extent e = {1, count, pixels, 1};
        const fovea_lrn_params p = {.extent = e, .size = 5, .alpha = 0.1f, .beta = 0.75f, .bias = 1};
        const fovea_layout_params layout = {1, count, pixels, count * pixels, size};
        const fovea_activation f = {FOVEA_ACT_RELU, 0, 0, 0};
        float *x = blocked_noise(1, count, pixels), *scale = blocked_noise(1, count, 1), *y[3][2];
        for (int k = 0; k < 2; ++k) {
            const fovea_isa i = k ? isa : FOVEA_SCALAR;
            float *scratch = floats((int64_t)(fovea_lrn_scratch_size(i, &p, 1) / 4));
            y[0][k] = floats(size), y[1][k] = floats(size), y[2][k] = floats(size);
            fovea_channel_affine(i, &e, f, x, scale, scale, y[0][k], 0, 1);
            fovea_lrn(i, &p, x, y[1][k], scratch, 0, 1);
            float *plain = floats(count * pixels);
            fovea_from_blocked(i, &layout, x, plain, 0, 1);
            fovea_to_blocked(i, &layout, plain, y[2][k], 0, 1);
            free(plain), free(scratch);
        }
        expect("layouts there and back", y[2][1], x, size, 0);
        expect("layouts there and back, scalar", y[2][0], x, size, 0);
        expect("factor and shift", y[0][1], y[0][0], size, 1e-6f);
        expect("response normalisation", y[1][1], y[1][0], size, 2e-5f);
        free(x), free(scale), free(y[0][0]), free(y[1][0]);
    }
}

// Two operands over three axes; each repeats along some, but not both along the last.
static fovea_binary_axes_params broadcast_shape(int kind) {
    fovea_binary_axes_params p = {.rank = 3, .extents = {pick(2, 4), pick(2, 5), pick(2, 300)}, .kind = (fovea_binary_kind)kind};
    p.activation.kind = pick(0, 2) ? FOVEA_ACT_NONE : FOVEA_ACT_SIGMOID;
    const int last = pick(1, 3), whole = kind == FOVEA_PRELU;
    int64_t x_step = 1, other_step = 1;
    for (int axis = 2; axis >= 0; --axis) {
        if (whole || (axis == 2 ? last & 1 : pick(0, 2))) p.x_steps[axis] = x_step, x_step *= p.extents[axis];
        if (axis == 2 ? last & 2 || !(last & 1) : pick(0, 2)) p.other_steps[axis] = other_step, other_step *= p.extents[axis];
    }
    return p;
}

static void broadcasts(fovea_isa isa) {
    for (int i = 0; i < 80; ++i) {
        const fovea_binary_axes_params p = broadcast_shape(i % (FOVEA_PRELU + 1));
        const int64_t count = p.extents[0] * p.extents[1] * p.extents[2];
        float *x = noise(count), *other = noise(count), *y[2];
        // Powers and quotients need positive numbers.
        for (int64_t k = 0; p.kind != FOVEA_PRELU && k < count; ++k) x[k] = 1.25f + 0.75f * x[k], other[k] = 1.25f + 0.75f * other[k];
        for (int k = 0; k < 2; ++k) {
            y[k] = floats(count);
            for (int part = 0; part < 3; ++part) fovea_binary_axes(k ? isa : FOVEA_SCALAR, &p, x, other, y[k], part, 3);
        }
        expect("broadcast operands", y[1], y[0], count, 2e-6f);
        free(x), free(other), free(y[0]);
    }
}

static void columns(fovea_isa isa) {
    const int shapes[][3] = {{1, 1, 1}, {2, 3, 5}, {3, 2, 64}, {1, 300, 3}, {2, 129, 17}, {1, 5, 131}, {3, 7, 96}};
    for (int i = 0; i < 7 * REDUCTIONS; ++i) {
        const int *s = shapes[i % 7];
        float *x = noise((int64_t)s[0] * s[1] * s[2]), *y[2];
        for (int k = 0; k < 2; ++k) {
            y[k] = floats((int64_t)s[0] * s[2]);
            for (int part = 0; part < 2; ++part)
                fovea_reduce_columns(k ? isa : FOVEA_SCALAR, (fovea_reduce_kind)(i / 7), s[0], s[1], s[2], x, y[k], part, 2);
        }
        expect("columns", y[1], y[0], (int64_t)s[0] * s[2], 2e-5f);
        free(x), free(y[0]);
    }
}

// Far from zero, where sums of squares would have lost the variance; compared as mean squares, for sums grow with the pixels.
static void moments(fovea_isa isa) {
    const int pixels[] = {1, 2, 15, 16, 17, 49, 255, 257, 300, 4099};
    for (int i = 0; i < 20; ++i) {
        const fovea_extent e = {2, pick(1, 33), pixels[i % 10], i / 10};
        const int64_t count = fovea_extent_size(&e), size = count / e.pixels;
        float *x = e.blocked ? blocked_noise(2, (int)e.channels, e.pixels) : noise(count), *y[2];
        for (int64_t k = 0; k < count; ++k) if (x[k] != 0) x[k] += 100;
        for (int k = 0; k < 2; ++k) {
            y[k] = floats(2 * size);
            for (int part = 0; part < 2; ++part)
                fovea_channel_moments(k ? isa : FOVEA_SCALAR, &e, x, y[k], y[k] + size, part, 2);
            for (int64_t c = size; c < 2 * size; ++c) y[k][c] /= (float)e.pixels;
        }
        expect("moments of channels", y[1], y[0], 2 * size, 2e-6f);
        free(x), free(y[0]);
    }
}

// Channels side by side, as the output of a fully connected layer has them.
static void affine_rows(fovea_isa isa) {
    for (int channels = 1; channels < 700; channels += 67) {
        const fovea_extent e = {5, channels, 1, 0};
        const fovea_activation f = {FOVEA_ACT_RELU, 0, 0, 0};
        float *x = noise(5 * channels), *scale = noise(channels), *y[2];
        for (int k = 0; k < 2; ++k) {
            y[k] = floats(5 * channels);
            for (int part = 0; part < 2; ++part)
                fovea_channel_affine(k ? isa : FOVEA_SCALAR, &e, f, x, scale, scale, y[k], part, 2);
        }
        expect("factor and shift of rows", y[1], y[0], 5 * channels, 1e-6f);
        free(x), free(scale), free(y[0]);
    }
}

int main(void) {
    const fovea_isa isa = fovea_isa_best();
    convolutions(isa);
    products(isa);
    pools(isa);
    functions(isa);
    rows(isa);
    channels(isa);
    broadcasts(isa);
    columns(isa);
    moments(isa);
    affine_rows(isa);
    printf("instruction set %d against the scalar reference: %d checks, %d failures\n", (int)isa, checks, failures);
    return failures ? 1 : 0;
}

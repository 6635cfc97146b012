// Batch normalisation with ReLU (or with a shortcut added) for training in bf16 on a CPU: two passes over memory forward
// and two backward. Rows are positions (n, y, x), columns are channels: x, y, dy, dx: [rows, channels], channels last.
//
// Compiled by fused.py. Every loop over channels is written for the compiler's vectoriser; where the channels do not fill
// its vectors, several rows are taken as one wider row (`fold`), with the channels' constants repeated.

#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint16_t bf16;
enum { block = 128 };  // rows summed in float before they are added to a double

static inline float widen(bf16 v) {
    union { uint32_t i; float f; } u = {(uint32_t)v << 16};
    return u.f;
}

static inline bf16 narrow(float v) {
    union { float f; uint32_t i; } u = {v};
    return (bf16)((u.i + 0x7fff + ((u.i >> 16) & 1)) >> 16);
}

static void split(long rows, long *from, long *to) {
    long n = omp_get_num_threads(), i = omp_get_thread_num();
    *from = rows * i / n;
    *to = rows * (i + 1) / n;
}

// How many rows to take as one, so that its width is a multiple of 16.
static long fold(long rows, long c) {
    long n = 1;
    while (c * n % 16 && n < 16) n *= 2;
    return rows % n ? 1 : n;
}

// Adds the column sums of a and b (each `c` floats, cleared afterwards) to the shared doubles.
static void flush(long c, float *a, float *b, double *sa, double *sb) {
    for (long k = 0; k < c; k++) {
        sa[k] += a[k];
        sb[k] += b[k];
    }
    memset(a, 0, c * sizeof *a);
    memset(b, 0, c * sizeof *b);
}

// mean, inverse: [c] out (1 / sqrt(variance + epsilon)); running_*: [c] in and out. shortcut may be null.
void norm_forward(long rows, long c, const bf16 *restrict x, const bf16 *restrict shortcut, const float *restrict gamma,
                  const float *restrict beta, float *restrict mean, float *restrict inverse, float *running_mean,
                  float *running_variance, float momentum, float epsilon, int relu, bf16 *restrict y) {
    const long n = fold(rows, c), channels = c;
    rows /= n;
    c *= n;
    double *sum = calloc(2 * c, sizeof *sum), *square = sum + c;
    float *scale = malloc(2 * c * sizeof *scale), *shift = scale + c;
#pragma omp parallel
    {
        long from, to;
        split(rows, &from, &to);
        double *mine = calloc(2 * c, sizeof *mine);
        float *a = calloc(2 * c, sizeof *a), *b = a + c;
        for (long start = from; start < to; start += block) {
            long end = start + block < to ? start + block : to, r = start;
            for (; r + 4 <= end; r += 4) {
                const bf16 *restrict p = x + r * c;
                for (long k = 0; k < c; k++) {
                    float v0 = widen(p[k]), v1 = widen(p[k + c]), v2 = widen(p[k + 2 * c]), v3 = widen(p[k + 3 * c]);
                    a[k] += (v0 + v1) + (v2 + v3);
                    b[k] += (v0 * v0 + v1 * v1) + (v2 * v2 + v3 * v3);
                }
            }
            for (; r < end; r++)
                for (long k = 0; k < c; k++) {
                    float v = widen(x[r * c + k]);
                    a[k] += v;
                    b[k] += v * v;
                }
            flush(c, a, b, mine, mine + c);
        }
#pragma omp critical
        for (long k = 0; k < 2 * c; k++) sum[k] += mine[k];
        free(mine);
        free(a);
#pragma omp barrier
#pragma omp single
        for (long k = 0; k < channels; k++) {
            for (long j = k + channels; j < c; j += channels) {
                sum[k] += sum[j];
                square[k] += square[j];
            }
            double count = (double)rows * n, m = sum[k] / count, v = square[k] / count - m * m;
            v = v > 0 ? v : 0;
            mean[k] = (float)m;
            inverse[k] = (float)(1 / sqrt(v + epsilon));
            running_mean[k] += momentum * ((float)m - running_mean[k]);
            running_variance[k] += momentum * ((float)(v * count / (count > 1 ? count - 1 : 1)) - running_variance[k]);
            for (long j = k; j < c; j += channels) {
                scale[j] = gamma[k] * inverse[k];
                shift[j] = beta[k] - mean[k] * scale[j];
            }
        }
        for (long r = from; r < to; r++) {
            const bf16 *restrict p = x + r * c;
            bf16 *restrict q = y + r * c;
            if (relu)
                for (long k = 0; k < c; k++) {
                    float v = widen(p[k]) * scale[k] + shift[k];
                    q[k] = narrow(v > 0 ? v : 0);
                }
            else if (shortcut)
                for (long k = 0; k < c; k++) q[k] = narrow(widen(p[k]) * scale[k] + shift[k] + widen(shortcut[r * c + k]));
            else
                for (long k = 0; k < c; k++) q[k] = narrow(widen(p[k]) * scale[k] + shift[k]);
        }
    }
    free(sum);
    free(scale);
}

// y is read for the ReLU's mask only. dgamma, dbeta: [c] out.
void norm_backward(long rows, long c, const bf16 *restrict x, const bf16 *restrict y, const bf16 *restrict dy,
                   const float *restrict gamma, const float *restrict mean, const float *restrict inverse, int relu,
                   float *restrict dgamma, float *restrict dbeta, bf16 *restrict dx) {
    const long n = fold(rows, c), channels = c;
    rows /= n;
    c *= n;
    double *sum = calloc(2 * c, sizeof *sum), *dot = sum + c;
    float *scale = malloc(4 * c * sizeof *scale), *slope = scale + c, *offset = scale + 2 * c, *centre = scale + 3 * c;
    for (long k = 0; k < c; k++) centre[k] = mean[k % channels];
#pragma omp parallel
    {
        long from, to;
        split(rows, &from, &to);
        double *mine = calloc(2 * c, sizeof *mine);
        float *a = calloc(2 * c, sizeof *a), *b = a + c;
        for (long start = from; start < to; start += block) {
            long end = start + block < to ? start + block : to;
            for (long r = start; r < end; r++) {
                const bf16 *restrict p = x + r * c, *restrict q = y + r * c, *restrict d = dy + r * c;
                if (relu)
                    for (long k = 0; k < c; k++) {
                        float g = q[k] ? widen(d[k]) : 0;
                        a[k] += g;
                        b[k] += g * (widen(p[k]) - centre[k]);
                    }
                else
                    for (long k = 0; k < c; k++) {
                        float g = widen(d[k]);
                        a[k] += g;
                        b[k] += g * (widen(p[k]) - centre[k]);
                    }
            }
            flush(c, a, b, mine, mine + c);
        }
#pragma omp critical
        for (long k = 0; k < 2 * c; k++) sum[k] += mine[k];
        free(mine);
        free(a);
#pragma omp barrier
#pragma omp single
        for (long k = 0; k < channels; k++) {
            for (long j = k + channels; j < c; j += channels) {
                sum[k] += sum[j];
                dot[k] += dot[j];
            }
            dbeta[k] = (float)sum[k];
            dgamma[k] = (float)(dot[k] * inverse[k]);
            // dx = gamma inverse (g - mean(g) - xhat mean(g xhat))
            for (long j = k; j < c; j += channels) {
                scale[j] = gamma[k] * inverse[k];
                slope[j] = -scale[j] * inverse[k] * dgamma[k] / (rows * n);
                offset[j] = -scale[j] * dbeta[k] / (rows * n) - slope[j] * mean[k];
            }
        }
        for (long r = from; r < to; r++) {
            const bf16 *restrict p = x + r * c, *restrict q = y + r * c, *restrict d = dy + r * c;
            bf16 *restrict o = dx + r * c;
            if (relu)
                for (long k = 0; k < c; k++) {
                    float g = q[k] ? widen(d[k]) : 0;
                    o[k] = narrow(g * scale[k] + widen(p[k]) * slope[k] + offset[k]);
                }
            else
                for (long k = 0; k < c; k++) o[k] = narrow(widen(d[k]) * scale[k] + widen(p[k]) * slope[k] + offset[k]);
        }
    }
    free(sum);
    free(scale);
}

// Matrix products on plain row-major fp32 (see fovea_conv.h for the parts).
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "fovea_activation.h"
#include "fovea_cpu.h"

/// How packed weights are stored: for any number of rows, or for few rows (pictures), where memory is the bound.
typedef enum {
    FOVEA_WEIGHTS_TILES = 0,    ///< floats for the register tile
    FOVEA_WEIGHTS_ROWS = 1,     ///< floats for dot products
    FOVEA_WEIGHTS_20_BITS = 2,  ///< whole numbers of 20 bits with a scale for every 128: 2.53 bytes each
    FOVEA_WEIGHTS_FP16 = 3      ///< halves
} fovea_weights;

/// Fully connected layer: y[m][n] = f(sum over k of x[m][k] W[n][k] + bias[n] + residual[m][n]), W packed beforehand.
typedef struct {
    int32_t rows;                 ///< m: batch items
    int32_t in_features;          ///< k
    int32_t out_features;         ///< n
    int64_t in_row_stride;        ///< floats between rows of x, at least in_features
    int64_t out_row_stride;       ///< floats between rows of y (and of the residual), at least out_features
    fovea_activation activation;
    fovea_weights weights;
} fovea_linear_params;

typedef struct {
    const float *input;     ///< x
    const float *weights;   ///< as fovea_linear_pack wrote them for the same isa; 64-byte aligned
    const float *bias;      ///< out_features floats (no padding needed), or NULL
    const float *residual;  ///< like y, or NULL
    float *output;          ///< y; not x
} fovea_linear_args;

/// Floats that the packed weights occupy.
size_t fovea_linear_weights_size(fovea_isa isa, const fovea_linear_params *p);

/// Packs W times `scale`: element (n, k) of the source is source[n * n_stride + k * k_stride]
/// ([N][K]: n_stride = K, k_stride = 1; [K][N]: n_stride = 1, k_stride = N).
/// Returns what rounding the weights loses: over the outputs, the largest root mean square of the differences by the mean
/// magnitude of the weights; infinite where a weight cannot be stored, 0 for floats.
float fovea_linear_pack(
    fovea_isa isa, const fovea_linear_params *p, const float *source, int64_t n_stride, int64_t k_stride, float scale,
    float *packed);

/// Runs one part.
void fovea_linear(fovea_isa isa, const fovea_linear_params *p, const fovea_linear_args *a, int part, int parts);

/// The adjoint of fovea_linear for one row, by the same packed weights, which are not stored as tiles: y[k] = sum over n of
/// g[n] W[n][k]. Of the weights only the rows are read whose g is not 0. g: out_features floats; y: in_features floats.
void fovea_linear_adjoint(
    fovea_isa isa, const fovea_linear_params *p, const float *g, const float *weights, float *y, int part, int parts);

/// Batched product of two dynamic matrices: for each i < batch, C_i[m][n] = f(alpha * sum over k of A_i[m][k] B_i[k][n]).
/// Element (m, k) of A_i is a[i * a_batch + m * a_row + k * a_column] (transposes by strides, batch stride 0 broadcasts);
/// B likewise by (k, n); C is row-major with rows of n floats.
typedef struct {
    int32_t batch, m, n, k;
    int64_t a_batch, a_row, a_column;
    int64_t b_batch, b_row, b_column;
    float alpha;
    fovea_activation activation;
} fovea_matmul_params;

/// Bytes of scratch for a run with `parts` parts.
size_t fovea_matmul_scratch_size(fovea_isa isa, const fovea_matmul_params *p, int parts);

/// Runs one part. scratch: 64-byte aligned, shared by all parts.
void fovea_matmul(
    fovea_isa isa, const fovea_matmul_params *p, const float *a, const float *b, float *c, void *scratch, int part, int parts);

// Picture kernels. On their way to a network's input, rows of pixels travel in strips: four rows of R'G'B' bytes, in blocks of
// four columns. A block has 64 bytes: for each row 16, the R of the four columns, then G, B, and four bytes 0. Samples that are
// not bytes become 15-bit fixed point before: an 8-bit value v is v * 128, a value of depth d is v * 2^(15-d).
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "fovea_cpu.h"

/// out[i] = the sample at in + i * step, as 15-bit fixed point. A sample is a byte when shift + depth <= 8, else a
/// little-endian 16-bit word; depth 1...16. Reads nothing past the last sample.
void fovea_image_unpack(int16_t *out, const uint8_t *in, int step, int shift, int depth, int n, fovea_isa isa);

/// A row of a strip: pixel i = rint(clamp(matrix * (a[i], b[j], c[j], 1), 0, 255)) with j = i >> shift, for subsampled
/// chroma. `matrix` is 3 rows of 4 over the fixed-point samples; `strip` points to the row's 16 bytes in the first block.
void fovea_image_to_rgb(uint8_t *strip, const int16_t *a, const int16_t *b, const int16_t *c, int shift,
                        const float *matrix, int n, fovea_isa isa);

/// Fraction bits of the integer colour matrices below: 3 rows of 4 over 8-bit (Y, U, V, 1), the fourth column with the
/// half that rounds. As in every Y'CbCr matrix, R does not depend on U, nor B on V, and all depend on Y alike.
enum { FOVEA_COLOR_FRACTION = 20 };

/// Asks the cache for bytes that will be read soon; addresses that cannot be read do no harm.
static inline void fovea_image_fetch(const uint8_t *p, int bytes) {
    for (int i = 0; i < bytes; i += 64) __builtin_prefetch(p + i);
}

/// The part of n chroma samples, `step` bytes apart, in R, G, B: three rows, `stride` apart, of n << shift entries, each
/// part repeated for the 1 << shift luma samples that share it.
void fovea_image_chroma_terms(int32_t *terms, long stride, const uint8_t *u, const uint8_t *v, int step, int shift,
                              const int32_t *matrix, int n, fovea_isa isa);

/// A row of a strip from n luma bytes and three rows of chroma's terms:
/// clamp((y * gain + term) >> FOVEA_COLOR_FRACTION, 0, 255). `strip` as above; blocks are written whole.
void fovea_image_luma_to_rgb(uint8_t *strip, const uint8_t *y, const int32_t *terms, long stride, int32_t gain, int n,
                             fovea_isa isa);

/// Twice as many samples by the triangle filter of libjpeg's "fancy upsampling" (h2v1): out[2i] = (3 c[i] + c[i-1] + 1) / 4,
/// out[2i+1] = (3 c[i] + c[i+1] + 2) / 4; beyond the ends the last sample counts.
void fovea_image_triangle_h2v1(uint8_t *out, const uint8_t *in, int n, fovea_isa isa);

/// The same in two dimensions (h2v2), for the row that lies nearer to `near` than to `far`: with s = 3 near + far,
/// out[2i] = (3 s[i] + s[i-1] + 8) / 16, out[2i+1] = (3 s[i] + s[i+1] + 7) / 16.
void fovea_image_triangle_h2v2(uint8_t *out, const uint8_t *near, const uint8_t *far, int n, fovea_isa isa);

// Filter weights have 22 fraction bits; `taps`, the row length of a table of weights, is a multiple of four. The SIMD
// variants want the table in a form of their own too, packed once.

/// Bytes of the packed weights of n outputs; 0 when the variant wants none.
size_t fovea_image_filter_bytes(int taps, int n, fovea_isa isa);

/// Packs weights[i * taps + t] of n outputs.
void fovea_image_filter_pack(void *packed, const int32_t *weights, int taps, int n, fovea_isa isa);

/// A filter along rows. Output i is the sum over t < 4 * quads[i] of weights[i * taps + t] * (pixel start[i] + t); every
/// start is a multiple of four; count, too, with the filters beyond the last pixel 0.
typedef struct {
    const int32_t *start, *quads, *weights;
    const void *packed;
    int32_t taps, count;
} fovea_image_filter;

/// Four rows of pixels of four bytes, `stride` bytes apart, from a strip: filtered, rounded and clamped.
void fovea_image_resample_rows(
    uint8_t *out, long stride, const uint8_t *strip, const fovea_image_filter *filter, fovea_isa isa);

/// n bytes: out[i] = sum over t < taps of weights[t] * rows[t][i], rounded and clamped; `taps` may be less than the
/// table's, where the weights beyond are 0. `packed` begins at this output's.
void fovea_image_resample_column(uint8_t *out, const uint8_t *const *rows, const int32_t *weights, const void *packed,
                                 int taps, long n, fovea_isa isa);

/// For each of `outputs` planes k: out[k][i] = the combination `mix` (rows of 4) of pixel i's (r, g, b, 1).
void fovea_image_normalise(float *const *out, int outputs, const uint8_t *rgb, const float *mix, int n, fovea_isa isa);

// From a frame's samples to the bytes that a JPEG encoder takes, without R'G'B' on the way.

/// Fraction bits of a byte filter's weights, which sum up to 1.
enum { FOVEA_TAPS_FRACTION = 14 };

/// A filter along a row of bytes. Output i is the sum over t < 4 * quads of its weights[t] * in[start[i] + t]; `count` is a
/// multiple of eight, the weights and controls are packed. The input must be readable 4 * quads + 12 bytes from each start on.
/// Without controls the scalar variant does it.
typedef struct {
    const int32_t *start;
    const int16_t *weights;
    const uint8_t *controls;
    int32_t quads, count;
} fovea_image_taps;

/// Packs weights[i * 4 * quads + t] into as many words, and count / 2 * 16 bytes of controls.
void fovea_image_taps_pack(int16_t *packed, uint8_t *controls, const int32_t *start, const int16_t *weights, int quads,
                           int count);

/// The largest distance between the starts of a pair of outputs, 2 i and 2 i + 1: controls serve up to 12.
int fovea_image_taps_reach(const int32_t *start, int count);

/// The bytes of a row filtered, rounded and clamped.
void fovea_image_scale(uint8_t *out, const uint8_t *in, const fovea_image_taps *taps, fovea_isa isa);

/// out[i] = in[i * step].
void fovea_image_pick(uint8_t *out, const uint8_t *in, int step, int n, fovea_isa isa);

/// A row of luma in another range and matrix: out[i] = clamp((m0 y[i] + m1 u[i / 2] + m2 v[i / 2] + m3) >>
/// FOVEA_COLOR_FRACTION, 0, 255); m3 has the half that rounds. `out` does not overlap the others.
void fovea_image_recode_luma(uint8_t *out, const uint8_t *y, const uint8_t *u, const uint8_t *v, const int32_t *matrix,
                             int n, fovea_isa isa);

/// A row of chroma in place, the same way: u = m0 u + m1 v + m2, v = m3 u + m4 v + m5.
void fovea_image_recode_chroma(uint8_t *u, uint8_t *v, const int32_t *matrix, int n, fovea_isa isa);

/// Two rows of n pixels, planes of R', G', B' of 0...255, to two rows of luma and one of chroma by a matrix of 3 rows of 4;
/// a chroma sample is the mean of its four pixels. The last row of an odd picture is given twice, with y[1] null.
void fovea_image_rgb_to_420(uint8_t *const *y, uint8_t *u, uint8_t *v, const float *const *upper, const float *const *lower,
                            const float *matrix, int n);

// Drawing. A row of samples is described as `fovea_image_unpack` reads them; other bits of a word stay as they are.

/// sample[i] = (sample[i] * (255 - w) + v * w + 127) / 255 with v = values[i * value_step], w = weights[i * weight_step];
/// steps are 0 (the same for all) or 1. Weight 0 leaves a sample as it is, 255 replaces it.
void fovea_image_blend(uint8_t *at, int step, int shift, int depth, const uint16_t *values, int value_step,
                       const uint8_t *weights, int weight_step, int n, fovea_isa isa);

/// sample[i] = table[index[i * index_step]]; the table has 256 entries.
void fovea_image_lookup(uint8_t *at, int step, int shift, int depth, const uint8_t *index, int index_step,
                        const uint16_t *table, int n);

/// out[i] = rounded mean of `mask` over the block of 2^log2_width columns from left + i * 2^log2_width and 2^log2_height
/// rows from top; what lies outside of the mask (width x height bytes, rows `stride` apart) counts as 0.
void fovea_image_coverage(uint8_t *out, int n, const uint8_t *mask, long stride, int width, int height, int left,
                          int top, int log2_width, int log2_height);

/// A feature map (height x width) as width_out x height_out bytes, clamp((mean - low) * gain, 0, 255): each byte is the
/// mean over the map's cells that it covers, the nearest cell when the map is smaller. NaN gives 0.
void fovea_image_tile(uint8_t *out, long stride, int width_out, int height_out, const float *map, int width,
                      int height, float low, float gain);

/// out[i] = palette[levels[i]]; the palette has 256 entries.
void fovea_image_palette(uint32_t *out, const uint8_t *levels, const uint32_t *palette, int n);

/// Two rows of n colours, Y | Cb << 10 | Cr << 20, to two rows of luma and one of chroma; a chroma sample is the mean of its four
/// pixels. `y1` may be null, with the last row of an odd picture given twice.
void fovea_image_split_420(uint8_t *y0, uint8_t *y1, uint8_t *u, uint8_t *v, const uint32_t *upper, const uint32_t *lower,
                           int n, fovea_isa isa);

// Heat maps.

/// levels[i] = upper[i] + (lower[i] - upper[i]) * share, rounded and clamped to 0...255; NaN gives 0.
void fovea_image_heat_levels(uint8_t *levels, const float *upper, const float *lower, float share, int n, fovea_isa isa);

/// The blend of `fovea_image_blend` on neighbouring bytes, with value and weight from a table of 256 entries,
/// ink | opacity << 16, by level.
void fovea_image_heat(uint8_t *at, const uint8_t *levels, const uint32_t *table, int n, fovea_isa isa);

/// What `fovea_image_heat` looks up, for `fovea_image_blend` on other samples.
void fovea_image_heat_ink(uint16_t *values, uint8_t *weights, const uint8_t *levels, const uint32_t *table, int n);

/// weights[i] = 255 where the level crosses `limit` between i and i + right, or between i and below[i]; else 0.
void fovea_image_contour(uint8_t *weights, const uint8_t *levels, const uint8_t *below, int right, uint8_t limit, int n);

// Resampling of R'G'B' pictures with Pillow's arithmetic: first along rows, then along columns, bytes after each pass,
// weights with 22 fraction bits. Here the scalar references and the choice of a variant, which gives the same integers.
#include "image_filter.h"

void image_rows_scalar(uint8_t *out, long stride, const uint8_t *strip, const fovea_image_filter *f) {
    for (long i = 0; i < f->count; i++) {
        for (long lane = 0; lane < 16; lane++) {  // a row's channel
            const uint8_t *in = strip + 16 * (long)f->start[i] + 4 * lane;
            int32_t sum = HALF;
            for (long t = 0; t < 4 * (long)f->quads[i]; t++)
                sum += in[t / 4 * 64 + t % 4] * f->weights[i * f->taps + t];
            out[lane / 4 * stride + 4 * i + lane % 4] = filtered_byte(sum);
        }
    }
}

void image_column_scalar(uint8_t *out, const uint8_t *const *rows, const int32_t *w, int taps, long first, long end) {
    for (long i = first; i < end; i++) {
        int32_t sum = HALF;
        for (int t = 0; t < taps; t++) sum += rows[t][i] * w[t];
        out[i] = filtered_byte(sum);
    }
}

#if defined(__x86_64__)
typedef enum { SCALAR, AVX2, VNNI } variant;

static variant choose(fovea_isa isa) {
    if (isa == FOVEA_AVX512 && __builtin_cpu_supports("avx512vnni")) return VNNI;
    return isa == FOVEA_AVX512 || isa == FOVEA_AVX2 ? AVX2 : SCALAR;
}
#endif

size_t fovea_image_filter_bytes(int taps, int n, fovea_isa isa) {
    const size_t quads = (size_t)n * (size_t)(taps / 4);
#if defined(__x86_64__)
    switch (choose(isa)) {
    case VNNI: return quads * VNNI_QUAD_BYTES;
    case AVX2: return quads * AVX2_QUAD_BYTES;
    default: return 0;
    }
#endif
    (void)quads, (void)isa;
    return 0;
}

void fovea_image_filter_pack(void *packed, const int32_t *weights, int taps, int n, fovea_isa isa) {
#if defined(__x86_64__)
    const long quads = (long)n * (taps / 4);
    switch (choose(isa)) {
    case VNNI: return image_pack_vnni(packed, weights, quads);
    case AVX2: return image_pack_avx2(packed, weights, quads);
    default: return;
    }
#endif
    (void)packed, (void)weights, (void)taps, (void)n, (void)isa;
}

void fovea_image_resample_rows(
    uint8_t *out, long stride, const uint8_t *strip, const fovea_image_filter *filter, fovea_isa isa) {
#if defined(__x86_64__)
    switch (choose(isa)) {
    case VNNI: return image_rows_vnni(out, stride, strip, filter);
    case AVX2: return image_rows_avx2(out, stride, strip, filter);
    default: break;
    }
#endif
    (void)isa;
    image_rows_scalar(out, stride, strip, filter);
}

void fovea_image_resample_column(uint8_t *out, const uint8_t *const *rows, const int32_t *weights, const void *packed,
                                 int taps, long n, fovea_isa isa) {
#if defined(__x86_64__)
    switch (choose(isa)) {
    case VNNI: return image_column_vnni(out, rows, weights, packed, taps, n);
    case AVX2: return image_column_avx2(out, rows, weights, packed, taps, n);
    default: break;
    }
#endif
    (void)packed, (void)isa;
    image_column_scalar(out, rows, weights, taps, 0, n);
}

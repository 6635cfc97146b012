#include "bf16_table.h"
#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

// Linux lets a process use AMX's tile data only after it has asked (Documentation/arch/x86/xstate.rst).
static int may_use_tiles(void) {
    const long request_permission = 0x1023, tile_data = 18;
    return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

fovea_bf16_isa fovea_bf16_best(void) {
    unsigned a, b, c, d;
    if (fovea_isa_best() != FOVEA_AVX512 || !__get_cpuid_count(7, 1, &a, &b, &c, &d) || !(a & 1u << 5)) return FOVEA_BF16_NONE;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return FOVEA_BF16_AVX512;
    const unsigned amx = 1u << 22 | 1u << 24;  // AMX-BF16, AMX-TILE
    return (d & amx) == amx && may_use_tiles() ? FOVEA_BF16_AMX : FOVEA_BF16_AVX512;
}

static const bf16_table *table(fovea_bf16_isa isa) {
    return isa == FOVEA_BF16_AMX ? &fovea_bf16_amx : isa == FOVEA_BF16_AVX512 ? &fovea_bf16_avx512 : &fovea_bf16_reference;
}
#else
fovea_bf16_isa fovea_bf16_best(void) { return FOVEA_BF16_NONE; }
static const bf16_table *table(fovea_bf16_isa isa) { return (void)isa, &fovea_bf16_reference; }
#endif

int fovea_bf16_accepts(const fovea_bf16_conv_params *q) {
    const fovea_conv_params *p = &q->conv;
    if (!fovea_conv_accepts(p)) return 0;
    if (p->algorithm == FOVEA_CONV_DEPTHWISE) return q->first_lane == 0 && !q->keeps_rest;
    if (q->first_lane != 0 && q->first_lane != 16) return 0;
    if (p->algorithm == FOVEA_CONV_PLANAR) return p->in_channels <= 4;
    return p->algorithm == FOVEA_CONV_BLOCKED && p->groups == 1;
}

size_t fovea_bf16_weights_size(fovea_bf16_isa isa, const fovea_bf16_conv_params *p) { return table(isa)->weights_size(p); }

void fovea_bf16_pack(fovea_bf16_isa isa, const fovea_bf16_conv_params *p, const float *source, void *packed) {
    table(isa)->pack(p, source, packed);
}

size_t fovea_bf16_scratch_size(fovea_bf16_isa isa, const fovea_bf16_conv_params *p, int parts) {
    return table(isa)->scratch_size(p, parts);
}

int fovea_bf16_splits_channels(fovea_bf16_isa isa, const fovea_bf16_conv_params *p, int parts) {
    return table(isa)->splits_channels(p, parts);
}

void fovea_bf16_conv(fovea_bf16_isa isa, const fovea_bf16_conv_params *p, const fovea_bf16_conv_args *a, int part, int parts) {
    table(isa)->conv(p, a, part, parts);
}

void fovea_bf16_pool(
    fovea_bf16_isa isa, const fovea_pool_params *p, const fovea_bfloat16 *input, fovea_bfloat16 *output, int part, int parts) {
    table(isa)->pool(p, input, output, part, parts);
}

void fovea_bf16_global_pool(
    fovea_bf16_isa isa, const fovea_pool_params *p, const fovea_bfloat16 *input, float *output, int part, int parts) {
    table(isa)->global_pool(p, input, output, part, parts);
}

void fovea_bf16_map(
    fovea_bf16_isa isa, const fovea_extent *e, fovea_activation f, const fovea_bfloat16 *x, const float *scale,
    const float *shift, const fovea_bfloat16 *other, fovea_bfloat16 *y, int part, int parts) {
    table(isa)->map(e, f, x, scale, shift, other, y, part, parts);
}

void fovea_bf16_place(
    fovea_bf16_isa isa, int64_t channels, int64_t pixels, int first_lane, int keeps_rest, const fovea_bfloat16 *x,
    fovea_bfloat16 *y, int part, int parts) {
    table(isa)->place(channels, pixels, first_lane, keeps_rest, x, y, part, parts);
}

void fovea_bf16_from_blocked(
    fovea_bf16_isa isa, const fovea_extent *e, const float *x, fovea_bfloat16 *y, int part, int parts) {
    table(isa)->from_blocked(e, x, y, part, parts);
}

void fovea_bf16_to_blocked(
    fovea_bf16_isa isa, const fovea_extent *e, const fovea_bfloat16 *x, float *y, int part, int parts) {
    table(isa)->to_blocked(e, x, y, part, parts);
}

double fovea_bf16_loop(fovea_bf16_isa isa, int64_t rounds, float *result) { return table(isa)->product_loop(rounds, result); }

// What one core computes at most.
#pragma once
#include "fovea_cpu.h"
#include <stdint.h>

/// Runs `rounds` rounds of independent multiply-adds in registers, with the widest vectors of the instruction set.
/// `result` gets a number that depends on all of them. Returns the floating-point operations, two for each multiply-add.
double fovea_fma_loop(fovea_isa isa, int64_t rounds, float seed, float *result);

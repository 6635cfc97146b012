// Hot loops: one header per family. No malloc, no I/O, no global state but the CPU's feature bits.
#pragma once
#include "fovea_activation.h"
#include "fovea_bf16.h"
#include "fovea_conv.h"
#include "fovea_cpu.h"
#include "fovea_elementwise.h"
#include "fovea_gemm.h"
#include "fovea_gradient.h"
#include "fovea_image.h"
#include "fovea_layout.h"
#include "fovea_peak.h"
#include "fovea_pool.h"
#include "fovea_statistics.h"

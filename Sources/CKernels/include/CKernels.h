// Hot loops: one header per family. No malloc, no I/O, no global state but the CPU's feature bits.
#pragma once
#include "fovea_cpu.h"

// Counts the heap allocations of the whole test program, whoever makes them.
#pragma once

/// Calls of malloc, calloc, realloc, posix_memalign and aligned_alloc since the program began.
long fovea_allocation_count(void);

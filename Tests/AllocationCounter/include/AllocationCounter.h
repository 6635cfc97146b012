// Counts the heap allocations of the whole test program, of all libraries.
#pragma once

/// Calls of malloc, calloc, realloc, posix_memalign and aligned_alloc since the program began.
long fovea_allocation_count(void);

/// The same, of the calling thread alone: what tests that run beside it allocate does not count.
long fovea_thread_allocation_count(void);

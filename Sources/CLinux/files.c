#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>

#include "CLinux.h"

int fovea_file_reserve(int fd, off_t count) { return fallocate(fd, 0, 0, count) == 0 ? 0 : -errno; }

int fovea_file_punch(int fd, off_t offset, off_t count) {
    return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, count) == 0 ? 0 : -errno;
}

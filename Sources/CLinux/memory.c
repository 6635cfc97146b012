#define _GNU_SOURCE
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "CLinux.h"

int64_t fovea_memory_limit(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur < INT64_MAX ? (int64_t)limit.rlim_cur : -1;
}

// The first number of /proc/self/statm: pages that are mapped. By system calls alone, for the handler of signals.
static int64_t mapped(void) {
    char text[32];
    const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    const ssize_t count = read(file, text, sizeof text);
    close(file);
    int64_t pages = 0;
    for (ssize_t i = 0; i < count && text[i] >= '0' && text[i] <= '9'; i++) pages = 10 * pages + (text[i] - '0');
    return count > 0 ? pages * sysconf(_SC_PAGESIZE) : -1;
}

int64_t fovea_memory_left(void) {
    const int64_t limit = fovea_memory_limit(), used = mapped();
    if (limit < 0 || used < 0) return -1;
    return used < limit ? limit - used : 0;
}

// Swift, C++ and GLib end the program by one of these when an allocation fails.
static const int deadly[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT};
enum { DEADLY = sizeof deadly / sizeof *deadly };
static struct sigaction before[DEADLY];
static int64_t scarce;

static void explain(int number) {
    if (fovea_memory_left() < scarce) {
        static const char sentence[] =
            "fovea: error: the memory that this shell allows (ulimit -v) is used up; allow more, or use a smaller model or "
            "picture.\n";
        ssize_t written = write(STDERR_FILENO, sentence, sizeof sentence - 1);
        (void)written;
        _exit(1);
    }
    // Some other fault: it comes again, and takes its course.
    for (int i = 0; i < DEADLY; i++) sigaction(deadly[i], &before[i], NULL);
    if (number == SIGABRT || number == SIGTRAP) raise(number);
}

void fovea_memory_watch(int64_t left) {
    if (fovea_memory_limit() < 0) return;
    // Each thread that gets an arena of its own takes 64 MiB of addresses.
    mallopt(M_ARENA_MAX, 1);
    scarce = left;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = explain;
    action.sa_flags = SA_ONSTACK | SA_NODEFER;
    for (int i = 0; i < DEADLY; i++) sigaction(deadly[i], &action, &before[i]);
}

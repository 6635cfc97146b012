#define _GNU_SOURCE
#include "CMicroHTTPD.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int fovea_http_port(int descriptor) {
    struct sockaddr_storage actual;
    socklen_t length = sizeof actual;
    if (getsockname(descriptor, (struct sockaddr *)&actual, &length) < 0) return 0;
    if (actual.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)&actual)->sin6_port);
    return actual.ss_family == AF_INET ? ntohs(((struct sockaddr_in *)&actual)->sin_port) : 0;
}

static int open_on(const struct addrinfo *address, int *bound) {
    int descriptor = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    int on = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(descriptor, address->ai_addr, address->ai_addrlen) < 0 || listen(descriptor, 128) < 0) {
        int error = errno;
        close(descriptor);
        return -error;
    }
    *bound = fovea_http_port(descriptor);
    return descriptor;
}

int fovea_http_listen(const char *host, int port, int *bound) {
    struct addrinfo hints, *found = NULL;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    if (getaddrinfo(host, service, &hints, &found) != 0 || !found) return -EINVAL;
    int result = open_on(found, bound);
    freeaddrinfo(found);
    return result;
}

// The library's messages about wrong requests help only developers of clients: they are dropped.
static void ignore_log(void *context, const char *format, va_list arguments) {
    (void)context, (void)format, (void)arguments;
}

// A decoded NUL would end the text early, and what follows it would pass unchecked; another control character stays visible.
static size_t unescape(void *context, struct MHD_Connection *connection, char *text) {
    (void)context, (void)connection;
    size_t length = MHD_http_unescape(text);
    for (size_t i = 0; i < length; i++)
        if (text[i] == 0) text[i] = 1;
    return length;
}

struct MHD_Daemon *fovea_http_start(int descriptor, MHD_AccessHandlerCallback handler, MHD_RequestCompletedCallback completed,
                                    MHD_NotifyConnectionCallback connected, void *context, unsigned clients,
                                    size_t memory) {
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL | MHD_USE_ITC |
                     MHD_USE_ERROR_LOG;
    return MHD_start_daemon(flags, 0, NULL, NULL, handler, context, MHD_OPTION_EXTERNAL_LOGGER, ignore_log, NULL,
                            MHD_OPTION_LISTEN_SOCKET, descriptor, MHD_OPTION_CONNECTION_LIMIT, clients,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory,
                            MHD_OPTION_THREAD_STACK_SIZE, (size_t)1 << 20, MHD_OPTION_NOTIFY_COMPLETED, completed, context,
                            MHD_OPTION_NOTIFY_CONNECTION, connected, context, MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL,
                            MHD_OPTION_END);
}

int fovea_http_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

void fovea_http_hang_up(int descriptor, const char *text, size_t length) {
    // Best effort: the connection ends either way.
    if (send(descriptor, text, length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) errno = 0;
    shutdown(descriptor, SHUT_RDWR);
}

int fovea_http_stream_socket(struct MHD_Connection *connection) {
    int descriptor = fovea_http_socket(connection);
    if (descriptor < 0) return -1;
    int on = 1, bytes = 256 << 10;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    return descriptor;
}

void fovea_http_limit(int descriptor, unsigned seconds) {
    const unsigned milliseconds = seconds * 1000;
    setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

long fovea_http_unsent(int descriptor) {
    int bytes = 0;
    char byte;
    // A client that has closed its side reads nothing more.
    if (recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) return -1;
    return ioctl(descriptor, SIOCOUTQ, &bytes) < 0 ? -1 : bytes;
}

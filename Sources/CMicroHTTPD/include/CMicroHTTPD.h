// libmicrohttpd, with shims for what Swift cannot import: variadic functions and sockets' addresses.
#pragma once
#include <microhttpd.h>
#include <stddef.h>

/// A socket that listens on a numeric address (IPv4 or IPv6); `*bound` is its port, which is `port` unless that is 0.
/// Returns the descriptor, or the error as a negative errno; -EINVAL for what is no address.
int fovea_http_listen(const char *host, int port, int *bound);

/// A daemon with a thread for each connection over this socket, which it takes over. Null when it cannot start.
struct MHD_Daemon *fovea_http_start(int descriptor, MHD_AccessHandlerCallback handler, MHD_RequestCompletedCallback completed,
                                    MHD_NotifyConnectionCallback connected, void *context, unsigned clients,
                                    unsigned timeout_s, size_t memory);

/// The descriptor of a connection; negative when there is none.
int fovea_http_socket(struct MHD_Connection *connection);

/// Sends a last text, without waiting, and ends the connection in both directions; the descriptor stays the library's.
void fovea_http_hang_up(int descriptor, const char *text, size_t length);

/// The descriptor of a connection, prepared for streams: small buffers, nothing held back.
int fovea_http_stream_socket(struct MHD_Connection *connection);

/// Counts the connection's timeout from now, for a pause that is not the client's. By the connection's own thread; 0 when
/// that fails.
int fovea_http_restart_timeout(struct MHD_Connection *connection, unsigned timeout_s);

/// Bytes that the kernel has not sent yet; negative when the connection is gone.
long fovea_http_unsent(int descriptor);

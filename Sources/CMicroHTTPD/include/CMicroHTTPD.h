// libmicrohttpd, with shims for what Swift cannot import: variadic functions and sockets' addresses.
#pragma once
#include <microhttpd.h>
#include <stddef.h>

/// A socket that listens on a numeric address (IPv4 or IPv6); `*bound` is its port, which is `port` unless that is 0.
/// Returns the descriptor, or the error as a negative errno; -EINVAL for what is no address.
int fovea_http_listen(const char *host, int port, int *bound);

/// The port that a listening socket is bound to; 0 for one without.
int fovea_http_port(int descriptor);

/// A daemon with a thread for each connection over this socket, which it takes over. It has no timeouts: libmicrohttpd 1.0 has none
/// that a stream could pause. Null when it cannot start.
struct MHD_Daemon *fovea_http_start(int descriptor, MHD_AccessHandlerCallback handler, MHD_RequestCompletedCallback completed,
                                    MHD_NotifyConnectionCallback connected, void *context, unsigned clients,
                                    size_t memory);

/// The descriptor of a connection; negative when there is none.
int fovea_http_socket(struct MHD_Connection *connection);

/// Sends a last text, without waiting, and ends the connection in both directions; the descriptor stays the library's.
void fovea_http_hang_up(int descriptor, const char *text, size_t length);

/// The descriptor of a connection, prepared for streams: small buffers, nothing held back.
int fovea_http_stream_socket(struct MHD_Connection *connection);

/// The kernel ends the connection when the client takes nothing of what is sent for so long (TCP_USER_TIMEOUT, tcp(7)).
void fovea_http_limit(int descriptor, unsigned seconds);

/// Bytes that the kernel has not sent yet; negative when the connection is gone.
long fovea_http_unsent(int descriptor);

#include "CFFmpeg.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

const int64_t fovea_nopts = AV_NOPTS_VALUE;
const int fovea_averror_eagain = AVERROR(EAGAIN);
const int fovea_averror_eof = AVERROR_EOF;
const int fovea_averror_exit = AVERROR_EXIT;
const int fovea_averror_invaliddata = AVERROR_INVALIDDATA;
const int fovea_averror_protocol_not_found = AVERROR_PROTOCOL_NOT_FOUND;
const int fovea_averror_demuxer_not_found = AVERROR_DEMUXER_NOT_FOUND;
const int fovea_averror_muxer_not_found = AVERROR_MUXER_NOT_FOUND;
const int fovea_averror_decoder_not_found = AVERROR_DECODER_NOT_FOUND;
const int fovea_averror_encoder_not_found = AVERROR_ENCODER_NOT_FOUND;
const int fovea_averror_option_not_found = AVERROR_OPTION_NOT_FOUND;
const int fovea_averror_stream_not_found = AVERROR_STREAM_NOT_FOUND;
const int fovea_averror_http_unauthorized = AVERROR_HTTP_UNAUTHORIZED;
const int fovea_averror_http_forbidden = AVERROR_HTTP_FORBIDDEN;
const int fovea_averror_http_not_found = AVERROR_HTTP_NOT_FOUND;
const int fovea_averror_http_server_error = AVERROR_HTTP_SERVER_ERROR;
const int fovea_averror_patchwelcome = AVERROR_PATCHWELCOME;
const int fovea_averror_external = AVERROR_EXTERNAL;
const int fovea_averror_experimental = AVERROR_EXPERIMENTAL;

static _Atomic(fovea_log_sink) log_sink;
static atomic_int log_limit;
// FFmpeg may send a line in pieces; whether the next piece starts a line is remembered per thread.
static _Thread_local int log_prefix = 1;

// The messages of the call that this thread watches, and the level up to which it does.
static _Thread_local char watched[1024];
static _Thread_local int watch_level = AV_LOG_QUIET;

static void keep(const char *format, va_list arguments) {
  const size_t used = strlen(watched);
  va_list copy;
  va_copy(copy, arguments);
  vsnprintf(watched + used, sizeof watched - used, format, copy);
  va_end(copy);
}

void fovea_log_watch(int level) {
  watch_level = level;
  watched[0] = 0;
}

const char *fovea_log_watched(void) {
  watch_level = AV_LOG_QUIET;
  return watched;
}

static void log_callback(void *object, int level, const char *format, va_list arguments) {
  if ((level & 0xff) <= watch_level) keep(format, arguments);
  fovea_log_sink sink = atomic_load(&log_sink);
  if (!sink || (level & 0xff) > atomic_load(&log_limit)) return;
  char line[1024];
  av_log_format_line2(object, level, format, arguments, line, sizeof line, &log_prefix);
  size_t length = strlen(line);
  while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) line[--length] = 0;
  if (length > 0) sink(level & 0xff, line);
}

void fovea_set_log_sink(fovea_log_sink sink, int level) {
  atomic_store(&log_sink, sink);
  atomic_store(&log_limit, level);
  av_log_set_callback(log_callback);
}

// The FFmpeg libraries as one module, and the macros that Swift cannot import.
#pragma once
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

/// AV_NOPTS_VALUE.
extern const int64_t fovea_nopts;
/// AVERROR(EAGAIN), AVERROR_EOF, AVERROR_EXIT, AVERROR_INVALIDDATA.
extern const int fovea_averror_eagain, fovea_averror_eof, fovea_averror_exit, fovea_averror_invaliddata;
/// AVERROR_*_NOT_FOUND.
extern const int fovea_averror_protocol_not_found, fovea_averror_demuxer_not_found, fovea_averror_muxer_not_found,
    fovea_averror_decoder_not_found, fovea_averror_encoder_not_found, fovea_averror_option_not_found,
    fovea_averror_stream_not_found;
/// AVERROR_HTTP_*, AVERROR_PATCHWELCOME, AVERROR_EXTERNAL.
extern const int fovea_averror_http_unauthorized, fovea_averror_http_forbidden, fovea_averror_http_not_found,
    fovea_averror_http_server_error, fovea_averror_patchwelcome, fovea_averror_external;

/// Receives one line of FFmpeg's log, without the newline; `level` as in AV_LOG_*.
typedef void (*fovea_log_sink)(int level, const char *line);
/// Sends FFmpeg's log, up to `level`, to `sink` instead of stderr.
void fovea_set_log_sink(fovea_log_sink sink, int level);

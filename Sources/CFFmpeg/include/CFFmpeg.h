// The FFmpeg libraries as one module, and the macros that Swift cannot import.
#pragma once
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/spherical.h>
#include <libavutil/stereo3d.h>
#include <libswscale/swscale.h>

/// AV_NOPTS_VALUE.
extern const int64_t fovea_nopts;
/// AVERROR(EAGAIN), AVERROR_EOF, AVERROR_EXIT, AVERROR_INVALIDDATA.
extern const int fovea_averror_eagain, fovea_averror_eof, fovea_averror_exit, fovea_averror_invaliddata;
/// AVERROR_*_NOT_FOUND.
extern const int fovea_averror_protocol_not_found, fovea_averror_demuxer_not_found, fovea_averror_muxer_not_found,
    fovea_averror_decoder_not_found, fovea_averror_encoder_not_found, fovea_averror_option_not_found,
    fovea_averror_stream_not_found;
/// AVERROR_HTTP_*, AVERROR_PATCHWELCOME, AVERROR_EXTERNAL, AVERROR_EXPERIMENTAL.
extern const int fovea_averror_http_unauthorized, fovea_averror_http_forbidden, fovea_averror_http_not_found,
    fovea_averror_http_server_error, fovea_averror_patchwelcome, fovea_averror_external,
    fovea_averror_experimental;

/// Receives one line of FFmpeg's log, without the newline; `level` as in AV_LOG_*.
typedef void (*fovea_log_sink)(int level, const char *line);
/// Sends FFmpeg's log, up to `level`, to `sink` instead of stderr.
void fovea_set_log_sink(fovea_log_sink sink, int level);
/// From here on what FFmpeg logs on this thread, up to `level`, is kept, whatever the level of the sink, which must be set.
void fovea_log_watch(int level);
/// Ends that. The messages, line by line, the first 1,023 bytes; empty for none. Valid until this thread watches again.
const char *fovea_log_watched(void);

// What FFmpeg 5.1, 6.1 and 7.1 keep in different places (versions.c).

/// How long a picture stands, in the unit of its time stamp; 0 when unknown.
int64_t fovea_frame_duration(const AVFrame *frame);
void fovea_frame_set_duration(AVFrame *frame, int64_t duration);

/// Whether a picture's rows were taken at two moments, and which of its fields came first.
int fovea_frame_is_interlaced(const AVFrame *frame);
int fovea_frame_is_top_field_first(const AVFrame *frame);
void fovea_frame_set_fields(AVFrame *frame, int is_interlaced, int is_top_field_first);

/// The pixel formats that an encoder takes, up to AV_PIX_FMT_NONE; null when it does not say.
const enum AVPixelFormat *fovea_encoder_pixel_formats(const AVCodec *codec);
/// The sample format that an encoder names first.
enum AVSampleFormat fovea_encoder_sample_format(const AVCodec *codec);
/// This sample rate where an encoder takes it, else the next higher one that it takes, else its highest.
int fovea_encoder_sample_rate(const AVCodec *codec, int rate);

/// A stream's side data: how much there is, one by its place, one by its type (null when there is none).
int fovea_stream_side_data_count(const AVStream *stream);
const AVPacketSideData *fovea_stream_side_data_at(const AVStream *stream, int index);
const AVPacketSideData *fovea_stream_side_data(const AVStream *stream, enum AVPacketSideDataType type);
/// Gives a stream a copy of these bytes as side data. 0, or AVERROR(ENOMEM).
int fovea_stream_copy_side_data(AVStream *stream, enum AVPacketSideDataType type, const uint8_t *bytes, size_t size);

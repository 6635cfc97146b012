// Fields and functions that FFmpeg has moved: what is new comes first, what Debian 12's FFmpeg 5.1 has comes second. The
// version numbers are those of FFmpeg's doc/APIchanges.
#include "CFFmpeg.h"

#include <string.h>

#define HAS_FRAME_DURATION (LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100))
#define HAS_FIELD_FLAGS (LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100))
#define HAS_CODED_SIDE_DATA (LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 100))
#define HAS_SUPPORTED_CONFIG (LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100))

int64_t fovea_frame_duration(const AVFrame *frame) {
#if HAS_FRAME_DURATION
  return frame->duration;
#else
  return frame->pkt_duration;
#endif
}

void fovea_frame_set_duration(AVFrame *frame, int64_t duration) {
#if HAS_FRAME_DURATION
  frame->duration = duration;
#else
  frame->pkt_duration = duration;
#endif
}

int fovea_frame_is_interlaced(const AVFrame *frame) {
#if HAS_FIELD_FLAGS
  return (frame->flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
  return frame->interlaced_frame;
#endif
}

int fovea_frame_is_top_field_first(const AVFrame *frame) {
#if HAS_FIELD_FLAGS
  return (frame->flags & AV_FRAME_FLAG_TOP_FIELD_FIRST) != 0;
#else
  return frame->top_field_first;
#endif
}

void fovea_frame_set_fields(AVFrame *frame, int is_interlaced, int is_top_field_first) {
#if HAS_FIELD_FLAGS
  frame->flags &= ~(AV_FRAME_FLAG_INTERLACED | AV_FRAME_FLAG_TOP_FIELD_FIRST);
  if (is_interlaced) frame->flags |= AV_FRAME_FLAG_INTERLACED;
  if (is_top_field_first) frame->flags |= AV_FRAME_FLAG_TOP_FIELD_FIRST;
#else
  frame->interlaced_frame = is_interlaced != 0;
  frame->top_field_first = is_top_field_first != 0;
#endif
}

const enum AVPixelFormat *fovea_encoder_pixel_formats(const AVCodec *codec) {
#if HAS_SUPPORTED_CONFIG
  const void *formats = NULL;
  if (avcodec_get_supported_config(NULL, codec, AV_CODEC_CONFIG_PIX_FORMAT, 0, &formats, NULL) < 0) return NULL;
  return formats;
#else
  return codec->pix_fmts;
#endif
}

enum AVSampleFormat fovea_encoder_sample_format(const AVCodec *codec) {
  const enum AVSampleFormat *formats = NULL;
#if HAS_SUPPORTED_CONFIG
  const void *found = NULL;
  if (avcodec_get_supported_config(NULL, codec, AV_CODEC_CONFIG_SAMPLE_FORMAT, 0, &found, NULL) >= 0) formats = found;
#else
  formats = codec->sample_fmts;
#endif
  return formats ? formats[0] : AV_SAMPLE_FMT_S16;
}

int fovea_encoder_sample_rate(const AVCodec *codec, int rate) {
  const int *rates = NULL;
#if HAS_SUPPORTED_CONFIG
  const void *found = NULL;
  if (avcodec_get_supported_config(NULL, codec, AV_CODEC_CONFIG_SAMPLE_RATE, 0, &found, NULL) >= 0) rates = found;
#else
  rates = codec->supported_samplerates;
#endif
  int higher = 0, highest = 0;
  for (; rates && *rates; rates++) {
    if (*rates == rate) return rate;
    if (*rates > rate && (!higher || *rates < higher)) higher = *rates;
    if (*rates > highest) highest = *rates;
  }
  return higher ? higher : highest ? highest : rate;
}

int fovea_stream_side_data_count(const AVStream *stream) {
#if HAS_CODED_SIDE_DATA
  return stream->codecpar->nb_coded_side_data;
#else
  return stream->nb_side_data;
#endif
}

const AVPacketSideData *fovea_stream_side_data_at(const AVStream *stream, int index) {
  if (index < 0 || index >= fovea_stream_side_data_count(stream)) return NULL;
#if HAS_CODED_SIDE_DATA
  return &stream->codecpar->coded_side_data[index];
#else
  return &stream->side_data[index];
#endif
}

const AVPacketSideData *fovea_stream_side_data(const AVStream *stream, enum AVPacketSideDataType type) {
  for (int i = 0; i < fovea_stream_side_data_count(stream); i++) {
    const AVPacketSideData *entry = fovea_stream_side_data_at(stream, i);
    if (entry->type == type) return entry;
  }
  return NULL;
}

int fovea_stream_copy_side_data(AVStream *stream, enum AVPacketSideDataType type, const uint8_t *bytes, size_t size) {
#if HAS_CODED_SIDE_DATA
  AVCodecParameters *parameters = stream->codecpar;
  AVPacketSideData *entry = av_packet_side_data_new(
      &parameters->coded_side_data, &parameters->nb_coded_side_data, type, size, 0);
  uint8_t *copy = entry ? entry->data : NULL;
#else
  uint8_t *copy = av_stream_new_side_data(stream, type, size);
#endif
  if (!copy) return AVERROR(ENOMEM);
  memcpy(copy, bytes, size);
  return 0;
}

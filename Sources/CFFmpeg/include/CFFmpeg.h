// The FFmpeg libraries as one module, and the macros that Swift cannot import.
#pragma once
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

/// AV_NOPTS_VALUE.
extern const int64_t fovea_nopts;
/// AVERROR(EAGAIN), AVERROR_EOF, AVERROR_EXIT, AVERROR_INVALIDDATA.
extern const int fovea_averror_eagain, fovea_averror_eof, fovea_averror_exit, fovea_averror_invaliddata;

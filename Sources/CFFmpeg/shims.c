#include "CFFmpeg.h"

const int64_t fovea_nopts = AV_NOPTS_VALUE;
const int fovea_averror_eagain = AVERROR(EAGAIN);
const int fovea_averror_eof = AVERROR_EOF;
const int fovea_averror_exit = AVERROR_EXIT;
const int fovea_averror_invaliddata = AVERROR_INVALIDDATA;

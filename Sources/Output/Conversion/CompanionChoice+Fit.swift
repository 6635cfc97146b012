import CFFmpeg
import Media

extension CompanionChoice {
  /// The container can hold the stream as it is.
  static func canHold(_ stream: StreamDescription, _ muxer: String) -> Bool {
    guard let format = av_guess_format(muxer, nil, nil) else { return false }
    let id = stream.parameters.pointee.codec_id
    if stream.kind == AVMEDIA_TYPE_ATTACHMENT { return muxer == "matroska" }
    guard id != AV_CODEC_ID_NONE, stream.kind != AVMEDIA_TYPE_UNKNOWN else { return false }
    if stream.kind == AVMEDIA_TYPE_VIDEO {
      // Pictures of no size: a cover that is none, a track without a single whole picture.
      guard stream.parameters.pointee.width > 0, stream.parameters.pointee.height > 0 else { return false }
    }
    // FFmpeg writes iTunes' metadata, which hold it, into mp4 alone; see `OutputFormat.keepingCoverArt`.
    if stream.isCoverArt { return muxer == "mp4" }
    if ["rtsp", "yuv4mpegpipe", "rawvideo", "mjpeg", "gif", "image2pipe"].contains(muxer) {
      return muxer == "rtsp" && stream.kind == AVMEDIA_TYPE_AUDIO && CodecFit.canHold(companion: id, in: muxer)
    }
    guard CodecFit.canHold(companion: id, in: muxer) else { return false }
    // FLV's G.711 has one rate (FLV File Format Specification 10.1, AUDIODATA), whatever FFmpeg is given.
    if muxer == "flv", [AV_CODEC_ID_PCM_ALAW, AV_CODEC_ID_PCM_MULAW].contains(id),
      stream.parameters.pointee.sample_rate != 8000 || stream.parameters.pointee.ch_layout.nb_channels != 1
    {
      return false
    }
    return avformat_query_codec(format, id, FF_COMPLIANCE_UNOFFICIAL) != 0 && headerWorks(stream, format)
  }

  /// Tries the stream alone: what a muxer refuses shows when it writes the header.
  private static func headerWorks(_ stream: StreamDescription, _ format: UnsafePointer<AVOutputFormat>) -> Bool {
    var context: UnsafeMutablePointer<AVFormatContext>?
    guard avformat_alloc_output_context2(&context, format, nil, nil) >= 0, let context else { return false }
    defer { avformat_free_context(context) }
    guard let track = avformat_new_stream(context, nil),
      avcodec_parameters_copy(track.pointee.codecpar, stream.parameters) >= 0,
      avio_open_dyn_buf(&context.pointee.pb) >= 0
    else { return false }
    defer {
      var bytes: UnsafeMutablePointer<UInt8>?
      avio_close_dyn_buf(context.pointee.pb, &bytes)
      av_free(bytes)
      context.pointee.pb = nil
    }
    track.pointee.codecpar.pointee.codec_tag = 0
    track.pointee.time_base = stream.timeBase.ffmpeg
    context.pointee.strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL
    return avformat_write_header(context, nil) >= 0
  }
}

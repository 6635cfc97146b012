import CFFmpeg
import Media

/// What containers really hold. FFmpeg's own answer is too generous for some: what it writes there cannot be read again.
enum CodecFit {
  /// MPEG-TS has numbers for these (ISO/IEC 13818-1, table 2-34); anything else becomes private data, which nothing plays.
  private static let transportStream = [
    AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG4, AV_CODEC_ID_H264, AV_CODEC_ID_HEVC,
    AV_CODEC_ID_CAVS,
    AV_CODEC_ID_DIRAC, AV_CODEC_ID_VC1,
  ]

  /// Pairs of a muxer and a codec that come out damaged: FLV has no headers for MPEG-4 and its own dialect of H.263, and Matroska
  /// lacks the depth of QuickTime's animations. AV1, VP8 and VP9 FFmpeg refuses in mov, but only once the encoder runs.
  private static let damaged = [
    ("flv", AV_CODEC_ID_MPEG4), ("flv", AV_CODEC_ID_H263), ("matroska", AV_CODEC_ID_QTRLE), ("mov", AV_CODEC_ID_AV1),
    ("mov", AV_CODEC_ID_VP8), ("mov", AV_CODEC_ID_VP9),
  ]

  /// True when video of this codec can be read again from such a container.
  static func canHold(_ codec: AVCodecID, in format: UnsafePointer<AVOutputFormat>) -> Bool {
    let muxer = String(cString: format.pointee.name)
    if muxer == "mpegts", !transportStream.contains(codec) { return false }
    if muxer == "gif", codec != AV_CODEC_ID_GIF { return false }
    guard !damaged.contains(where: { $0 == muxer && $1 == codec }) else { return false }
    return avformat_query_codec(format, codec, FF_COMPLIANCE_UNOFFICIAL) != 0
  }

  /// Sound, pictures of subtitles and data that MPEG-TS has numbers or registered names for.
  private static let transportCompanions = [
    AV_CODEC_ID_MP2, AV_CODEC_ID_MP3, AV_CODEC_ID_AAC, AV_CODEC_ID_AAC_LATM, AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3,
    AV_CODEC_ID_DTS, AV_CODEC_ID_TRUEHD, AV_CODEC_ID_OPUS, AV_CODEC_ID_S302M, AV_CODEC_ID_DVB_SUBTITLE,
    AV_CODEC_ID_DVB_TELETEXT, AV_CODEC_ID_HDMV_PGS_SUBTITLE, AV_CODEC_ID_SMPTE_KLV, AV_CODEC_ID_TIMED_ID3,
    AV_CODEC_ID_SCTE_35, AV_CODEC_ID_ARIB_CAPTION,
  ]

  /// Sound with a form of its own in RTP (RFC 3551 and those for single codecs) that FFmpeg writes and reads.
  private static let rtpSound = [
    AV_CODEC_ID_AAC, AV_CODEC_ID_MP2, AV_CODEC_ID_MP3, AV_CODEC_ID_PCM_ALAW, AV_CODEC_ID_PCM_MULAW,
    AV_CODEC_ID_PCM_S16BE, AV_CODEC_ID_AMR_NB, AV_CODEC_ID_AMR_WB, AV_CODEC_ID_VORBIS, AV_CODEC_ID_ADPCM_G722,
    AV_CODEC_ID_OPUS,
  ]

  /// Sound that FFmpeg writes into these containers without what its decoder needs, or in AVI with a wrong speed: AVI counts blocks or
  /// bytes, and blocks of these differ in length.
  private static let damagedSound: [String: [AVCodecID]] = [
    "avi": [
      AV_CODEC_ID_DTS, AV_CODEC_ID_EAC3, AV_CODEC_ID_FLAC, AV_CODEC_ID_VORBIS, AV_CODEC_ID_DFPWM,
      AV_CODEC_ID_ADPCM_SWF,
    ],
    "nut": [AV_CODEC_ID_ADPCM_G726, AV_CODEC_ID_ADPCM_IMA_WAV, AV_CODEC_ID_WMAV1, AV_CODEC_ID_WMAV2],
    "matroska": [AV_CODEC_ID_TTA],
  ]

  /// False when a companion of this codec cannot be read again from such a container.
  static func canHold(companion codec: AVCodecID, in muxer: String) -> Bool {
    if muxer == "mpegts" { return transportCompanions.contains(codec) }
    if muxer == "rtsp" { return rtpSound.contains(codec) }
    // FFmpeg writes PCM into mp4 from 6.1 on: few programs play it, and high rates come out unreadable.
    if muxer == "mp4", (AV_CODEC_ID_PCM_S16LE.rawValue..<AV_CODEC_ID_ADPCM_IMA_QT.rawValue).contains(codec.rawValue) {
      return false
    }
    return damagedSound[muxer]?.contains(codec) != true
  }

  /// Bits per second of sound in blocks of one length. What a stream says of it may be a guess, and AVI derives its speed from it.
  static func bitRate(_ parameters: UnsafeMutablePointer<AVCodecParameters>) -> Int64? {
    let block = parameters.pointee.block_align
    guard parameters.pointee.codec_type == AVMEDIA_TYPE_AUDIO, block > 0 else { return nil }
    let samples = Int64(av_get_audio_frame_duration2(parameters, block))
    return samples > 0 ? Int64(block) * 8 * Int64(parameters.pointee.sample_rate) / samples : nil
  }

  /// The pixel formats of raw video that a container has a name for; nil where it takes all. QuickTime has few (QuickTime File Format
  /// Specification, "Uncompressed Y'CbCr" and 'raw '); in Matroska FFmpeg writes these YUV formats, and no RGB.
  static func rawPixelFormats(_ codec: UnsafePointer<AVCodec>, in muxer: String) -> [AVPixelFormat]? {
    guard codec.pointee.id == AV_CODEC_ID_RAWVIDEO else { return nil }
    switch muxer {
    case "mov", "mp4": return [AV_PIX_FMT_UYVY422, AV_PIX_FMT_YUYV422, AV_PIX_FMT_RGB24, AV_PIX_FMT_ARGB]
    case "matroska":
      return [
        AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV411P, AV_PIX_FMT_YUV410P, AV_PIX_FMT_UYVY422,
        AV_PIX_FMT_YUYV422, AV_PIX_FMT_NV12, AV_PIX_FMT_GRAY8,
      ]
    default: return nil
    }
  }
}

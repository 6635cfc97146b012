import CFFmpeg
import Frames
import Media
import Telemetry

/// Which stream of a container is the video.
enum StreamChoice {
  /// The video stream of this number among those of the file, or else the best one: one that can be decoded, lasts as long as the others,
  /// is marked as default, of most pixels, first. Cover art is taken only by number.
  static func video(in demuxer: Demuxer, wanted: Int? = nil) throws -> UnsafeMutablePointer<AVStream> {
    let videos = demuxer.streams.filter { $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO }
    if let wanted {
      guard videos.indices.contains(wanted) else { throw missing(wanted, videos.count, demuxer.name) }
      try check(videos[wanted].pointee.codecpar.pointee, demuxer.name)
      return videos[wanted]
    }
    let candidates = videos.filter { $0.pointee.disposition & stillDispositions == 0 }
    let longest = candidates.compactMap(frames).max() ?? 0
    guard let best = candidates.max(by: { rank($0, longest) < rank($1, longest) }) else {
      throw nothing(in: demuxer, videos.isEmpty)
    }
    try check(best.pointee.codecpar.pointee, demuxer.name)
    return best
  }

  private static let stillDispositions = AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS

  private static func rank(_ stream: UnsafeMutablePointer<AVStream>, _ longest: Double) -> (Int, Int, Int, Int, Int) {
    let parameters = stream.pointee.codecpar.pointee
    let isDescribed = parameters.width > 0 && parameters.height > 0
    // A picture or two beside the film: a thumbnail, a title, a high-resolution still.
    let isBrief = frames(stream).map { $0 * 4 < longest } ?? false
    return (
      avcodec_find_decoder(parameters.codec_id) == nil || !isDescribed ? 0 : 1, isBrief ? 0 : 1,
      stream.pointee.disposition & AV_DISPOSITION_DEFAULT == 0 ? 0 : 1,
      Int(parameters.width) * Int(parameters.height), -Int(stream.pointee.index)
    )
  }

  /// How many pictures the container promises; nil when it does not say. Matroska does so in the tags that mkvmerge and FFmpeg write.
  private static func frames(_ stream: UnsafeMutablePointer<AVStream>) -> Double? {
    if stream.pointee.nb_frames > 0 { return Double(stream.pointee.nb_frames) }
    if let tag = av_dict_get(stream.pointee.metadata, "NUMBER_OF_FRAMES", nil, AV_DICT_IGNORE_SUFFIX),
      let count = Double(String(cString: tag.pointee.value)), count > 0
    {
      return count
    }
    let rate = Rational(stream.pointee.avg_frame_rate).value
    guard let seconds = MediaDuration.own(of: stream), rate > 0 else { return nil }
    return seconds * rate
  }

  private static func missing(_ wanted: Int, _ count: Int, _ name: String) -> UserError {
    let there =
      count == 0 ? "no video" : count == 1 ? "one video, number 0" : "\(count) videos, numbers 0 to \(count - 1)"
    return UserError("there is no video stream \(wanted) in \(name): it has \(there)", .usage)
  }

  private static func nothing(in demuxer: Demuxer, _ noPicture: Bool) -> UserError {
    let kinds = Set(demuxer.streams.map { $0.pointee.codecpar.pointee.codec_type.rawValue })
    let what =
      !noPicture
      ? "only a cover picture, no video"
      : kinds.contains(AVMEDIA_TYPE_AUDIO.rawValue) ? "only sound, no video" : "no video"
    return UserError("cannot use \(demuxer.name): it has \(what); name a file with moving pictures")
  }

  private static func check(_ parameters: AVCodecParameters, _ name: String) throws {
    if encryptedTags.contains(parameters.codec_tag) {
      throw UserError("cannot decode \(name): the video is encrypted; use a copy without protection")
    }
    try checkSize(Int(parameters.width), Int(parameters.height), name)
  }

  /// Throws for pictures that no memory should be taken for.
  static func checkSize(_ width: Int, _ height: Int, _ name: String) throws {
    let tooLarge =
      width > Demuxer.sideLimit || height > Demuxer.sideLimit || width * height > Demuxer.pixelLimit
    guard tooLarge else { return }
    throw UserError(
      "cannot decode \(name): its pictures of \(width)x\(height) are larger than \(Demuxer.sideLimit)x"
        + "\(Demuxer.sideLimit); the file is damaged, or scale it down first")
  }

  /// "encv": the sample entry of protected video (ISO/IEC 14496-12, 8.12).
  private static let encryptedTags: Set<UInt32> = [0x7663_6e65]
}

import CFFmpeg
import Media
import Telemetry

/// Which stream of a container is the video.
enum StreamChoice {
  /// The best video stream: one that can be decoded, marked as default, of most pixels, first. Cover art never is.
  static func video(in demuxer: Demuxer) throws -> UnsafeMutablePointer<AVStream> {
    let videos = demuxer.streams.filter { $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO }
    let candidates = videos.filter { $0.pointee.disposition & stillDispositions == 0 }
    guard let best = candidates.max(by: { rank($0) < rank($1) }) else { throw nothing(in: demuxer, videos.isEmpty) }
    try check(best.pointee.codecpar.pointee, demuxer.name)
    return best
  }

  private static let stillDispositions = AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS

  private static func rank(_ stream: UnsafeMutablePointer<AVStream>) -> (Int, Int, Int, Int) {
    let parameters = stream.pointee.codecpar.pointee
    return (
      avcodec_find_decoder(parameters.codec_id) == nil ? 0 : 1,
      stream.pointee.disposition & AV_DISPOSITION_DEFAULT == 0 ? 0 : 1,
      Int(parameters.width) * Int(parameters.height), -Int(stream.pointee.index)
    )
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

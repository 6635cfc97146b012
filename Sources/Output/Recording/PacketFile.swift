import CFFmpeg
import Foundation
import Frames
import Media
import Telemetry

/// What is known of a file that a recorder has completed.
package struct RecordedFile: Sendable {
  package var path: String
  package var frames: Int
  /// Seconds from the first picture to the last.
  package var seconds: Double
  package var bytes: Int
  /// When its first packet came, in seconds since 1970.
  package var start: Double
}

/// One file of a recording: packets as they came, from a key frame on.
///
/// It has the name of unfinished files until it is complete. An mp4 is written in fragments of a second, so that what a crash or
/// a loss of power leaves plays.
final class PacketFile {
  private let file: PartialFile
  private let muxer: Muxer
  private let track: VideoTrack
  /// The first packet's decoding time: the file's 0.
  private let start: Int64
  private let began: Double
  private var frames = 0
  private var first: Int64?, last: Int64 = 0

  /// Makes the file.
  /// - Parameters:
  ///   - base: its path without the ending.
  ///   - container: `mp4`, `mkv`, or nil to choose by the codecs.
  ///   - first: the video packet that it begins with.
  init(_ base: String, _ streams: PacketStreams, container: String?, first: MediaPacket, at began: Double) throws {
    let (streams, isMP4) = Self.fitted(streams, container)
    self.began = began
    let time = first.pointer.pointee
    start = time.dts != fovea_nopts ? time.dts : time.pts != fovea_nopts ? time.pts : 0
    let path = try Self.freePath(base, isMP4 ? "mp4" : "mkv")
    guard Files.makeFolder(path.folder) else { throw PartialFile.failure(path, errno) }
    file = try PartialFile(path, overwrite: false)
    track = try VideoTrack(copying: streams.video)
    try file.create()
    do {
      muxer = try Muxer(
        isMP4 ? "mp4" : "matroska", url: "file:" + file.partialPath, name: path, beginning: .at(start))
      let companions = MediaCompanions(
        streams: streams.others, video: streams.video, chapters: [], metadata: try MetadataList(copying: nil),
        isCut: true)
      try muxer.describe(track, streams.others, of: companions, withChapters: false)
      try muxer.start(isMP4 ? FragmentedFile.fragmentOptions + FragmentedFile.trackOptions(track) : [])
    } catch {
      file.discard()
      throw error
    }
  }

  /// Where its bytes go until it is complete.
  var partialPath: String { file.partialPath }

  func write(_ packet: TimedPacket) throws {
    guard packet.isVideo else { return try muxer.writeCompanion(packet.packet) }
    let copy = try packet.packet.copy()
    let times = copy.pointer.pointee
    if times.pts != fovea_nopts { copy.pointer.pointee.pts = times.pts.subtractingClamped(start) }
    if times.dts != fovea_nopts { copy.pointer.pointee.dts = times.dts.subtractingClamped(start) }
    let shown = times.pts != fovea_nopts ? times.pts : times.dts
    if shown != fovea_nopts { (first, last) = (min(first ?? shown, shown), max(last, shown)) }
    try muxer.writeVideo(copy.pointer)
    frames += 1
  }

  /// Gives the complete file its name.
  func finish() throws -> RecordedFile {
    try muxer.finish()
    try file.commit(.complete)
    return recorded
  }

  /// After a failure: what was written gets the name, where anything was.
  func salvage() -> RecordedFile? {
    guard frames > 0 else {
      file.discard()
      return nil
    }
    if let whole = try? finish() { return whole }
    // The disk may have no room for the end of the file: what came before plays all the same.
    guard let kept = file.keep(), rename(kept.fileName, file.path.fileName) == 0 else { return nil }
    return recorded
  }

  private var recorded: RecordedFile {
    let seconds = first.map { Double(last.subtractingClamped($0)) * track.timeBase.value } ?? 0
    return RecordedFile(
      path: file.path, frames: frames, seconds: seconds, bytes: Int(Files.status(file.path)?.st_size ?? 0), start: began
    )
  }

  /// What browsers play in an mp4. Other codecs go into Matroska, which holds all.
  private static let plainVideo: Set<UInt32> = codecs([
    AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_AV1, AV_CODEC_ID_VP9, AV_CODEC_ID_MPEG4,
  ])
  private static let plainSound: Set<UInt32> = codecs([
    AV_CODEC_ID_AAC, AV_CODEC_ID_MP3, AV_CODEC_ID_OPUS, AV_CODEC_ID_AC3,
  ])

  private static func codecs(_ all: [AVCodecID]) -> Set<UInt32> { Set(all.map(\.rawValue)) }

  /// The streams that the file takes: video and sound.
  private static func fitted(_ streams: PacketStreams, _ container: String?) -> (PacketStreams, isMP4: Bool) {
    let sound = streams.others.filter { $0.kind == AVMEDIA_TYPE_AUDIO }
    let isPlain =
      plainVideo.contains(streams.video.parameters.pointee.codec_id.rawValue)
      && sound.allSatisfy { plainSound.contains($0.parameters.pointee.codec_id.rawValue) }
    let isMP4 = container.map { $0 == "mp4" } ?? isPlain
    let fitting = sound.filter { !isMP4 || plainSound.contains($0.parameters.pointee.codec_id.rawValue) }
    return (PacketStreams(video: streams.video, others: fitting), isMP4)
  }

  /// A name that no file has: two segments may begin in the same second.
  private static func freePath(_ base: String, _ ending: String) throws -> String {
    for number in 1...1000 {
      let path = (number == 1 ? base : "\(base)-\(number)") + ".\(ending)"
      if !Files.exists(path) { return path }
    }
    throw UserError("cannot record to \(base).\(ending): there are a thousand files of this name; use another pattern")
  }
}

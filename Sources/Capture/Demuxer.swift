import CFFmpeg
import Foundation
import Frames
import Media
import Telemetry

/// An open container: packets out of a file, a pipe or the network.
final class Demuxer {
  /// What `read` found.
  enum Outcome { case packet, damaged, end, interrupted }

  /// Pictures larger than this are refused: 256 Mpixel.
  static let pixelLimit = 1 << 28
  /// Pictures with a side longer than this are refused.
  static let sideLimit = 16384

  let context: UnsafeMutablePointer<AVFormatContext>
  /// The source as the user named it, without passwords.
  let name: String
  private let interruption: Interruption
  private let timeout: Double?
  private let isRTMP: Bool
  private let pipe: PipeReader?
  // Errors in a row without a packet. There is a limit: some damaged files give errors for ever.
  private var errorsInARow = 0
  private let clock: PacketClock?
  private var paces: [Int32: SoundPace] = [:]
  private let isIndexed: Bool
  /// Packets that the index names lie behind the end of the file.
  private(set) var lacksPackets = false

  /// Packets behind the end, between two that are there.
  private static let endsInARow = 4096
  private let pictures: PictureList?
  let isPlaylist: Bool
  /// Files that the playlist names could not be read.
  private(set) var lacksParts = false
  /// Some of them are encrypted, and the key is not there.
  private var lacksKey = false

  init(_ address: SourceAddress, name: String, options: SourceOptions) throws {
    self.name = name
    interruption = options.interruption
    if case .network(let url) = address {
      (timeout, isRTMP) = (options.timeout, scheme(of: url)?.hasPrefix("rtmp") == true)
    } else {
      (timeout, isRTMP) = (nil, false)
    }
    let input = try DemuxerInput(address, name: name, options: options)
    let what = "cannot open \(name)"
    pipe = try input.pipe.map { try PipeReader($0.path, what: what, interruption: options.interruption) }
    let warnings: String
    (context, warnings) = try Self.open(input, what, options.interruption, timeout, pipe)
    pictures = input.pictures
    clock = PacketClock(context)
    let container = context.pointee.iformat.map { String(cString: $0.pointee.name) } ?? ""
    isPlaylist = MediaDuration.isPlaylist(context)
    isIndexed = container.hasPrefix("mov,") && pipe == nil && timeout == nil
    // Data that no container can take is not read: in an incomplete file it may lie behind the end and block the rest.
    for stream in streams where stream.pointee.codecpar.pointee.codec_id == AV_CODEC_ID_NONE {
      stream.pointee.discard = AVDISCARD_ALL
    }
    noteMissingParts(warnings)
    if let pictures { streams.first?.pointee.duration = Int64(pictures.files.count) }
  }

  /// Numbers of a sequence that have no file; nil when none is missing.
  var missingPictures: String? { pictures?.missing }

  /// Packets of other streams are not read from here on.
  func read(only indices: Set<Int>) {
    for stream in streams where !indices.contains(Int(stream.pointee.index)) { stream.pointee.discard = AVDISCARD_ALL }
  }

  /// The container is one whose time stamps may jump.
  var mayJump: Bool { clock != nil }

  /// The jumps of the container's clock that were taken out.
  var jumps: TimeJumps { clock?.jumps ?? TimeJumps() }

  /// Goes to the last key frame of the stream at or before `time`, which is in its time base; false when the source cannot.
  func seek(_ stream: UnsafePointer<AVStream>, to time: Int64) -> Bool {
    guard avformat_seek_file(context, stream.pointee.index, .min, time, time, 0) >= 0 else { return false }
    clock?.forget()
    paces = [:]
    if let pictures { pictures.position = Int(min(max(time, 0), Int64(pictures.files.count))) }
    return true
  }

  /// The container is a picture file, or a sequence of them.
  var readsPictureFiles: Bool {
    let container = context.pointee.iformat.map { String(cString: $0.pointee.name) } ?? ""
    return container == "image2" || container.hasSuffix("_pipe")
  }

  /// What a still picture in a HEIF file says of its orientation; nil for other sources.
  var stillOrientation: Orientation? {
    guard let url = context.pointee.url, strncmp(url, "file:", 5) == 0, context.pointee.nb_streams == 1,
      context.pointee.iformat.map({ String(cString: $0.pointee.name) })?.contains("mp4") == true
    else { return nil }
    return HEIFOrientation.of(path: String(fileName: url + 5))
  }

  deinit {
    var open: UnsafeMutablePointer<AVFormatContext>? = context
    avformat_close_input(&open)
  }

  func read(into packet: UnsafeMutablePointer<AVPacket>) throws -> Outcome {
    if interruption.isRequested { return .interrupted }
    if let timeout { interruption.limit(timeout) }
    let code = readFrame(packet)
    if code >= 0 {
      errorsInARow = 0
      if let stream = context.pointee.streams[Int(packet.pointee.stream_index)] { place(packet, of: stream) }
      return .packet
    }
    if interruption.isRequested { return .interrupted }
    if code == fovea_averror_eof || pictures?.isAtEnd == true { return try ended() }
    // The limit may have passed while the streams were looked at; FFmpeg then repeats that error.
    if interruption.isLate || code == fovea_averror_exit { throw silence() }
    errorsInARow += 1
    // RTMP has no other sign of its end than that the server closes the connection.
    if isRTMP, code == -EIO { return .end }
    if timeout != nil, code != fovea_averror_invaliddata, code != fovea_averror_eagain {
      throw UserError("lost \(name): \(ffmpegReason(code))")
    }
    return errorsInARow > 64 ? try ended() : .damaged
  }

  /// Gives the packet its place on the time line.
  private func place(_ packet: UnsafeMutablePointer<AVPacket>, of stream: UnsafePointer<AVStream>) {
    guard let clock else { return }
    if stream.pointee.codecpar.pointee.codec_id == AV_CODEC_ID_AAC {
      paces[packet.pointee.stream_index, default: SoundPace()].mend(packet, of: stream)
    }
    clock.place(packet, of: stream)
  }

  /// Reads on behind the end of an mp4 or mov: packets lie where its index says, and in an incomplete file those of one track may lie behind
  /// the end while those of another do not.
  private func readFrame(_ packet: UnsafeMutablePointer<AVPacket>) -> Int32 {
    if isPlaylist { return readPlaylist(packet) }
    var code = av_read_frame(context, packet)
    guard code == fovea_averror_eof, isIndexed else { return code }
    for _ in 0..<Self.endsInARow where code == fovea_averror_eof && !interruption.isRequested {
      code = av_read_frame(context, packet)
    }
    if code >= 0 { lacksPackets = true }
    return code
  }

  /// The next packet of a playlist (HLS). FFmpeg goes past parts that are not there, and makes noise of those whose key is not: it says
  /// so in its log alone.
  private func readPlaylist(_ packet: UnsafeMutablePointer<AVPacket>) -> Int32 {
    let (code, message) = FFmpegLog.watchClosely { av_read_frame(context, packet) }
    noteMissingParts(message)
    return code
  }

  private func noteMissingParts(_ message: String) {
    guard isPlaylist else { return }
    if message.contains("Failed to open segment") { lacksParts = true }
    guard message.contains("Unable to open key file") else { return }
    // In a stream that goes on, the next parts may have a key again.
    if timeout != nil { lacksParts = true } else { lacksKey = true }
  }

  private func ended() throws -> Outcome {
    guard lacksKey else { return .end }
    throw UserError(
      "cannot decrypt all of \(name): a key that this playlist names cannot be read; put it where the playlist says")
  }

  private func silence() -> UserError {
    UserError("lost \(name): no data for \(timeout ?? 0) s; check that the sender runs and the connection works")
  }

  /// The streams of sound that are read.
  var sound: [UnsafeMutablePointer<AVStream>] {
    streams.filter {
      $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO && $0.pointee.discard != AVDISCARD_ALL
    }
  }

  var streams: [UnsafeMutablePointer<AVStream>] {
    (0..<Int(context.pointee.nb_streams)).compactMap { context.pointee.streams[$0] }
  }
}

import CFFmpeg
import Frames
import Telemetry

/// FFmpeg's key-value list, owned.
package final class MetadataList: @unchecked Sendable {
  // Safety: never changed after `init`.

  /// Null when empty.
  package let pointer: OpaquePointer?

  package init(copying list: OpaquePointer?) throws {
    var copy: OpaquePointer?
    let code = av_dict_copy(&copy, list, 0)
    pointer = copy
    try ffmpeg(code, "cannot keep the metadata")
  }

  deinit {
    var list = pointer
    av_dict_free(&list)
  }

  /// The entry of this name (case does not matter).
  package subscript(key: String) -> String? {
    av_dict_get(pointer, key, nil, 0).map { String(cString: $0.pointee.value) }
  }
}

/// What is known of one stream of a container.
package final class StreamDescription: @unchecked Sendable {
  // Safety: never changed after `init`.

  /// The index in the source; what `MediaPacket.streamIndex` refers to.
  package let index: Int
  /// Codec, sizes, rates, extra data.
  package let parameters: UnsafePointer<AVCodecParameters>
  /// Seconds per unit of packet time stamps.
  package let timeBase: Rational
  /// AV_DISPOSITION_* flags.
  package let disposition: Int32
  package let metadata: MetadataList
  package let sideData: [StreamSideData]

  /// - Parameter sideData: instead of all that the stream has.
  package init(copying stream: UnsafePointer<AVStream>, sideData: [StreamSideData]? = nil) throws {
    self.sideData = sideData ?? StreamSideData.all(of: stream)
    let what = "cannot keep the description of stream \(stream.pointee.index)"
    index = Int(stream.pointee.index)
    timeBase = Rational(stream.pointee.time_base)
    disposition = stream.pointee.disposition
    metadata = try MetadataList(copying: stream.pointee.metadata)
    let copy: UnsafeMutablePointer<AVCodecParameters> = try ffmpeg(avcodec_parameters_alloc(), what)
    parameters = UnsafePointer(copy)
    // From here on `deinit` frees the copy, also when this throws.
    try ffmpeg(avcodec_parameters_copy(copy, stream.pointee.codecpar), what)
  }

  /// The same stream in another form: it keeps its index, its language and its role.
  package init(
    replacing stream: StreamDescription, parameters: UnsafePointer<AVCodecParameters>, timeBase: Rational
  ) throws {
    (index, disposition, metadata, sideData) = (stream.index, stream.disposition, stream.metadata, [])
    self.timeBase = timeBase
    let what = "cannot describe stream \(stream.index)"
    let copy: UnsafeMutablePointer<AVCodecParameters> = try ffmpeg(avcodec_parameters_alloc(), what)
    self.parameters = UnsafePointer(copy)
    // From here on `deinit` frees the copy, also when this throws.
    try ffmpeg(avcodec_parameters_copy(copy, parameters), what)
  }

  /// The stream of an encoder.
  package init(
    encoded origin: UnsafePointer<AVCodecParameters>, timeBase: Rational, index: Int
  ) throws {
    (self.index, self.timeBase, disposition, sideData) = (index, timeBase, 0, [])
    metadata = try MetadataList(copying: nil)
    let what = "cannot describe the video"
    let copy: UnsafeMutablePointer<AVCodecParameters> = try ffmpeg(avcodec_parameters_alloc(), what)
    parameters = UnsafePointer(copy)
    // From here on `deinit` frees the copy, also when this throws.
    try ffmpeg(avcodec_parameters_copy(copy, origin), what)
  }

  deinit {
    var owned: UnsafeMutablePointer<AVCodecParameters>? = UnsafeMutablePointer(mutating: parameters)
    avcodec_parameters_free(&owned)
  }

  /// Sound, subtitles, data, attachment; "video" for cover art.
  package var kind: AVMediaType { parameters.pointee.codec_type }

  /// FFmpeg's name of the codec, as in "aac".
  package var codecName: String { String(cString: avcodec_get_name(parameters.pointee.codec_id)) }

  /// A still picture that belongs to the file rather than a stream of pictures.
  package var isCoverArt: Bool { disposition & AV_DISPOSITION_ATTACHED_PIC != 0 }
}

/// A named part of the time line.
package struct Chapter: Sendable {
  package var id: Int64
  /// Seconds per unit of `start` and `end`.
  package var timeBase: Rational
  /// In `timeBase` units, on the time line of the frames that are delivered.
  package var start: Int64
  package var end: Int64
  package var metadata: MetadataList

  package init(id: Int64, timeBase: Rational, start: Int64, end: Int64, metadata: MetadataList) {
    (self.id, self.timeBase, self.start, self.end, self.metadata) = (id, timeBase, start, end, metadata)
  }
}

/// What a container holds beside the video.
package final class MediaCompanions: CompanionStreams {
  /// Every stream but the video, in the order of the container, cover art and attachments included.
  package let streams: [StreamDescription]
  /// The video stream itself, for its language, title and disposition.
  package let video: StreamDescription
  /// On the time line of the frames that are delivered.
  package let chapters: [Chapter]
  /// Title, date and others, of the whole container.
  package let metadata: MetadataList
  /// When the first of all streams begins, in the video's time base, on the time line of the frames that are delivered.
  package let start: Int64
  /// Packets that end before the start are not wanted.
  package let isCut: Bool

  package init(
    streams: [StreamDescription], video: StreamDescription, chapters: [Chapter], metadata: MetadataList,
    start: Int64 = 0, isCut: Bool = false
  ) {
    (self.streams, self.video, self.chapters, self.metadata) = (streams, video, chapters, metadata)
    (self.start, self.isCut) = (start, isCut)
  }

  package func beginning(at start: Int64) -> any CompanionStreams {
    MediaCompanions(
      streams: streams, video: video, chapters: chapters, metadata: metadata, start: start, isCut: true)
  }
}

/// A packet of a companion stream. A receiver that keeps the object keeps the packet: the source puts the next packet into it
/// only when it is the last to hold it.
package final class MediaPacket: CompanionPacket {
  /// Never null while the object lives. Its time stamps are in the time base of its stream's description.
  package let pointer: UnsafeMutablePointer<AVPacket>

  package init() throws { pointer = try ffmpeg(av_packet_alloc(), "cannot make a packet") }

  deinit {
    var packet: UnsafeMutablePointer<AVPacket>? = pointer
    av_packet_free(&packet)
  }

  /// Which of `MediaCompanions.streams`, by `StreamDescription.index`.
  package var streamIndex: Int { Int(pointer.pointee.stream_index) }
}

import CFFmpeg
import Foundation
import Frames
import Media
import Telemetry

/// One output container: video from the encoder's thread, copied packets from the source's.
final class Muxer: @unchecked Sendable {
  // Safety: after `start`, every use of `context` is under `lock`.

  /// What part of the time line the packets of each stream cover, in `timeBase(of:)` units.
  private(set) var spans: [StreamSpan] = []
  private let context: UnsafeMutablePointer<AVFormatContext>
  private let lock = NSLock()
  private let name: String
  private let scratch: UnsafeMutablePointer<AVPacket>
  private var streamOf: [Int: Int] = [:]
  private var companionBases: [AVRational] = []
  /// What is taken from the times of each companion.
  private var companionStarts: [Int64] = []
  private let beginning: Beginning
  /// The time base of `beginning`.
  private var beginningBase = AVRational(num: 1, den: 1)
  private var isCut = false
  /// By the container's number of the stream.
  private var filters: [Int: BitstreamFilter] = [:]
  private var videoBase = AVRational(num: 1, den: 1)
  private var order: [PacketOrder] = []
  private var failures = CompanionFailures()
  private var isOpen = false

  /// A muxer of libavformat; `url` is what its protocols understand, `name` is for messages.
  /// - Parameter beginning: what is taken from the times of companions and chapters. The video has been moved already.
  init(_ muxer: String, url: String, name: String, beginning: Beginning = .at(0)) throws {
    (self.name, self.beginning) = (name, beginning)
    var made: UnsafeMutablePointer<AVFormatContext>?
    try ffmpeg(avformat_alloc_output_context2(&made, nil, muxer, url.fileName), "cannot write \(name)")
    context = try ffmpeg(made, "cannot write \(name)")
    context.pointee.strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL
    // Every packet is flushed at once: a crash loses nothing, and viewers get it without delay.
    context.pointee.flags |= AVFMT_FLAG_FLUSH_PACKETS
    do { scratch = try ffmpeg(av_packet_alloc(), "cannot write \(name)") } catch {
      avformat_free_context(context)
      throw error
    }
  }

  deinit {
    var packet: UnsafeMutablePointer<AVPacket>? = scratch
    av_packet_free(&packet)
    if isOpen { avio_closep(&context.pointee.pb) }
    avformat_free_context(context)
  }

  /// The container wants stream headers in one place.
  static func wantsGlobalHeader(_ muxer: String) -> Bool {
    (av_guess_format(muxer, nil, nil)?.pointee.flags ?? 0) & AVFMT_GLOBALHEADER != 0
  }

  /// Adds the video, then the copied streams, then chapters and metadata.
  func describe(
    _ video: VideoTrack, _ accepted: [StreamDescription], of companions: MediaCompanions?, withChapters: Bool
  ) throws {
    (beginningBase, isCut) = (video.sourceTimeBase.ffmpeg, companions?.isCut ?? false)
    try add(video, companions?.video)
    for stream in accepted { try add(stream) }
    guard let companions else { return }
    try copyMetadata(companions.metadata.pointer, to: &context.pointee.metadata, without: Self.containerKeys)
    if withChapters {
      try Self.add(companions.chapters.moved(by: beginning.time, in: beginningBase), to: context, self)
    }
  }

  /// Takes a stream's codec headers from a container that its packets were read from. Before `start`.
  func takeHeaders(_ origin: UnsafePointer<AVCodecParameters>, stream: Int) throws {
    guard let bytes = origin.pointee.extradata, origin.pointee.extradata_size > 0,
      let target = context.pointee.streams[stream]?.pointee.codecpar
    else { return }
    let size = Int(origin.pointee.extradata_size)
    let padded = size + Int(AV_INPUT_BUFFER_PADDING_SIZE)
    let copy = try ffmpeg(av_mallocz(padded), "cannot write \(name)").assumingMemoryBound(to: UInt8.self)
    copy.update(from: bytes, count: size)
    av_free(target.pointee.extradata)
    (target.pointee.extradata, target.pointee.extradata_size) = (copy, origin.pointee.extradata_size)
  }

  func start(_ options: [(String, String)], protocolOptions: [(String, String)] = []) throws {
    if context.pointee.oformat.pointee.flags & AVFMT_NOFILE == 0 {
      let options = try FFmpegOptions(protocolOptions)
      try ffmpeg(.publish(container: container), "cannot write \(name)") {
        avio_open2(&context.pointee.pb, context.pointee.url, AVIO_FLAG_WRITE, nil, &options.pointer)
      }
      isOpen = true
    }
    let options = try FFmpegOptions(options)
    try ffmpeg(.writeHeader(container: container, codecs: codecs), "cannot write \(name)") {
      avformat_write_header(context, &options.pointer)
    }
    let count = Int(context.pointee.nb_streams)
    spans = Array(repeating: StreamSpan(), count: count)
    let format = context.pointee.oformat.pointee
    order = (0..<count).map { PacketOrder(context.pointee.streams[$0]!.pointee, in: format) }
  }

  /// Writes a packet of the video, stamped in its track's time base; leaves it empty.
  func writeVideo(_ packet: UnsafeMutablePointer<AVPacket>) throws {
    lock.lock()
    defer { lock.unlock() }
    packet.pointee.stream_index = 0
    try interleave(packet, from: videoBase)
  }

  /// Writes a copied packet, unless its stream is not in the container.
  func writeCompanion(_ packet: MediaPacket) throws {
    lock.lock()
    defer { lock.unlock() }
    guard let index = streamOf[packet.streamIndex], !failures.hasGivenUp(packet.streamIndex),
      !isBeforeCut(packet, index)
    else {
      return
    }
    try ffmpeg(av_packet_ref(scratch, packet.pointer), "cannot copy a packet to \(name)")
    defer { av_packet_unref(scratch) }
    move(scratch, index)
    do {
      if let filter = filters[index] {
        try filter.pass(scratch) { try interleaveCompanion($0, index) }
      } else {
        try interleaveCompanion(scratch, index)
      }
      failures.succeeded(packet.streamIndex)
    } catch {
      // The file itself can be written; only this packet, or its stream, does not suit the container.
      guard (context.pointee.pb?.pointee.error ?? 0) >= 0, !(error is OutputBroken) else { throw error }
      failures.failed(packet.streamIndex, error)
    }
  }

  /// Moves a companion's packet to where the output begins.
  private func move(_ packet: UnsafeMutablePointer<AVPacket>, _ index: Int) {
    let start = companionStarts[index - 1]
    if packet.pointee.pts != fovea_nopts { packet.pointee.pts = packet.pointee.pts.subtractingClamped(start) }
    if packet.pointee.dts != fovea_nopts { packet.pointee.dts = packet.pointee.dts.subtractingClamped(start) }
  }

  private func isBeforeCut(_ packet: MediaPacket, _ index: Int) -> Bool {
    let time = packet.pointer.pointee.pts
    return isCut && time != fovea_nopts && time < companionStarts[index - 1]
  }

  private func interleaveCompanion(_ packet: UnsafeMutablePointer<AVPacket>, _ index: Int) throws {
    packet.pointee.stream_index = Int32(index)
    packet.pointee.pos = -1
    try interleave(packet, from: companionBases[index - 1])
  }

  /// Writes a packet that is already in this stream's time base and number.
  func writeAsIs(_ packet: UnsafeMutablePointer<AVPacket>, timeBase: AVRational) throws {
    lock.lock()
    defer { lock.unlock() }
    try interleave(packet, from: timeBase)
  }

  /// True when a copied packet comes before another packet of the container, or has no stream there.
  func isDue(_ companion: MediaPacket, before packet: UnsafeMutablePointer<AVPacket>, _ base: AVRational) -> Bool {
    guard let index = streamOf[companion.streamIndex] else { return true }
    let time = companion.pointer.pointee.dts.subtractingClamped(companionStarts[index - 1])
    return av_compare_ts(time, companionBases[index - 1], packet.pointee.dts, base) <= 0
  }

  /// The time base of a stream's packets, once the header is written.
  func timeBase(of stream: Int) -> AVRational { context.pointee.streams[stream]!.pointee.time_base }

  func finish() throws {
    lock.lock()
    defer { lock.unlock() }
    try ffmpeg(.writeTrailer(container: container), "cannot write \(name)") { av_write_trailer(context) }
    failures.warn(name)
    guard isOpen else { return }
    avio_flush(context.pointee.pb)
    let code = context.pointee.pb.pointee.error
    isOpen = false
    let closing = avio_closep(&context.pointee.pb)
    try ffmpeg(min(code, closing), "cannot write \(name)")
  }

  private var container: String { String(cString: context.pointee.oformat.pointee.name) }

  /// Of each stream.
  private var codecs: [String] {
    (0..<Int(context.pointee.nb_streams)).map { stream in
      String(cString: avcodec_get_name(context.pointee.streams[stream]!.pointee.codecpar.pointee.codec_id))
    }
  }

  private func interleave(_ packet: UnsafeMutablePointer<AVPacket>, from base: AVRational) throws {
    let index = Int(packet.pointee.stream_index)
    av_packet_rescale_ts(packet, base, timeBase(of: index))
    order[index].mend(packet)
    spans[index].add(packet.pointee)
    var code: Int32 = 0
    try ffmpeg(.writePacket(container: container, codec: codecs[index]), "cannot write \(name)") {
      code = av_interleaved_write_frame(context, packet)
      return code == -EPIPE ? 0 : code
    }
    if code == -EPIPE { throw OutputBroken(name: name) }
    if let io = context.pointee.pb?.pointee.error, io < 0 {
      if io == -EPIPE { throw OutputBroken(name: name) }
      try ffmpeg(io, "cannot write \(name)")
    }
  }

  private func add(_ video: VideoTrack, _ origin: StreamDescription?) throws {
    let stream = try ffmpeg(avformat_new_stream(context, nil), "cannot write \(name)")
    try ffmpeg(avcodec_parameters_copy(stream.pointee.codecpar, video.parameters), "cannot write \(name)")
    keepTag(of: video.parameters.pointee, in: stream)
    for data in video.sideData { try data.add(to: stream, "cannot write \(name)") }
    stream.pointee.time_base = video.timeBase.ffmpeg
    stream.pointee.avg_frame_rate = video.frameRate.ffmpeg
    stream.pointee.r_frame_rate = video.frameRate.ffmpeg
    stream.pointee.sample_aspect_ratio = video.parameters.pointee.sample_aspect_ratio
    videoBase = video.timeBase.ffmpeg
    guard let origin else { return }
    stream.pointee.disposition = origin.disposition
    try copyMetadata(origin.metadata.pointer, to: &stream.pointee.metadata, without: Self.videoKeys)
  }

  /// A tag tells variants of a codec apart, such as ProRes 422 HQ and 4444, but means the same only in the same family of
  /// containers: in others the muxer chooses one.
  private func keepTag(of parameters: AVCodecParameters, in stream: UnsafeMutablePointer<AVStream>) {
    let tags = context.pointee.oformat.pointee.codec_tag
    let isKnown = tags != nil && av_codec_get_id(tags, parameters.codec_tag) == parameters.codec_id
    stream.pointee.codecpar.pointee.codec_tag = isKnown ? parameters.codec_tag : 0
  }

  private func add(_ origin: StreamDescription) throws {
    let stream = try ffmpeg(avformat_new_stream(context, nil), "cannot write \(name)")
    try ffmpeg(avcodec_parameters_copy(stream.pointee.codecpar, origin.parameters), "cannot write \(name)")
    keepTag(of: origin.parameters.pointee, in: stream)
    if container == "avi", let rate = CodecFit.bitRate(stream.pointee.codecpar) {
      stream.pointee.codecpar.pointee.bit_rate = rate
    }
    for data in origin.sideData { try data.add(to: stream, "cannot write \(name)") }
    stream.pointee.time_base = origin.timeBase.ffmpeg
    stream.pointee.disposition = origin.disposition
    try copyMetadata(origin.metadata.pointer, to: &stream.pointee.metadata, without: Self.streamKeys)
    filters[Int(stream.pointee.index)] = try BitstreamFilter.needed(
      for: origin, in: container, what: "cannot copy stream \(origin.index) to \(name)")
    streamOf[origin.index] = Int(stream.pointee.index)
    companionBases.append(origin.timeBase.ffmpeg)
    companionStarts.append(av_rescale_q(beginning.time, beginningBase, origin.timeBase.ffmpeg))
  }
}

/// The reading end of the output is closed.
struct OutputBroken: Error, CustomStringConvertible {
  let name: String
  var description: String { "cannot write \(name): \(ffmpegReason(-EPIPE))" }
}

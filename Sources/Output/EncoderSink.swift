import CFFmpeg
import Frames
import Media
import Telemetry

/// Encodes frames into a container: a file, a pipe, or the network.
package final class EncoderSink: FrameSink, @unchecked Sendable {
  // Safety: `format`, `muxer` and `isEnded` change only in `open`, before packets come, and in `finish` and `abort`, after them.
  // `held` and `conversion` belong to the thread that writes packets, then to `finish`. The rest belongs to the thread that writes frames.
  private var format: OutputFormat
  private let destination: Destination
  private let options: SinkOptions
  private let codec: UnsafePointer<AVCodec>
  private let file: PartialFile?
  private var video: EncodedVideo?
  private var track: VideoTrack?
  private var muxer: Muxer?
  /// Copied streams that fragments can hold.
  private var dense: [StreamDescription] = []
  /// Copied streams that fragments cannot hold, such as subtitles.
  private var sparse: [StreamDescription] = []
  /// What the source has beside the video, when it is to be copied.
  private var copied: MediaCompanions?
  private var conversion: CompanionConversion?
  private var beginning = Beginning.at(0)
  private var held: [MediaPacket] = []
  private var isEnded = false

  init(_ format: OutputFormat, _ destination: Destination, _ options: SinkOptions) throws {
    (self.format, self.destination, self.options) = (format, destination, options)
    codec = try EncoderChoice.encoder(options.codec ?? format.encoder)
    if case .file(let path) = destination {
      file = try PartialFile(path, overwrite: options.overwrite, keeping: options.keeping)
    } else {
      file = nil
    }
    try checkCodec()
  }

  package func open(_ format: FrameFormat, companions: (any CompanionStreams)?) throws {
    do {
      if options.copiesCompanions, let companions = companions as? MediaCompanions {
        self.format = self.format.keepingCoverArt(of: companions, codec.pointee.id)
      }
      beginning = Beginning(self.format, keepsStart: options.keepsStart, companions as? MediaCompanions)
      let sideData = (companions as? MediaCompanions)?.video.sideData ?? []
      let video = try EncodedVideo(
        format, self.format, codec: codec, options, isLive: destination.isLive, name: destination.displayName,
        beginning: beginning, sideData: sideData)
      let track = try VideoTrack(
        video.encoder, timeBase: video.packetTimeBase, format: format, sideData: sideData)
      copied = options.copiesCompanions ? companions as? MediaCompanions : nil
      conversion = copied.map {
        CompanionConversion(
          $0, for: self.format.muxer, name: destination.displayName, beginning: beginning, format.timeBase,
          transcodes: options.transcodesCompanions)
      }
      let accepted = conversion?.streams ?? []
      dense = accepted.filter { !isFragmented || FragmentedFile.fits($0) }
      sparse = accepted.filter { isFragmented && !FragmentedFile.fits($0) }
      try file?.create()
      muxer = try started(track)
      (self.video, self.track) = (video, track)
    } catch {
      abort()
      throw error
    }
  }

  package var takenCompanions: Set<Int> { Set((dense + sparse).map(\.index)) }

  package func write(_ frame: Frame) throws {
    guard !isEnded, let video, let muxer else { return }
    try video.encode(frame, muxer.writeVideo)
  }

  package func write(_ packet: any CompanionPacket) throws {
    guard !isEnded, let packet = packet as? MediaPacket else { return }
    try conversion?.pass(packet, put)
  }

  private func put(_ packet: MediaPacket) throws {
    if isFragmented, sparse.contains(where: { $0.index == packet.streamIndex }) {
      held.append(try packet.copy())
      return
    }
    try muxer?.writeCompanion(packet)
  }

  package func finish(_ ending: Ending) throws {
    guard !isEnded, let video, let muxer, let track else { return }
    try video.drain(muxer.writeVideo)
    try conversion?.finish(put)
    try muxer.finish()
    if isFragmented { rewrite(muxer, track) }
    try file?.commit(ending)
    close()
  }

  /// Containers are written so that they play however they end; a trailer makes them whole where it can still be written.
  package func salvage() -> String? {
    guard !isEnded else { return nil }
    let isWorthKeeping = muxer?.spans.first?.first != nil
    if isWorthKeeping { try? muxer?.finish() }
    close()
    guard isWorthKeeping else {
      file?.discard()
      return nil
    }
    return file?.keep()
  }

  package func abort() {
    guard !isEnded else { return }
    close()
    file?.discard()
  }

  private func close() {
    isEnded = true
    (video, muxer, track) = (nil, nil, nil)
  }

  private var isFragmented: Bool { format.isFragmented && file?.isDirect == false }

  /// Makes a regular file of the fragmented one. Where that fails the fragmented file, which plays as well, gets the name.
  private func rewrite(_ fragments: Muxer, _ track: VideoTrack) {
    guard let file else { return }
    var partial: PartialFile?
    do {
      let result = try PartialFile(file.path, overwrite: true)
      partial = result
      try result.create()
      let final = try muxer(url: "file:" + result.partialPath, track, isFinal: true)
      let bases = (0...dense.count).map { fragments.timeBase(of: $0) }
      try FragmentedFile.copy(
        file.partialPath, into: final, spans: fragments.spans, timeBases: bases,
        start: FragmentedFile.finalOptions(track) + format.muxerOptions, held: held)
      try final.finish()
      file.replacePartial(with: result)
    } catch {
      partial?.discard()
      Log.warning("\(file.path) stays in fragments, which play but start slower over a network: \(error)")
    }
  }

  private func muxer(url: String, _ track: VideoTrack, isFinal: Bool) throws -> Muxer {
    let muxer = try Muxer(format.muxer, url: url, name: destination.displayName, beginning: beginning)
    try muxer.describe(track, isFinal ? dense + sparse : dense, of: copied, withChapters: isFinal)
    return muxer
  }

  private func started(_ track: VideoTrack) throws -> Muxer {
    let muxer = try muxer(url: url, track, isFinal: !isFragmented)
    let live = destination.networkScheme.map { StreamingOptions.of($0, format.muxer) } ?? []
    var muxerOptions = format.muxerOptions
    if format.isFragmented {
      muxerOptions += FragmentedFile.fragmentOptions + FragmentedFile.trackOptions(track)
    }
    try muxer.start(muxerOptions + live, protocolOptions: live)
    return muxer
  }

  /// What libavformat's protocols call the place.
  private var url: String {
    if case .network(let url) = destination { return url }
    return file.map { "file:" + $0.partialPath } ?? "pipe:1"
  }

  private func checkCodec() throws {
    guard let muxer = av_guess_format(format.muxer, nil, nil) else {
      throw UserError("this FFmpeg cannot write \(format.names[0]); name another format")
    }
    if !CodecFit.canHold(codec.pointee.id, in: muxer) {
      let name = String(cString: codec.pointee.name)
      throw UserError(
        "a file of format \(format.names[0]) cannot hold video of the encoder \(name); "
          + "leave out --codec (\(format.encoder)), or name the output .mkv", .usage)
    }
  }
}

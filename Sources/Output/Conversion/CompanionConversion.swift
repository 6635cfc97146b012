import CFFmpeg
import Frames
import Media

/// What an output takes of the streams beside the video: as they are, or converted where its container cannot hold them so.
final class CompanionConversion {
  /// The streams as the container gets them.
  let streams: [StreamDescription]
  private let converters: [Int: any CompanionConverter]
  private let name: String
  /// Converted packets that end before this time are not written: the run-in of an encoder.
  private let earliest: (time: Int64, base: AVRational)?
  private var failures = CompanionFailures()

  /// - Parameters:
  ///   - beginning: of the output, in units of `base`.
  ///   - transcodes: convert what the container cannot hold; otherwise it is left out.
  init(
    _ companions: MediaCompanions, for muxer: String, name: String, beginning: Beginning, _ base: Rational,
    transcodes: Bool
  ) {
    self.name = name
    earliest = ConversionTable.keepsRunIn(muxer) ? nil : (beginning.time, base.ffmpeg)
    let choice = CompanionChoice(muxer: muxer, name: name, transcodes: transcodes)
    (streams, converters) = choice.accepted(companions)
  }

  /// Hands on what becomes of a packet. What cannot be converted is left out and said at the end.
  func pass(_ packet: MediaPacket, _ write: (MediaPacket) throws -> Void) throws {
    guard let converter = converters[packet.streamIndex] else { return try write(packet) }
    guard !failures.hasGivenUp(packet.streamIndex) else { return }
    try run(converter, packet, write)
  }

  /// Hands on what converters still hold.
  func finish(_ write: (MediaPacket) throws -> Void) throws {
    for (_, converter) in converters.sorted(by: { $0.key < $1.key }) {
      try run(converter, nil, write)
    }
    failures.warn(name)
  }

  /// Converts a packet, or what is left when there is none. Errors of the conversion are noted, those of the output thrown.
  private func run(
    _ converter: any CompanionConverter, _ packet: MediaPacket?, _ write: (MediaPacket) throws -> Void
  ) throws {
    var outputError: (any Error)?
    func hand(_ made: MediaPacket) throws {
      guard !isRunIn(made.pointer.pointee, converter.result.timeBase.ffmpeg) else { return }
      do { try write(made) } catch {
        outputError = error
        throw error
      }
    }
    do {
      if let packet { try converter.convert(packet, hand) } else { try converter.finish(hand) }
      failures.succeeded(converter.result.index)
    } catch {
      if let outputError { throw outputError }
      failures.failed(converter.result.index, error)
    }
  }

  private func isRunIn(_ packet: AVPacket, _ base: AVRational) -> Bool {
    guard let earliest, packet.pts != fovea_nopts else { return false }
    let end = packet.pts.addingClamped(max(packet.duration, 1))
    return av_compare_ts(end, base, earliest.time, earliest.base) <= 0
  }
}

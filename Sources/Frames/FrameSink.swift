/// A consumer of frames: a file, a pipe, a stream. `open`, then `write` any number of times, then an end.
package protocol FrameSink: Sink {
  /// Prepares for frames of this format. Throws a sentence for the user.
  func open(_ format: FrameFormat, companions: (any CompanionStreams)?) throws
  /// The companion streams that it writes, by index, once it is open.
  var takenCompanions: Set<Int> { get }
  /// Takes one frame; its memory may be used again when this returns.
  func write(_ frame: Frame) throws
  /// Takes a packet of a companion stream. From the source's thread, at the same time as `write`.
  func write(_ packet: any CompanionPacket) throws
}

extension FrameSink {
  package var takenCompanions: Set<Int> { [] }
}

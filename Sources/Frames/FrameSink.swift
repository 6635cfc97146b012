/// A consumer of frames: a file, a pipe, a stream.
///
/// `open`, then `write` any number of times, then either `finish` or `abort`; further calls of those two do nothing.
package protocol FrameSink: AnyObject {
  /// Prepares for frames of this format. Throws a sentence for the user.
  func open(_ format: FrameFormat, companions: (any CompanionStreams)?) throws
  /// Takes one frame; its memory may be used again when this returns.
  func write(_ frame: Frame) throws
  /// Takes a packet of a companion stream. From the source's thread, at the same time as `write`.
  func write(_ packet: any CompanionPacket) throws
  /// Completes the output and gives it its final name.
  func finish() throws
  /// Gives up: leaves nothing half-written under the final name.
  func abort()
}

/// One class with its probability or score.
package struct ClassScore: Sendable, Hashable {
  package var label: String
  /// The class index in the model's output.
  package var index: Int
  /// Softmax probability, or the raw score when the model's sidecar says so.
  package var confidence: Float

  package init(label: String, index: Int, confidence: Float) {
    (self.label, self.index, self.confidence) = (label, index, confidence)
  }
}

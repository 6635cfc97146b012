/// A consumer of frames: a file, a pipe, a stream.
///
/// `open`, then `write` any number of times, then either `finish` or `abort`; further calls of those two do nothing.
package protocol FrameSink: AnyObject {
  /// Prepares for frames of this format. Throws what the user must know.
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
  /// The label.
  package var label: String
  /// The class index in the model's output.
  package var index: Int
  /// Softmax probability, or the raw score when the model's sidecar says so.
  package var confidence: Float

  /// All of it at once.
  package init(label: String, index: Int, confidence: Float) {
    (self.label, self.index, self.confidence) = (label, index, confidence)
  }
}

/// Which places of a picture mattered to the network.
package struct SaliencyReport: Sendable {
  /// The method's name.
  package var method: String
  /// The layers' names; empty for methods of the input.
  package var layer: String
  /// What was explained.
  package var target = ""
  /// The hottest place, in picture pixels.
  package var peak: (x: Double, y: Double) = (0, 0)
  /// The area around it that is at least half as hot: left, top, width, height in picture pixels.
  package var box: (x: Double, y: Double, width: Double, height: Double) = (0, 0, 0, 0)

  /// Nothing is known yet.
  package init(method: String, layer: String) { (self.method, self.layer) = (method, layer) }
}

/// What the network said about one frame, as plain data for the JSON Lines sink.
package struct FrameReport: Sendable {
  /// The number of the frame in its stream.
  package var frame: UInt64
  /// In time-base units, and in seconds.
  package var pts: Int64?
  /// Seconds.
  package var timestamp: Double?
  /// Best first; those of the latest analysed frame when this one was not analysed itself.
  package var top: [ClassScore]
  /// False where `--every N` skipped this frame.
  package var analysed: Bool
  /// Which places mattered; nil where nobody asked.
  package var saliency: SaliencyReport?
  /// Milliseconds per stage.
  package var timing: [(stage: String, milliseconds: Double)]

  /// All of it at once.
  package init(
    frame: UInt64, pts: Int64?, timestamp: Double?, top: [ClassScore], analysed: Bool,
    timing: [(stage: String, milliseconds: Double)]
  ) {
    (self.frame, self.pts, self.timestamp) = (frame, pts, timestamp)
    (self.top, self.analysed, self.timing) = (top, analysed, timing)
  }
}

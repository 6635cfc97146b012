/// A packet of a stream that is not the video (sound, subtitles, data) on its way past the pipeline, untouched.
package protocol CompanionPacket: AnyObject {}

/// What a container holds beside the video: streams to copy, chapters, metadata. Only `Media` knows what is inside.
package protocol CompanionStreams: AnyObject, Sendable {
  /// The same for an output that begins later than the source, with the frame of this time stamp.
  func beginning(at start: Int64) -> any CompanionStreams
}

/// What is known of a source once it is open.
package struct SourceInfo: Sendable {
  /// How the user named it.
  package var name: String
  /// Seconds, when the container says.
  package var duration: Double?
  /// The number of frames that will come, when it is known or can be estimated.
  package var frameCount: Int?
  /// A camera or a network stream: it cannot be read again and does not wait.
  package var isLive: Bool
  /// The streams beside the video; nil when there are none.
  package var companions: (any CompanionStreams)?

  package init(
    name: String, duration: Double? = nil, frameCount: Int? = nil, isLive: Bool = false,
    companions: (any CompanionStreams)? = nil
  ) {
    (self.name, self.duration, self.frameCount) = (name, duration, frameCount)
    (self.isLive, self.companions) = (isLive, companions)
  }
}

/// Faults of a source that it survived.
package struct SourceCounters: Sendable {
  /// Packets that the demuxer or decoder called damaged.
  package var damagedPackets = 0
  /// Frames that a driver dropped before they reached this program.
  package var driverDrops = 0
  /// How often a lost source came back.
  package var reconnects = 0

  package init() {}
}

/// A producer of frames: a file, a camera, a stream. Used by one thread; `interrupt` alone may come from another.
package protocol FrameSource: AnyObject {
  /// The format of every frame, upright and of one size from first to last.
  var format: FrameFormat { get }
  var info: SourceInfo { get }
  var counters: SourceCounters { get }
  /// Receives the packets of companion streams, in file order, on the thread that calls `read`.
  var onCompanion: ((any CompanionPacket) throws -> Void)? { get set }

  /// Tells which companion streams are wanted, by index, so that others need not be read. Until then all are.
  func select(companions: Set<Int>)
  /// Puts the next picture into `frame`; false at the end.
  func read(into frame: Frame) throws -> Bool
  /// Makes a blocked or later `read` return false soon. From any thread.
  func interrupt()
}

extension FrameSource {
  package func select(companions: Set<Int>) {}
}

import Frames

/// Takes every frame and keeps nothing: for jobs that write only data. Also the template for a new sink.
package final class NullSink: FrameSink {
  /// A sink that keeps nothing.
  package init() {}

  /// Does nothing.
  package func open(_ format: FrameFormat, companions: (any CompanionStreams)?) throws {}
  /// Does nothing.
  package func write(_ frame: Frame) throws {}
  /// Does nothing.
  package func write(_ packet: any CompanionPacket) throws {}
  /// Does nothing.
  package func finish() throws {}
  /// Does nothing.
  package func abort() {}
}

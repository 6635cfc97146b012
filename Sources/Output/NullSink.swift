import Frames

/// Takes every frame and keeps nothing: for jobs that write only data. Also the template for a new sink.
package final class NullSink: FrameSink {
  package init() {}

  package func open(_ format: FrameFormat, companions: (any CompanionStreams)?) throws {}
  package func write(_ frame: Frame) throws {}
  package func write(_ packet: any CompanionPacket) throws {}
  package func finish(_ ending: Ending) throws {}
  package func abort() {}
}

import Foundation
import Frames
import Imaging
import Synchronization
import Telemetry

/// Writes what the viewer shows, the overlay included, to a sink: frames go there on a thread of their own, the newest one when
/// the sink is slower than the camera.
package final class Recording: @unchecked Sendable {
  // Safety: `state` is guarded; the sink is used by the writing thread alone.
  private struct State {
    var name: String?
    var problem: String?
    var isEnding = false
  }
  private let state = Mutex(State())
  private let idle = DispatchGroup()

  /// Nothing is written yet.
  package init() {}

  /// What is being written; nil for nothing.
  package var name: String? { state.withLock { $0.name } }

  /// Why the last recording ended by itself.
  package var problem: String? { state.withLock { $0.problem } }

  /// Begins to write; does nothing while it does already.
  func start(
    _ make: () throws -> (name: String, sink: any FrameSink), hub: Hub, settings: WatchSettings, classes: Bool,
    passed: PassedOver
  ) throws {
    guard name == nil else { return }
    let (name, sink) = try make()
    state.withLock { ($0.name, $0.problem, $0.isEnding) = (name, nil, false) }
    Log.info("recording to \(name)")
    let writer = RecordingWriter(sink, hub: hub, settings: settings, scoresAreProbabilities: classes, passed: passed)
    idle.enter()
    Thread.detachNewThread { [self] in
      do {
        let frames = try writer.run { self.state.withLock { $0.isEnding } }
        Log.info("\(name) is complete: \(frames) frames")
      } catch {
        Log.warning("the recording \(name) has ended: \(error)")
        state.withLock { $0.problem = "The recording has ended: \(error)" }
      }
      state.withLock { $0.name = nil }
      idle.leave()
    }
  }

  /// Completes the recording; returns when it is on disk.
  package func stop() {
    state.withLock { $0.isEnding = true }
    idle.wait()
  }
}

/// Composes and writes the snapshots of a hub.
private final class RecordingWriter: @unchecked Sendable {
  // Safety: `run` is called once, by one thread.
  private let sink: any FrameSink
  private let hub: Hub
  private let settings: WatchSettings
  private let passed: PassedOver
  private let content = OverlayContent()
  private var composer: Composer?
  private var canvas: Frame?

  init(_ sink: any FrameSink, hub: Hub, settings: WatchSettings, scoresAreProbabilities: Bool, passed: PassedOver) {
    (self.sink, self.hub, self.settings, self.passed) = (sink, hub, settings, passed)
    content.scoresAreProbabilities = scoresAreProbabilities
  }

  /// Returns how many frames were written.
  func run(until isEnding: () -> Bool) throws -> Int {
    var wanted = settings
    (wanted.layer, wanted.survey) = (nil, false)
    let watcher = hub.join(wanted)
    defer { hub.leave(watcher) }
    var last: UInt64 = hub.latest?.number ?? 0
    var (isOpen, frames) = (false, 0)
    do {
      while !isEnding(), !hub.isOver {
        guard let snapshot = hub.next(after: last, seconds: 0.2) else { continue }
        // The first one follows what was there before.
        if isOpen { passed.note(from: last, to: snapshot.number) }
        last = snapshot.number
        if !isOpen {
          try open(snapshot.frame.format)
          isOpen = true
        }
        if try write(snapshot) { frames += 1 }
      }
      if isOpen { try sink.finish() } else { sink.abort() }
      return frames
    } catch {
      if isOpen { do { try sink.finish() } catch { sink.abort() } } else { sink.abort() }
      throw error
    }
  }

  private func open(_ format: FrameFormat) throws {
    var style = OverlayStyle()
    style.heat = settings.heat
    let composer = try Composer(input: format, layout: .overlay, style: style)
    canvas = Frame.allocated(composer.outputFormat)
    self.composer = composer
    try sink.open(composer.outputFormat, companions: nil)
  }

  /// False for pictures of another size, as after a change of cameras.
  private func write(_ snapshot: Snapshot) throws -> Bool {
    guard let composer, let canvas, snapshot.frame.format.width == canvas.format.width else { return false }
    content.top = snapshot.top.prefix(settings.top).map { .init(label: $0.label, value: $0.confidence) }
    let shown = settings.saliency.flatMap { snapshot.explanations[$0] }
    let values = shown?.values ?? []
    try values.withUnsafeBufferPointer { values in
      content.heat = nil
      if let shown, let base = values.baseAddress {
        content.heat = HeatMap(
          height: shown.height, width: shown.width, values: base, placement: snapshot.placement, peak: shown.peak)
      }
      composer.compose(source: snapshot.frame, into: canvas, content: content)
      content.heat = nil
      try sink.write(canvas)
    }
    return true
  }
}

import Foundation
import Frames
import Pipeline
import Synchronization
import Telemetry

/// Writes what the viewer shows, overlays included, to a file or a stream, on a thread of its own: where that is slower than the
/// camera, the newest frame is written next.
package final class SnapshotWriter: @unchecked Sendable {
  // Safety: `state` is guarded; a presenter is used by the writing thread alone.
  private struct State {
    var name: String?, problem: String?
    var isEnding = false
  }
  private let state = Mutex(State())
  private let idle = DispatchGroup()

  init() {}

  /// What is being written; nil for nothing.
  package var name: String? { state.withLock { $0.name } }

  /// Why the last one ended by itself.
  package var problem: String? { state.withLock { $0.problem } }

  /// Begins to write; does nothing while it does already.
  func start(_ make: () throws -> (name: String, sink: any FrameSink), from loop: LiveLoop, _ settings: WatchSettings)
    throws
  {
    guard name == nil else { return }
    let (name, sink) = try make()
    state.withLock { ($0.name, $0.problem, $0.isEnding) = (name, nil, false) }
    Log.info("recording to \(name)")
    let writing = Writing(sink, loop, settings)
    idle.enter()
    Thread.detachNewThread { [self] in
      do {
        let frames = try writing.run { self.state.withLock { $0.isEnding } }
        Log.info("\(name) is complete: \(frames) frames")
      } catch {
        Log.warning("the recording \(name) has ended: \(error)")
        state.withLock { $0.problem = "The recording has ended: \(error)" }
      }
      state.withLock { $0.name = nil }
      idle.leave()
    }
  }

  /// Completes the output; returns when it is on disk.
  package func stop() {
    state.withLock { $0.isEnding = true }
    idle.wait()
  }
}

/// One output from its first frame to its last.
private final class Writing: @unchecked Sendable {
  // Safety: `run` is called once, by one thread.
  private let presenter: Presenter
  private let loop: LiveLoop
  private let settings: WatchSettings
  private var frames = 0

  init(_ sink: any FrameSink, _ loop: LiveLoop, _ settings: WatchSettings) {
    var presentation = Presentation()
    presentation.sink = sink
    presentation.style = settings.overlayStyle
    presentation.explanation = settings.saliency
    presenter = Presenter(presentation, source: loop.sourceName)
    (self.loop, self.settings) = (loop, settings)
  }

  /// Returns how many frames were written.
  func run(until isEnding: () -> Bool) throws -> Int {
    let watcher = loop.board.join(settings)
    defer { loop.board.leave(watcher) }
    var last = loop.board.latest?.number ?? 0
    var packets: Int?
    do {
      while !isEnding(), !loop.board.isOver {
        guard let snapshot = loop.board.next(after: last, seconds: 0.2) else { continue }
        // The first one follows what was there before.
        if frames > 0 { loop.unwritten.note(from: last, to: snapshot.number) }
        last = snapshot.number
        if packets == nil {
          let companions = loop.companions?.beginning(at: snapshot.frame.pts ?? 0)
          try presenter.open(snapshot.frame.format, companions: companions)
          packets = loop.packets.add { [presenter] in try presenter.pass($0) }
        }
        _ = try presenter.present(snapshot.frame, snapshot.analysis, isFresh: snapshot.isFresh)
        frames += 1
      }
      if let packets { loop.packets.remove(packets) }
      if packets != nil { try presenter.sinks.finish(.complete) } else { presenter.sinks.abort() }
      return frames
    } catch {
      if let packets { loop.packets.remove(packets) }
      throw presenter.sinks.settle(after: error, written: frames, isWhole: true)
    }
  }
}

import Foundation
import Frames
import Pipeline
import Telemetry

/// A frame with what the network made of it, as it was published: read by any number of viewers.
final class Snapshot: @unchecked Sendable {
  // Safety: filled before it is published; afterwards nothing changes but the cache, which has a lock of its own.

  /// The picture, in memory that no source writes to.
  let frame: Frame
  /// What is known of it; nil where the source was lost.
  let analysis: Analysis?
  /// The analysis is of this very frame.
  let isFresh: Bool
  /// Which of the networks that were loaded computed it.
  let network: NetworkReport
  /// Counts what was published, from 1.
  var number: UInt64 = 0
  /// Seconds that parts of its way took until it was published.
  let spans: [Span: Double]
  var published = MonotonicTime(nanoseconds: 0)
  /// What was encoded of it, once for all viewers that want the same.
  let encoded = OnceCache()

  /// - Parameter waited: seconds that the frame took to come, and that it then waited for the network.
  init(
    frame: Frame, analysis: Analysis?, network: NetworkReport, waited: [Span: Double], isFresh: Bool = true
  ) {
    (self.frame, self.analysis, self.network, self.isFresh) = (frame, analysis, network, isFresh)
    var spans = waited
    if isFresh, let times = analysis?.times {
      (spans[.preprocess], spans[.inference], spans[.saliency]) = (times.preprocess, times.inference, times.saliency)
    }
    self.spans = spans
  }

  /// Milliseconds from the sensor, or the decoder, to here.
  var latency: Double { max(0, published.seconds(since: frame.captureTime)) * 1e3 }

  /// The frame as overlays draw it: with the explanation of these settings, where there is one.
  func shown(_ settings: WatchSettings, scale: (x: Double, y: Double) = (1, 1)) -> ShownFrame? {
    analysis.map { ShownFrame(frame, $0, settings.saliency.flatMap($0.explanation), scale: scale) }
  }
}

/// Bytes that are made once for each key, by the first caller; callers that ask for the same key meanwhile wait.
final class OnceCache: @unchecked Sendable {
  // Safety: `entries` is touched under `condition`.
  private enum Entry {
    case inTheMaking
    case made([UInt8])
  }

  private let condition = NSCondition()
  private var entries: [AnyHashable: Entry] = [:]

  var count: Int {
    condition.lock()
    defer { condition.unlock() }
    return entries.count
  }

  func clear() {
    condition.lock()
    entries = entries.filter { if case .inTheMaking = $0.value { true } else { false } }
    condition.unlock()
  }

  func bytes(_ key: some Hashable, make: () throws -> [UInt8]) rethrows -> [UInt8] {
    condition.lock()
    while let entry = entries[key] {
      if case .made(let bytes) = entry {
        condition.unlock()
        return bytes
      }
      condition.wait()
    }
    entries[key] = .inTheMaking
    condition.unlock()
    var made: [UInt8]?
    defer {
      condition.lock()
      entries[key] = made.map(Entry.made)
      condition.broadcast()
      condition.unlock()
    }
    let bytes = try make()
    made = bytes
    return bytes
  }
}

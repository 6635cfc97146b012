import Synchronization

/// The stages of a frame's way to a viewer, in order; their names are those of the JSON.
enum LiveStage: String, Sendable, CaseIterable {
  /// From the driver's time stamp, or the decoder, to this program.
  case capture
  /// Waiting for the network to have time.
  case queue
  /// The picture becomes the network's input.
  case preprocess
  /// The network's run.
  case inference
  /// Explanations, and what is kept of layers that are watched.
  case saliency
  /// The look at all layers, on some frames.
  case survey
  /// Drawing and encoding for a stream, or waiting for another one that wants the same.
  case encode
  /// From the encoded message until the kernel has sent nearly all of it.
  case send
}

/// Milliseconds that each stage took: of the latest frame, and over the last thousand.
final class StageMeters: Sendable {
  private let meters = LiveStage.allCases.map { _ in LatencyMeter() }
  private let newest = Mutex([Double](repeating: 0, count: LiveStage.allCases.count))

  /// One more.
  func note(_ stage: LiveStage, _ milliseconds: Double) {
    guard let index = LiveStage.allCases.firstIndex(of: stage) else { return }
    meters[index].note(milliseconds)
    newest.withLock { $0[index] = milliseconds }
  }

  /// All that a snapshot knows of itself.
  func note(_ times: StageTimes) { for (stage, value) in times.all { note(stage, value) } }

  /// Of the latest frame, by the stage's name.
  var latest: [String: Double] {
    let values = newest.withLock { $0 }
    return Dictionary(uniqueKeysWithValues: zip(LiveStage.allCases.map(\.rawValue), values))
  }

  /// The value that this share of the last thousand does not exceed, by the stage's name.
  func quantile(_ share: Double) -> [String: Double] {
    Dictionary(uniqueKeysWithValues: zip(LiveStage.allCases.map(\.rawValue), meters.map { $0.quantile(share) }))
  }
}

/// Milliseconds that the stages of a frame took until it was published.
struct StageTimes: Sendable {
  var capture = 0.0, queue = 0.0, preprocess = 0.0, inference = 0.0, saliency = 0.0
  /// Nil on frames without a survey.
  var survey: Double?

  /// Each with its stage.
  var all: [(stage: LiveStage, milliseconds: Double)] {
    [
      (.capture, capture), (.queue, queue), (.preprocess, preprocess), (.inference, inference), (.saliency, saliency),
    ] + (survey.map { [(.survey, $0)] } ?? [])
  }

  /// The same by the stage's name.
  var named: [String: Double] { Dictionary(uniqueKeysWithValues: all.map { ($0.stage.rawValue, $0.milliseconds) }) }
}

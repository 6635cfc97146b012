import Explanations
import Frames
import Imaging
import Pipeline
import Synchronization
import Telemetry
import Tensors

/// An explanation as it is shown: scaled to 0…1.
struct ShownExplanation: Sendable {
  let method: String
  let layer: String
  let target: String
  let height: Int
  let width: Int
  let values: [Float]
  /// Parts 0…1 of the network's input.
  let peak: (u: Double, v: Double)
  let box: (u: Double, v: Double, width: Double, height: Double)
}

/// A watched layer's values with what was measured of its channels.
struct WatchedLayer: Sendable {
  let value: String
  let channels: Int
  let height: Int
  let width: Int
  /// [C, H, W].
  let values: Tensor
  let statistics: [ChannelStatistics]
  let patches: PatchBook
}

/// All that is known of one frame: made by the thread that runs the network, then only read, by any number of viewers.
final class Snapshot: @unchecked Sendable {
  // Safety: filled before it is published; afterwards nothing changes but the cache, which has a lock of its own.

  /// The picture, in memory of its own.
  let frame: Frame
  /// The version of the wishes that it answers.
  var demand = -1
  /// Counts what was published, from 1.
  var number: UInt64 = 0
  /// Which of the networks that were loaded computed it.
  let network: NetworkReport
  /// A probability for each class; empty where the network has not seen the frame.
  var scores: [Float] = []
  /// The best first, at most 20.
  var top: [ClassScore] = []
  var layers: [String: WatchedLayer] = [:]
  var explanations: [SaliencyWish: ShownExplanation] = [:]
  /// Why an explanation is not there.
  var problems: [SaliencyWish: String] = [:]
  /// The latest survey of all layers.
  var survey: SurveyResult?
  /// The network's input, as it was filled.
  var input: Tensor?
  var placement = InputPlacement(left: 0, top: 0, width: 1, height: 1)
  var crop = Rect(x: 0, y: 0, width: 1, height: 1)
  var times = StageTimes()
  var published = MonotonicTime(nanoseconds: 0)
  /// What was encoded of it, once for all viewers who want the same.
  let encoded = OnceCache()

  init(frame: Frame, network: NetworkReport) { (self.frame, self.network) = (frame, network) }

  /// Milliseconds from the sensor, or the decoder, to here.
  var latency: Double { max(0, published.seconds(since: frame.captureTime)) * 1e3 }
}

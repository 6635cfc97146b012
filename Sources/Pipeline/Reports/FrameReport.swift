import Frames
import Imaging
import Telemetry

/// What the network said about one frame: a line of JSON Lines, and what HTTP answers (Docs/JSON.md).
package struct FrameReport: Encodable, Sendable {
  /// The version of the schema.
  package let version = 1
  /// The number of the frame in its stream.
  package let frame: UInt64
  /// Presentation time in units of the stream's time base.
  @Nullable package private(set) var pts: Int64?
  /// The same in seconds.
  @Nullable package private(set) var timestamp: Double?
  /// The input as the user named it.
  package let source: String
  /// Columns and rows of the picture.
  package let resolution: [Int]
  package let model: String
  /// Best first; those of the latest analysed frame when this one was not analysed itself.
  package let top: [ClassReport]
  /// False where `--every N` skipped this frame.
  package let analysed: Bool
  /// Which places mattered; null where nothing was explained.
  @Nullable package private(set) var saliency: SaliencyReport?
  /// Milliseconds, by the names of spans.
  package private(set) var timing: [String: Double] = [:]

  /// - Parameters:
  ///   - source: as the user named it.
  ///   - count: the most classes to name.
  ///   - isFresh: the analysis is of this very frame.
  ///   - timing: seconds that parts of the frame's way took, beside the analysis' own.
  package init(
    _ shown: ShownFrame, source: String, top count: Int = .max, isFresh: Bool = true, timing: [Span: Double] = [:]
  ) {
    let (picture, analysis) = (shown.frame, shown.analysis)
    (frame, self.source, analysed) = (picture.sequence, source, isFresh)
    resolution = [picture.format.width, picture.format.height]
    model = analysis.network.name
    top = analysis.top.prefix(count).map(ClassReport.init)
    var seconds = timing
    let own: [(Span, Double)] = [
      (.preprocess, analysis.times.preprocess), (.inference, analysis.times.inference),
      (.saliency, analysis.times.saliency),
    ]
    for (span, value) in own { seconds[span] = isFresh ? value : 0 }
    _pts = Nullable(wrappedValue: picture.pts)
    _timestamp = Nullable(wrappedValue: picture.seconds?.rounded(toPlaces: 6))
    _saliency = Nullable(wrappedValue: shown.explanation.map { SaliencyReport($0, on: shown) })
    add(seconds)
  }

  /// Adds what further parts of the frame's way took, in seconds.
  package mutating func add(_ seconds: [Span: Double]) {
    for (span, value) in seconds { timing[span.rawValue] = (value * 1e3).rounded(toPlaces: 3) ?? 0 }
  }
}

/// One class of a report.
package struct ClassReport: Encodable, Sendable {
  package let label: String
  /// Its position in the network's output.
  package let labelId: Int
  /// Its probability, or the raw score where the model's sidecar says so; null when it is not finite.
  @Nullable package private(set) var confidence: Double?

  package init(_ score: ClassScore) {
    (label, labelId) = (score.label, score.index)
    _confidence = Nullable(wrappedValue: score.confidence.rounded(toPlaces: 6))
  }
}

/// Which places of a picture mattered, in its pixels.
package struct SaliencyReport: Encodable, Sendable {
  package let method: String
  /// The layers that it looked at, joined by `+`; null for methods of the input.
  @Nullable package private(set) var layer: String?
  package let target: String
  /// The hottest place, x and y; null for a map that is the same everywhere.
  @Nullable package private(set) var peak: [Double]?
  /// The area around it that is at least half as hot: left, top, width, height; null where there is no peak.
  @Nullable package private(set) var box: [Double]?
  /// The number of the frame that was explained: an earlier one where frames do not wait for explanations.
  package let frame: UInt64
  /// Seconds of the stream from that frame to this one.
  @Nullable package private(set) var ageS: Double?

  init(_ explanation: Explanation, on shown: ShownFrame) {
    let size = (width: Double(shown.frame.format.width), height: Double(shown.frame.format.height))
    /// A place of the network's input on the picture; where the input reaches beyond the picture, its edge.
    func place(_ u: Double, _ v: Double) -> (x: Double, y: Double) {
      let point = shown.analysis.placement.point(u, v)
      return (min(max(point.x, 0), size.width), min(max(point.y, 0), size.height))
    }
    func tenths(_ numbers: [Double]) -> [Double] { numbers.map { $0.rounded(toPlaces: 1) ?? 0 } }
    _peak = Nullable(
      wrappedValue: explanation.peak.map { peak in
        let hottest = place(peak.u, peak.v)
        return tenths([hottest.x, hottest.y])
      })
    _box = Nullable(
      wrappedValue: explanation.box.map { box in
        let (first, last) = (place(box.u, box.v), place(box.u + box.width, box.v + box.height))
        return tenths([first.x, first.y, last.x - first.x, last.y - first.y])
      })
    (method, target, frame) = (explanation.method.name, explanation.target, explanation.frame)
    let age = explanation.seconds.flatMap { then in shown.frame.seconds.map { $0 - then } }
    _ageS = Nullable(wrappedValue: age?.rounded(toPlaces: 3))
    _layer = Nullable(wrappedValue: explanation.layers.isEmpty ? nil : explanation.layer)
  }
}
